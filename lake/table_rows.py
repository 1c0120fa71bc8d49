"""The data files that hold a table's rows, from its Delta log."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from deltalake import DeltaTable

from engines.engine import TableRows
from engines.python_words import person_group
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
    if partitions is not None:
        filters = [(str(table.partition_by), "in", sorted(partitions))]
    columns = frozenset(each.name for each in delta.schema().fields)
    return tuple(data_files(delta, path, filters)), columns


def require_plain(name: str, delta: DeltaTable) -> None:
    """Raise UnreadableTableError where reading a table takes more than its data files."""
    if delta.protocol().min_reader_version > PLAIN_READER_VERSION:
        raise UnreadableTableError(
            f"{name} was changed by another program and uses features of Delta that "
            "Soundlake does not read: restore the table, or delete its folder and run again"
        )


@lru_cache(maxsize=64)
def _opened(path: Path, log_state: tuple[str, int, int]) -> DeltaTable:
    return open_table(path)


def _log_state(path: Path) -> tuple[str, int, int]:
    """Return what identifies a state of the table, also among those of an earlier table."""
    newest = max((path / LOG_FOLDER).glob("*.json"))
    status = newest.stat()
    return newest.name, status.st_ino, status.st_mtime_ns
