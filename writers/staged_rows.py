"""Rows that Python or a query has, staged and committed in one step outside of a run.

The lake's lock must be held.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb

from engines.parquet import write_parquet
from lake.provenance import Provenance
from schemas.table import Table
from writers.delta_writer import publish
from writers.lake_lock import SCRATCH_FOLDER
from writers.row_files import write_rows
from writers.table_files import WriteMode


def commit_rows(
    table: Table,
    data_dir: Path,
    rows: Iterable[Mapping[str, Any]],
    run_id: str,
    mode: WriteMode,
    *,
    affected: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write rows to a table of the lake in ``data_dir`` in one commit.

    ``affected`` are the people whose rows change, as in ``Provenance``.
    """
    provenance = Provenance(run_id, table.full_name, {}, {}, 1, affected=affected)
    with _staging(table, data_dir, run_id) as staged:
        files = write_rows(table, rows, staged)
        publish(table, table.path(data_dir), staged, files, provenance, mode=mode)


def commit_query(
    connection: duckdb.DuckDBPyConnection, query: str, table: Table, data_dir: Path, run_id: str
) -> None:
    """Have a table of the lake in ``data_dir`` hold what ``query`` selects, in one commit.

    A table that is not there is not created for no rows.
    """
    with _staging(table, data_dir, run_id) as staged:
        files = write_parquet(connection, query, table, staged)
        if files or table.exists(data_dir):
            provenance = Provenance(run_id, table.full_name, {}, {}, 1)
            publish(table, table.path(data_dir), staged, files, provenance, mode="overwrite")


@contextmanager
def _staging(table: Table, data_dir: Path, run_id: str) -> Iterator[Path]:
    """Return a folder for files that are not part of a table yet; it is gone after the block."""
    staged = data_dir / SCRATCH_FOLDER / f"{run_id}-{table.name}"
    staged.mkdir(parents=True, exist_ok=True)
    try:
        yield staged
    finally:
        rmtree(staged, ignore_errors=True)
