"""Every way to read a table of the lake, and when each is used.

- A step of a run binds tables to its engine: ``Lake.bind`` (``incremental.lake``). The model then
  reads them by their full names, on either engine, as they stood when they were bound.
- Python reads a small table whole: ``Lake.rows`` in a run, ``lake.stored_rows`` outside of one.
- A command for people asks SQL: ``lake.reader.open_lake`` returns a DuckDB connection in which
  every table is a view. It takes milliseconds, whichever engine wrote the table.
- Whoever needs the data files themselves: ``lake.table_rows.table_rows``. All of the above do.
- Whether a table has changed, and what its rows were computed from: ``lake.provenance``, which
  reads the log by ``lake.commit_log`` in less than a millisecond.
- Statistics and upkeep of files: ``lake.delta_tables.open_table``, the table as delta-rs sees it.

``lake.checks`` holds what every run proves of the tables that it changed. Ways to write are in
``writers``.
"""
