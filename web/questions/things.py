"""What was heard of one artist, track, album or genre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.listening import Listening, Period
from report.page.questions.asking import MINUTES, PLAYS, grain, run
from report.page.questions.hours import WeekHour
from schemas.decision_schemas import CORRECTIONS
from web.questions.made import make_names, make_ranks

Kind = Literal["artist", "track", "album", "genre"]


@dataclass(frozen=True)
class Thing:
    """An artist, track, album or genre: its name, and its number in ``heard`` as SQL.

    ``artist`` is who made a track or album.
    """

    kind: Kind
    key: str
    name: str | None
    number: str
    artist_key: str | None = None
    artist: str | None = None
    track_id: str | None = None

    @property
    def is_it(self) -> str:
        """The condition that a row of ``heard`` is of it."""
        return f"{self.kind} = {self.number}"


class Amounts(NamedTuple):
    """What was heard of a thing in a time, and beside it of everything."""

    plays: int
    minutes: float | None
    days: int
    tracks: int
    skips: int
    known_skips: int
    first: date | None
    last: date | None
    all_plays: int
    all_minutes: float | None


class Places(NamedTuple):
    """The rank among all of its kind in a period, by both measures, and how many there are."""

    by_plays: int
    by_minutes: int
    of: int


class Step(NamedTuple):
    """What was heard in one week, month or quarter."""

    begins: date
    plays: int
    minutes: float | None


class Rank(NamedTuple):
    """The place among all of its kind in one month or year."""

    begins: date
    by_plays: int
    by_minutes: int


def number_in_heard(kind: Kind) -> str:
    """Return the number of what a row of ``heard`` is of, as SQL: a genre stands there as text."""
    return "hash(genre)" if kind == "genre" else kind


def find(listening: Listening, kind: Kind, key: str, artist_key: str = "") -> Thing | None:
    """Return a thing by its key, an album by its name and ``artist_key``; None if not known.

    What the person says is the same as another is found as that one.
    """
    found = _named(listening, kind, key, artist_key)
    if found is None and kind in ("track", "artist"):
        found = _named(listening, kind, _corrected(listening, kind, key), "")
    elif found is None and kind == "album":
        found = _named(listening, kind, key, _corrected(listening, "artist", artist_key))
    return found


def _corrected(listening: Listening, kind: str, key: str) -> str:
    """Return the key that counts for a key of a track or artist."""
    if not has_table(listening.connection, CORRECTIONS.full_name):
        return key
    found = run(
        listening,
        f"""
        SELECT into_key FROM {CORRECTIONS.full_name}
        WHERE user_id = {literal(listening.user_id)} AND kind = '{kind}'
            AND item_key = {literal(key)}
        """,
    ).fetchone()
    return key if found is None else str(found[0])


def _named(listening: Listening, kind: Kind, key: str, artist_key: str) -> Thing | None:
    make_names(listening)
    # Looked for by its number: comparing one is faster than comparing every key.
    hashed = f"{literal(artist_key)}, {literal(key)}" if kind == "album" else literal(key)
    found = run(
        listening,
        f"""
        SELECT key, name, thing::VARCHAR, artist_key, artist, track_id FROM names
        WHERE thing = hash({hashed}) AND kind = '{kind}' AND key = {literal(key)}
        """,
    ).fetchone()
    if found is None:
        return None
    key, name, number, *others = found
    # In ``heard`` a genre stands for itself.
    return Thing(
        kind, key, name, literal(key) if kind == "genre" else f"{number}::UBIGINT", *others
    )


def amounts(listening: Listening, thing: Thing, period: Period) -> Amounts:
    """Return what was heard of it in the period."""
    [row] = run(
        listening,
        f"""
        SELECT
            {PLAYS}, {MINUTES},
            count(DISTINCT local_date) FILTER (is_counted),
            count(DISTINCT track) FILTER (is_counted),
            count(*) FILTER (skipped), count(skipped),
            min(local_date) FILTER (is_counted), max(local_date) FILTER (is_counted)
        FROM heard WHERE {thing.is_it} AND {within(period)}
        """,
    ).fetchall()
    [whole] = run(
        listening, f"SELECT {PLAYS}, {MINUTES} FROM heard WHERE {within(period)}"
    ).fetchall()
    return Amounts(*row, *whole)


def places(listening: Listening, thing: Thing, period: Period) -> Places | None:
    """Return its rank among all of its kind, as the tops have it; None if nothing was played."""
    found = run(
        listening,
        f"""
        WITH counted AS (
            SELECT {thing.kind} AS thing, {PLAYS} AS plays, {MINUTES} AS minutes,
                min(played_at) FILTER (is_counted) AS first_at
            FROM heard WHERE {within(period)} AND {thing.kind} IS NOT NULL
            GROUP BY {thing.kind} HAVING bool_or(is_counted)
        ), placed AS (
            SELECT thing, row(-plays, first_at, thing) AS by_plays,
                row(-coalesce(minutes, -1), -plays, first_at, thing) AS by_minutes
            FROM counted
        )
        SELECT
            1 + count(*) FILTER (p.by_plays < it.by_plays),
            1 + count(*) FILTER (p.by_minutes < it.by_minutes),
            count(*)
        FROM placed AS p, (SELECT * FROM placed WHERE thing = {thing.number}) AS it
        """,
    ).fetchone()
    return None if found is None or not found[2] else Places(*found)


def history(listening: Listening, thing: Thing, period: Period) -> list[Step]:
    """Return the weeks, months or quarters of a period in which it was heard."""
    found = run(
        listening,
        f"""
        SELECT date_trunc('{grain(period)}', local_date)::DATE AS begins, {PLAYS}, {MINUTES}
        FROM heard WHERE {thing.is_it} AND {within(period)} GROUP BY begins ORDER BY begins
        """,
    ).fetchall()
    return [Step(*row) for row in found]


def week_of(listening: Listening, thing: Thing, period: Period) -> list[WeekHour]:
    """Return all 168 hours of the week, Monday 0 h first."""
    found = run(
        listening,
        f"""
        SELECT isodow(local_date), hour_of_day, {PLAYS}, {MINUTES}
        FROM heard WHERE {thing.is_it} AND {within(period)} GROUP BY ALL
        """,
    ).fetchall()
    hours = {(weekday, hour): WeekHour(weekday, hour, *row) for weekday, hour, *row in found}
    return [
        hours.get((weekday, hour), WeekHour(weekday, hour, 0, None))
        for weekday in range(1, 8)
        for hour in range(24)
    ]


def ranks(listening: Listening, thing: Thing, period: Period) -> list[Rank]:
    """Return its rank in the months of a period, of one shown by quarters in the years."""
    step = "year" if grain(period) == "quarter" else "month"
    found = run(
        listening,
        f"""
        SELECT begins, by_plays, by_minutes FROM {make_ranks(listening, thing.kind, step)}
        WHERE thing = {thing.number}
          AND begins BETWEEN date_trunc('{step}', DATE '{period.first}') AND DATE '{period.last}'
        ORDER BY begins
        """,
    ).fetchall()
    return [Rank(*row) for row in found]


def within(period: Period) -> str:
    """Return the condition that a play lies in the period."""
    return f"local_date BETWEEN DATE '{period.first}' AND DATE '{period.last}'"
