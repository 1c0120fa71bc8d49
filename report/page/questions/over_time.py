"""Who was most played as the months went by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span

_WEEKS_UP_TO_DAYS = 100
_MONTHS_UP_TO_DAYS = 366 * 4


class ArtistShare(NamedTuple):
    """One artist in one week, month or quarter, with the ranks in the whole period."""

    begins: date
    artist_name: str
    plays: int
    minutes: float | None
    rank_by_plays: int
    rank_by_minutes: int


class NumberOne(NamedTuple):
    """The most played artist and track of one month or year."""

    begins: date
    artist_name: str | None
    artist_plays: int
    track_name: str | None
    track_artist: str | None
    track_plays: int


def grain(span: Span) -> str:
    """Return 'week', 'month' or 'quarter': the step in which the period is shown."""
    length = (span.last - span.first).days + 1
    if length <= _WEEKS_UP_TO_DAYS:
        return "week"
    return "month" if length <= _MONTHS_UP_TO_DAYS else "quarter"


def artists_over_time(listening: Listening, span: Span, limit: int = 7) -> list[ArtistShare]:
    """Return the artists of the first ranks, by plays or by minutes, in each step of time."""
    return ask(
        listening,
        ArtistShare,
        f"""
        WITH heard AS (
            SELECT artist_key, date_trunc('{grain(span)}', local_date)::DATE AS begins,
                max(artist_name) AS artist_name, {PLAYS} AS plays, {MINUTES} AS minutes
            FROM plays WHERE {IN_PERIOD} AND artist_key IS NOT NULL GROUP BY artist_key, begins
        ), whole AS (
            SELECT artist_key, max(artist_name) AS artist_name, sum(plays) AS plays,
                sum(minutes) AS minutes, min(begins) AS first
            FROM heard GROUP BY artist_key
        ), ranked AS (
            SELECT artist_key, artist_name,
                row_number() OVER (ORDER BY plays DESC, first, artist_key) AS by_plays,
                row_number() OVER (ORDER BY minutes DESC NULLS LAST, plays DESC, first, artist_key)
                    AS by_minutes
            FROM whole
        )
        SELECT h.begins, r.artist_name, h.plays, h.minutes, r.by_plays, r.by_minutes
        FROM heard AS h JOIN ranked AS r USING (artist_key)
        WHERE r.by_plays <= $limit OR r.by_minutes <= $limit
        ORDER BY h.begins, r.by_plays
        """,
        span,
        limit=limit,
    )


def numbers_one(listening: Listening, span: Span) -> list[NumberOne]:
    """Return the most played artist and track of each month; of each year in a longer period."""
    step = "year" if grain(span) == "quarter" else "month"
    return ask(
        listening,
        NumberOne,
        f"""
        WITH play AS (
            SELECT date_trunc('{step}', local_date)::DATE AS begins, artist_key, track_key,
                artist_name, track_name, played_at
            FROM plays WHERE {IN_PERIOD} AND is_counted
        ), track AS (
            SELECT begins, max(track_name) AS name, max(artist_name) AS artist, count(*) AS plays,
                row_number() OVER (
                    PARTITION BY begins ORDER BY count(*) DESC, min(played_at), track_key
                ) AS place
            FROM play GROUP BY begins, track_key
        ), artist AS (
            SELECT begins, max(artist_name) AS name, count(*) AS plays,
                row_number() OVER (
                    PARTITION BY begins ORDER BY count(*) DESC, min(played_at), artist_key
                ) AS place
            FROM play WHERE artist_key IS NOT NULL GROUP BY begins, artist_key
        )
        SELECT t.begins, a.name, coalesce(a.plays, 0), t.name, t.artist, t.plays
        FROM track AS t LEFT JOIN artist AS a ON a.begins = t.begins AND a.place = 1
        WHERE t.place = 1 ORDER BY t.begins
        """,
        span,
    )
