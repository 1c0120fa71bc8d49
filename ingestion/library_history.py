"""How a table remembers a library: its rows stay when what they tell of is taken out."""

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
    """All rows that a table is to hold of a person, and how they differ from those it held."""

    rows: list[Row]
    added: int
    removed: int
    changed: int

    @property
    def is_news(self) -> bool:
        return any((self.added, self.removed, self.changed))


def merge(table: Table, held: Iterable[Row], there: Iterable[Row], now: datetime) -> Merged:
    """Merge all that is ``there`` now with the rows that the table held, by the table's key.

    What is there keeps its ``first_seen`` and is seen now; if it was gone it is no longer, and
    counts as added. What is there no more stays as it was last seen, removed now unless before.
    """
    key = itemgetter(*table.key)
    compared = [name for name in table.column_names if name not in _NOT_COMPARED]
    before = {key(row): row for row in held}
    told = {key(row): row for row in there}
    gone = [row for each, row in before.items() if each not in told]
    rows = [{**row, "removed_at": row["removed_at"] or now} for row in gone]
    added, changed = 0, 0
    for each, row in told.items():
        old = before.get(each)
        first_seen = now if old is None else old["first_seen"]
        rows.append({**row, "first_seen": first_seen, "last_seen": now, "removed_at": None})
        if old is None or old["removed_at"] is not None:
            added += 1
        elif any(old.get(name) != row.get(name) for name in compared):
            changed += 1
    return Merged(rows, added, len(present(gone)), changed)


def present(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of what is still there."""
    return [row for row in rows if row["removed_at"] is None]
