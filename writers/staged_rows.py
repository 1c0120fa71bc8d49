"""Rows that Python holds, staged and committed in one step outside of a run."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

from lake.provenance import Provenance
from schemas.table import Table
from writers.delta_writer import publish
from writers.lake_lock import SCRATCH_FOLDER
from writers.row_files import write_rows
from writers.table_files import WriteMode


@contextmanager
def staging(data_dir: Path, name: str) -> Iterator[Path]:
    """Return a folder for files that are not part of a table yet; it is gone after the block."""
    staged = data_dir / SCRATCH_FOLDER / name
    staged.mkdir(parents=True, exist_ok=True)
    try:
        yield staged
    finally:
        rmtree(staged, ignore_errors=True)


def commit_rows(
    table: Table,
    data_dir: Path,
    rows: Iterable[Mapping[str, Any]],
    provenance: Provenance,
    *,
    mode: WriteMode,
) -> None:
    """Write rows to a table of the lake in ``data_dir`` in one commit.

    The lake's lock must be held.
    """
    with staging(data_dir, f"{provenance.run_id}-{table.name}") as staged:
        files = write_rows(table, rows, staged)
        publish(table, table.path(data_dir), staged, files, provenance, mode=mode)
