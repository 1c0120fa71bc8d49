"""How a table keeps a library's history: rows stay when their item is removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from schemas.library_schemas import HISTORY
from schemas.table import Table

Row = dict[str, Any]

# `item` holds figures that move by themselves, such as popularity; no reason to write a table.
_NOT_COMPARED = frozenset({"item", *(each.name for each in HISTORY)})


@dataclass(frozen=True)
class Merged:
    """All rows of a person after a merge, and how they differ from the rows before."""

    rows: list[Row]
    added: int
    removed: int
    changed: int

    @property
    def is_news(self) -> bool:
        return any((self.added, self.removed, self.changed))


def merge(table: Table, held: Iterable[Row], there: Iterable[Row], now: datetime) -> Merged:
    """Merge all items that are ``there`` now with the rows of the table, by the table's key.

    A present item keeps its ``first_seen`` and is seen now; one that was removed before counts as
    added. A missing item keeps its last state, and is removed now unless it was already.
    """
    key = itemgetter(*table.key)
    compared = [name for name in table.column_names if name not in _NOT_COMPARED]
    before = {key(row): row for row in held}
    present_rows = {key(row): row for row in there}
    gone = [row for each, row in before.items() if each not in present_rows]
    rows = [{**row, "removed_at": row["removed_at"] or now} for row in gone]
    added, changed = 0, 0
    for each, row in present_rows.items():
        old = before.get(each)
        first_seen = now if old is None else old["first_seen"]
        rows.append({**row, "first_seen": first_seen, "last_seen": now, "removed_at": None})
        if old is None or old["removed_at"] is not None:
            added += 1
        elif any(old.get(name) != row.get(name) for name in compared):
            changed += 1
    return Merged(rows, added, len(present(gone)), changed)


def present(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of items that are still present."""
    return [row for row in rows if row["removed_at"] is None]
