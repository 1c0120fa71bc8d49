"""A rule as one condition in SQL, over the columns of ``playlists.library``.

What is not known meets no condition: a track without a valence is neither above nor below 0.5, nor
is its valence other than 0.5. As in Navidrome there are exceptions, where people mean otherwise: a
text that is not known is not a given one and does not contain it (``isNot``, ``notContains``: a
track without genre is not christmas music), and what was never played was not played in the last
days (``notInTheLast``).

Every value is bound, none is written into the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lake.searched_text import folded
from playlists.fields import HOURS
from playlists.rules import Comparison, Group
from schemas.silver_schemas import SEASONS


@dataclass(frozen=True)
class Condition:
    """An expression in DuckDB's SQL and the values of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


def condition(part: Comparison | Group, today: date) -> Condition:
    """Return what a track must meet; ``today`` is the local date that days are counted from.

    The value of a condition on a playlist must be the playlist's id.
    """
    if isinstance(part, Group):
        parts = [condition(each, today) for each in part.parts]
        word = " AND " if part.kind == "all" else " OR "
        text = word.join(each.sql for each in parts)
        return Condition(f"({text})", tuple(each for found in parts for each in found.values))
    match part.field.kind:
        case "text":
            return _of_text(part)
        case "hours" | "seasons":
            return _of_bits(part)
        case "playlist":
            has = f"list_contains({part.field.column}, ?)"
            return Condition(has if part.operator == "inPlaylist" else f"NOT {has}", (part.value,))
        case _:
            return _of_value(part, today)


def _of_value(part: Comparison, today: date) -> Condition:
    """Return the condition on a number, a date, a truth value or a key."""
    column, value = part.field.column, part.value
    match part.operator:
        case "is":
            return Condition(f"{column} IN ({_marks(value)})", value)
        case "isNot":
            return Condition(f"{column} NOT IN ({_marks(value)})", value)
        case "gt" | "after":
            return Condition(f"{column} > ?", (value,))
        case "lt" | "before":
            return Condition(f"{column} < ?", (value,))
        case "inTheRange":
            return Condition(f"{column} BETWEEN ? AND ?", value)
        case "inTheLast":
            return Condition(f"{column} >= ?", (today - timedelta(days=value),))
        case "notInTheLast":
            since = today - timedelta(days=value)
            return Condition(f"({column} < ? OR {column} IS NULL)", (since,))
        case _:
            return _of_presence(part)


def _of_text(part: Comparison) -> Condition:
    """Return the condition on a text, compared in small letters without accents."""
    text = folded(part.field.column)
    match part.operator:
        case "is":
            return Condition(f"{text} IN ({_folded_marks(part.value)})", part.value)
        case "isNot":
            sql = f"coalesce({text} NOT IN ({_folded_marks(part.value)}), true)"
            return Condition(sql, part.value)
        case "contains":
            return Condition(f"contains({text}, {folded('?')})", (part.value,))
        case "notContains":
            return Condition(f"coalesce(NOT contains({text}, {folded('?')}), true)", (part.value,))
        case "startsWith":
            return Condition(f"starts_with({text}, {folded('?')})", (part.value,))
        case "endsWith":
            return Condition(f"ends_with({text}, {folded('?')})", (part.value,))
        case _:
            return _of_presence(part)


def _of_presence(part: Comparison) -> Condition:
    is_missing = (part.operator == "isMissing") is part.value
    return Condition(f"{part.field.column} IS {'NULL' if is_missing else 'NOT NULL'}")


def _of_bits(part: Comparison) -> Condition:
    """Return the condition on hours or seasons: whether it was ever played in one of them."""
    sign = "=" if part.operator == "isNot" else "<>"
    return Condition(f"({part.field.column} & ?) {sign} 0", (bits_asked(part),))


def bits_asked(part: Comparison) -> int:
    """Return the hours or seasons that a condition asks for, added up as in the column."""
    if part.field.kind == "seasons":
        places = [SEASONS.index(each) for each in part.value]
    elif part.operator == "inTheRange":
        # From 22 to 2 goes past midnight.
        first, last = part.value
        places = [(first + place) % HOURS for place in range((last - first) % HOURS + 1)]
    else:
        places = list(part.value)
    return sum({1 << place for place in places})


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" for _ in values)


def _folded_marks(values: Sequence[Any]) -> str:
    return ", ".join(folded("?") for _ in values)
