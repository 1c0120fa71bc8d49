"""Which rows of a table came and went over some commits, told by the data files alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.parquet import path_literal
from engines.scratch_database import session
from lake.commit_log import Commit

Rows = list[tuple[Any, ...]]


class UnknownChangeError(Exception):
    """What changed can no longer be told, or is more than is worth telling."""


@dataclass(frozen=True)
class FileChanges:
    """Data files that a table gained and lost."""

    came: frozenset[Path]
    went: frozenset[Path]


def file_changes(commits: Iterable[Commit] | None) -> FileChanges:
    """Return the files that differ after ``commits`` (None: unknown) from before.

    Raises UnknownChangeError where the commits are unknown or a file is no longer there.
    """
    if commits is None:
        raise UnknownChangeError("the table's log does not reach back that far")
    commits = list(commits)
    came = frozenset[Path]().union(*(each.added_files for each in commits))
    went = frozenset[Path]().union(*(each.removed_files for each in commits))
    if not all(each.exists() for each in came ^ went):
        raise UnknownChangeError("a file that went has been deleted since")
    return FileChanges(came - went, went - came)


def changed_rows(
    changes: FileChanges, columns: Sequence[str], *, where: str = "true", most: int
) -> tuple[Rows, Rows]:
    """Return the rows that came and the rows that went, as tuples of ``columns``.

    A row that only moved from one file to another did neither. ``where`` is a condition in SQL.
    Raises UnknownChangeError where there are more than ``most`` of either.
    """
    with session() as connection:
        came, went = (
            connection.execute(f"{difference} LIMIT {most + 1}").fetchall() if difference else []
            for difference in (
                _difference(changes.came, changes.went, columns, where),
                _difference(changes.went, changes.came, columns, where),
            )
        )
    if max(len(came), len(went)) > most:
        raise UnknownChangeError(f"more than {most} rows changed")
    return came, went


def _difference(
    files: frozenset[Path], others: frozenset[Path], columns: Sequence[str], where: str
) -> str:
    """Return the query for the rows of ``files`` that ``others`` lack; empty where none are."""
    if not files:
        return ""
    query = _rows_in(files, columns, where)
    return f"{query} EXCEPT ALL {_rows_in(others, columns, where)}" if others else query


def _rows_in(files: frozenset[Path], columns: Sequence[str], where: str) -> str:
    names = ", ".join(path_literal(each) for each in sorted(files))
    source = f"read_parquet([{names}], hive_partitioning = true, hive_types_autocast = false)"
    return f"(SELECT {', '.join(columns)} FROM {source} WHERE {where})"
