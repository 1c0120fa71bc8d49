"""Which months of which people a change touches, asked of the lake as it stands.

What is found may be too much, never too little.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb

from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACK_NAMES
from writers.row_changes import UnknownChangeError
from writers.slices import Slices, merged
from writers.table_view import quoted

# Above these a whole rebuild costs less than finding one's way.
MOST_SLICES = 2_000
MOST_TRACKS = 50_000

# Sessions end after 30 silent minutes and sources differ by 90 seconds: months between which
# nothing was heard for longer than this have nothing to do with each other.
SILENCE_MILLISECONDS = 2 * 60 * 60 * 1000
Span = tuple[int, int]
IS_MUSIC = "media_type IN ('track', 'video')"


def months_of(lake: duckdb.DuckDBPyConnection, track_keys: Collection[str]) -> Slices:
    """Give the months of people in which these tracks were played."""
    if not track_keys:
        return {}
    return slices_of(
        lake.execute(
            f"SELECT DISTINCT user_id, played_month FROM {LISTENING_WITH_FEATURES.full_name} "
            f"WHERE track_key IN (SELECT unnest(?)) LIMIT {MOST_SLICES + 1}",
            [sorted(track_keys)],
        ).fetchall()
    )


def with_linked_months(lake: duckdb.DuckDBPyConnection, slices: Slices) -> Slices:
    """Add the months before and after, as long as listening went on from one into the other."""
    found = slices
    while True:
        around = {
            person: months | {other for month in months for other in _neighbours(month)}
            for person, months in found.items()
        }
        spans = _spans(lake, around)
        linked = [
            (person, other)
            for person, months in found.items()
            for month in months
            for other in _neighbours(month)
            if other not in months and _is_linked(spans, person, *sorted((month, other)))
        ]
        if not linked:
            return found
        found = merged(found, slices_of(linked))


def _spans(lake: duckdb.DuckDBPyConnection, slices: Slices) -> dict[tuple[str, str], Span]:
    """Give when each person's listening began and ended in each month, in ms since 1970."""
    rows = lake.execute(
        "SELECT user_id, played_month, min(epoch_ms(played_at) - coalesce(ms_played, 0)), "
        f"max(epoch_ms(played_at)) FROM {LISTENING_HISTORY.full_name} WHERE {IS_MUSIC} "
        f"AND user_id IN ({_literals(slices)}) "
        f"AND played_month IN ({_literals(set().union(*slices.values()))}) GROUP BY ALL",
    ).fetchall()
    return {(person, month): (began, ended) for person, month, began, ended in rows}


def _is_linked(
    spans: Mapping[tuple[str, str], Span], person: str, month: str, next_month: str
) -> bool:
    before, after = spans.get((person, month)), spans.get((person, next_month))
    return before is not None and after is not None and after[0] - before[1] < SILENCE_MILLISECONDS


def tracks_in(lake: duckdb.DuckDBPyConnection, slices: Slices, told: list[str]) -> set[str]:
    """Give the tracks that were played in these months, as known before or told since."""
    rows = lake.execute(
        f"SELECT track_key FROM {LISTENING_WITH_FEATURES.full_name} WHERE {_inside(slices)} UNION "
        f"SELECT track_key FROM {TRACK_NAMES.full_name} WHERE name_key IN (SELECT unnest(?)) "
        f"LIMIT {MOST_TRACKS + 1}",
        [told],
    ).fetchall()
    return {row[0] for row in rows}


def later_first_plays(
    lake: duckdb.DuckDBPyConnection, slices: Slices, track_keys: Collection[str]
) -> Slices:
    """Give the months outside ``slices`` whose first play of a track may now be a later one."""
    return slices_of(
        lake.execute(
            f"SELECT DISTINCT user_id, played_month FROM {LISTENING_WITH_FEATURES.full_name} "
            f"WHERE {outside(slices)} AND first_play AND track_key IN (SELECT unnest(?)) "
            f"AND played_month > '{min(min(months) for months in slices.values())}' "
            f"LIMIT {MOST_SLICES + 1}",
            [sorted(track_keys)],
        ).fetchall()
    )


def _inside(slices: Slices) -> str:
    """Give the condition in SQL for rows of ``slices``; the months apart, to prune partitions."""
    pairs = ", ".join(
        f"({_literals([person])}, {_literals([month])})"
        for person, months in slices.items()
        for month in months
    )
    months = _literals(frozenset().union(*slices.values()))
    return f"played_month IN ({months}) AND (user_id, played_month) IN (VALUES {pairs})"


def outside(slices: Slices) -> str:
    """Give the condition in SQL for other months of the people in ``slices``."""
    return f"user_id IN ({_literals(slices)}) AND NOT ({_inside(slices)})"


def slices_of(found: Sequence[tuple[Any, ...]]) -> Slices:
    """Give rows of (user_id, month) as slices.

    Raises UnknownChangeError where they are more than ``MOST_SLICES``.
    """
    if len(found) > MOST_SLICES:
        raise UnknownChangeError(f"more than {MOST_SLICES} months of people changed")
    months: defaultdict[str, set[str]] = defaultdict(set)
    for person, month in found:
        months[person].add(month)
    return {person: frozenset(months[person]) for person in months}


def _neighbours(month: str) -> tuple[str, str]:
    first = date.fromisoformat(f"{month}-01")
    return f"{first - timedelta(days=1):%Y-%m}", f"{first + timedelta(days=31):%Y-%m}"


def _literals(values: Iterable[str]) -> str:
    """Give values as SQL literals: so written, and not as parameters, they prune partitions."""
    return ", ".join(map(quoted, sorted(values)))
