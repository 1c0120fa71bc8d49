"""Small tables of what people decide, committed at once and without an engine.

The commit names the person, so that the next run recomputes what the decision affects for this
person alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from config.run_id import new_run_id
from lake.stored_rows import stored_rows
from schemas.table import Table
from writers.lake_lock import lake_lock
from writers.staged_rows import commit_rows

Row = Mapping[str, Any]


def put_row(
    data_dir: Path, table: Table, row: Row, now: datetime, *, same: Sequence[str] = ()
) -> bool:
    """Add a row in place of one with its key, unless that one has the ``same`` values too.

    Returns whether it was added.
    """

    def added(rows: list[Row]) -> list[Row]:
        others = [each for each in rows if not same_values(table.key, row, each)]
        is_there = any(same_values((*table.key, *same), row, each) for each in rows)
        return rows if is_there else [*others, row]

    return change_rows(data_dir, table, str(row["user_id"]), now, added)


def remove_row(data_dir: Path, table: Table, row: Row, now: datetime) -> bool:
    """Remove the row with the key of ``row``; return whether there was one."""

    def rest(rows: list[Row]) -> list[Row]:
        return [each for each in rows if not same_values(table.key, row, each)]

    return change_rows(data_dir, table, str(row["user_id"]), now, rest)


def change_rows(
    data_dir: Path,
    table: Table,
    user_id: str,
    now: datetime,
    change: Callable[[list[Row]], list[Row]],
) -> bool:
    """Replace the rows of a small table by changed ones in one commit, none where they are equal.

    Returns whether they differed.
    """
    with lake_lock(data_dir):
        rows: list[Row] = [*stored_rows(table, data_dir)]
        changed = change(rows)
        if changed == rows:
            return False
        commit_decisions(data_dir, table, user_id, now, changed)
    return True


def commit_decisions(
    data_dir: Path, table: Table, user_id: str, now: datetime, rows: Iterable[Row]
) -> None:
    """Replace the rows of a small table; the lake's lock must be held."""
    affected = {user_id: ()}
    commit_rows(table, data_dir, rows, new_run_id(now), "overwrite", affected=affected)


def same_values(names: Iterable[str], one: Row, other: Row) -> bool:
    """Return whether two rows have the same values under these names."""
    return all(one[name] == other[name] for name in names)
