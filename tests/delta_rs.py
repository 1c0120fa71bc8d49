"""What tests have delta-rs itself do to a table, wherever the table lies.

Its own readers and writers, which the project does without, fail below a folder whose name has a
bracket. So the table is moved to a plain folder for as long as they take.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake


def delete(path: Path, predicate: str | None = None) -> None:
    """Delete the rows of the table at ``path`` that meet a condition, or all."""
    with _in_plain_folder(path) as plain:
        DeltaTable(plain).delete(predicate)


def update(path: Path, updates: dict[str, str], predicate: str | None = None) -> None:
    with _in_plain_folder(path) as plain:
        DeltaTable(plain).update(updates, predicate=predicate)


def read(path: Path, version: int | None = None) -> pa.Table:
    """Return all rows of the table at ``path``, as it was at ``version``."""
    with _in_plain_folder(path) as plain:
        return DeltaTable(plain, version=version).to_pyarrow_table()


def newest_commit_info(path: Path) -> dict[str, Any]:
    with _in_plain_folder(path) as plain:
        (newest,) = DeltaTable(plain).history(1)
        return newest


def write(path: Path, rows: pa.Table, **options: Any) -> None:
    with _in_plain_folder(path) as plain:
        write_deltalake(plain, rows, **options)


@contextmanager
def _in_plain_folder(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        plain = Path(folder) / path.name
        if path.exists():
            shutil.move(path, plain)
        try:
            yield plain
        finally:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(plain, path)
