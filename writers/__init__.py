"""Every way to write a table of the lake, and when each is used.

A run writes through its ``Lake`` (``incremental.lake``), which names the run in each commit:

- ``Lake.compare`` and ``Lake.replace``: a computed table; only slices that differ are written.
- ``Lake.append``: rows that the engine holds and the table does not, such as those of an import.
- ``Lake.append_rows``, ``Lake.replace_rows``: few rows that Python holds, without an engine.

All end in ``delta_writer.publish``: data files that lie aside become part of the table in one
commit (``table_files``), or nothing changes. ``row_files`` writes the data files of rows that
Python holds, ``row_ids`` makes their keys. ``lake_lock`` keeps out other runs, ``unfinished_run``
remembers one that was killed, ``upkeep`` joins small files and deletes old ones.
"""
