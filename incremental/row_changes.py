"""Which rows of a table some commits added and removed, found by comparing data files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from engines.parquet import path_literal
from engines.scratch_database import session
from lake.commit_log import Commit

Rows = list[tuple[Any, ...]]


class UnknownChangeError(Exception):
    """What changed is no longer known, or is too much to list."""


@dataclass(frozen=True)
class FileChanges:
    """Data files that a table gained and lost."""

    added: frozenset[Path]
    removed: frozenset[Path]


def file_changes(commits: Iterable[Commit] | None) -> FileChanges:
    """Return the files that ``commits`` (None: unknown) added and removed.

    Raises UnknownChangeError where the commits are unknown or a file is no longer there.
    """
    if commits is None:
        raise UnknownChangeError("the table's log does not reach back that far")
    added: set[Path] = set()
    removed: set[Path] = set()
    for commit in commits:
        # In order: a table that is brought back to an earlier version has removed files again.
        removed |= commit.removed_files - added
        added -= commit.removed_files
        added |= commit.added_files - removed
        removed -= commit.added_files
    if not all(each.exists() for each in added | removed):
        raise UnknownChangeError("a removed file has been deleted since")
    return FileChanges(frozenset(added), frozenset(removed))


def changed_rows(
    changes: FileChanges, columns: Sequence[str], *, where: str = "true", max_rows: int
) -> tuple[Rows, Rows]:
    """Return the added and the removed rows, as tuples of ``columns``.

    A row that only moved from one file to another is neither. ``where`` is a condition in SQL.
    Raises UnknownChangeError where there are more than ``max_rows`` of either, and where the files
    of an earlier release lack a column.
    """
    with session() as connection:
        for files in filter(None, (changes.added, changes.removed)):
            try:
                connection.execute(f"{_rows_in(files, columns, where)} LIMIT 0")
            except duckdb.BinderException:
                raise UnknownChangeError("files of an earlier release lack a column") from None
        added, removed = (
            connection.execute(f"{difference} LIMIT {max_rows + 1}").fetchall()
            if difference
            else []
            for difference in (
                _difference(changes.added, changes.removed, columns, where),
                _difference(changes.removed, changes.added, columns, where),
            )
        )
    if max(len(added), len(removed)) > max_rows:
        raise UnknownChangeError(f"more than {max_rows} rows changed")
    return added, removed


def _difference(
    files: frozenset[Path], others: frozenset[Path], columns: Sequence[str], where: str
) -> str:
    """Return the query for the rows of ``files`` that ``others`` lack; empty where none are."""
    if not files:
        return ""
    query = _rows_in(files, columns, where)
    return f"{query} EXCEPT ALL {_rows_in(others, columns, where)}" if others else query


def _rows_in(files: frozenset[Path], columns: Sequence[str], where: str) -> str:
    return f"(SELECT {', '.join(columns)} FROM {_read(files)} WHERE {where})"


def _read(files: frozenset[Path]) -> str:
    names = ", ".join(path_literal(each) for each in sorted(files))
    options = "union_by_name = true, hive_partitioning = true, hive_types_autocast = false"
    return f"read_parquet([{names}], {options})"
