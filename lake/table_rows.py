"""The data files that hold a table's rows, from its Delta log."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from deltalake import DeltaTable

from config.version import VERSION
from engines.engine import TableRows
from engines.python_words import person_group
from lake.commit_log import newest_change
from lake.delta_tables import LOG_FOLDER, data_files, open_table
from schemas.table import PERSON_GROUP, Table, is_table

PLAIN_READER_VERSION = 1
"""Tables of a later version may have deletion vectors or renamed columns."""


class UnreadableTableError(ValueError):
    """A table uses features of Delta that the project never writes; one line with the fix."""


def table_rows(
    table: Table,
    data_dir: Path,
    *,
    people: frozenset[str] | None = None,
    partitions: Collection[str] | None = None,
) -> TableRows:
    """Return the current rows of a table, none where it is absent.

    ``people`` limits them to these people, ``partitions`` to values of the partition column. Under
    the lake's lock the files stay. Raises UnreadableTableError.
    """
    return rows_at(table, table.path(data_dir), people=people, partitions=partitions)


def rows_at(
    table: Table,
    path: Path,
    *,
    people: frozenset[str] | None = None,
    partitions: Collection[str] | None = None,
) -> TableRows:
    """Return what ``table_rows`` does for a table in a folder of its own choosing."""
    if not is_table(path):
        return TableRows(table, (), frozenset(), people)
    if people is not None and table.partition_by == PERSON_GROUP:
        partitions = {str(person_group(person)) for person in people}
    chosen = None if partitions is None else frozenset(partitions)
    files, columns = _files_and_columns(table, path, _log_state(path), chosen)
    return TableRows(table, files, columns, people)


# A run asks for the same version some three times: to open it takes 10 ms, to list files as long.
@lru_cache(maxsize=256)
def _files_and_columns(
    table: Table, path: Path, log_state: tuple[str, int, int], partitions: frozenset[str] | None
) -> tuple[tuple[Path, ...], frozenset[str]]:
    delta = _opened(path, log_state)
    require_plain(table.full_name, delta)
    filters = None
    partitioned_by = {*delta.metadata().partition_columns}
    if partitions is not None and table.partition_by in partitioned_by:
        filters = [(table.partition_by, "in", sorted(partitions))]
    # The values of another partition column stand in no file.
    elsewhere = partitioned_by - {table.partition_by}
    columns = frozenset(each.name for each in delta.schema().fields) - elsewhere
    return tuple(data_files(delta, path, filters)), columns


def is_laid_out(table: Table, data_dir: Path) -> bool:
    """Return whether a table is there, partitioned as declared: older releases did it otherwise."""
    path = table.path(data_dir)
    if not is_table(path):
        return False
    change = newest_change(path)
    columns = None if change is None else change.partition_columns
    if columns is None:
        columns = frozenset(_opened(path, _log_state(path)).metadata().partition_columns)
    return columns == {*table.partition_columns}


def require_plain(name: str, delta: DeltaTable) -> None:
    """Raise UnreadableTableError where reading a table takes more than its data files."""
    version = delta.protocol().min_reader_version
    if version > PLAIN_READER_VERSION:
        raise UnreadableTableError(
            f"{name} was changed by a newer Soundlake or another program: it needs Delta's reader "
            f"version {version}, and Soundlake {VERSION} reads {PLAIN_READER_VERSION}; update "
            "Soundlake, or bring a backup back (main.py restore)"
        )


@lru_cache(maxsize=64)
def _opened(path: Path, log_state: tuple[str, int, int]) -> DeltaTable:
    return open_table(path)


def _log_state(path: Path) -> tuple[str, int, int]:
    """Return what identifies a state of the table, also among those of an earlier table."""
    newest = max((path / LOG_FOLDER).glob("*.json"))
    status = newest.stat()
    return newest.name, status.st_ino, status.st_mtime_ns
