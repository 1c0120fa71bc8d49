"""Who was most played as the months went by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, ask, grain, prepare, run

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods


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


def artists_over_time(
    listening: Listening, periods: Periods, most: int = 7
) -> dict[str, list[ArtistShare]]:
    """Return the artists of the first ranks, by plays or by minutes, in each step of a period."""
    return ask(
        listening,
        ArtistShare,
        f"""
        WITH stepped AS (
            SELECT d.period, d.step, h.artist, {PLAYS} AS plays, {MINUTES} AS minutes,
                min(h.played_at) AS first_at
            FROM heard AS h JOIN asked_days AS d USING (local_date)
            WHERE NOT d.is_before AND h.artist IS NOT NULL
            GROUP BY d.period, d.step, h.artist
        ), whole AS (
            SELECT period, artist, sum(plays) AS plays, sum(minutes) AS minutes,
                min(first_at) AS first
            FROM stepped GROUP BY period, artist
        ), ranked AS (
            SELECT period, artist,
                row_number() OVER (PARTITION BY period ORDER BY plays DESC, first, artist)
                    AS by_plays,
                row_number() OVER (
                    PARTITION BY period ORDER BY minutes DESC NULLS LAST, plays DESC, first, artist
                ) AS by_minutes
            FROM whole
        )
        SELECT s.period, s.step, n.name, s.plays, s.minutes, r.by_plays, r.by_minutes
        FROM ranked AS r
        JOIN stepped AS s ON s.period = r.period AND s.artist = r.artist
        JOIN artist_names AS n ON n.thing = r.artist
        WHERE least(r.by_plays, r.by_minutes) <= {most}
        ORDER BY s.period, s.step, r.by_plays
        """,
        periods,
    )


def numbers_one(listening: Listening, periods: Periods) -> dict[str, list[NumberOne]]:
    """Return the most played artist and track of each calendar month that a period begins or holds.

    A period shown by quarters has those of its years. Months and years are taken whole.
    """
    prepare(listening)
    monthly, yearly = _numbers_one(listening, "month"), _numbers_one(listening, "year")
    answers = {}
    for period in periods:
        rows, first = monthly, period.first.replace(day=1)
        if grain(period) == "quarter":
            rows, first = yearly, first.replace(month=1)
        answers[period.id] = [row for row in rows if first <= row.begins <= period.last]
    return answers


def _numbers_one(listening: Listening, step: str) -> list[NumberOne]:
    found = run(
        listening,
        f"""
        WITH counted AS (
            SELECT date_trunc('{step}', local_date)::DATE AS begins, track, artist,
                count(*) AS plays, min(played_at) AS first_at
            FROM heard WHERE is_counted GROUP BY begins, track, artist
        ), track AS (
            SELECT begins, track, sum(plays)::BIGINT AS plays, row_number() OVER (
                PARTITION BY begins ORDER BY sum(plays) DESC, min(first_at), track) AS place
            FROM counted GROUP BY begins, track
        ), artist AS (
            SELECT begins, artist, sum(plays)::BIGINT AS plays, row_number() OVER (
                PARTITION BY begins ORDER BY sum(plays) DESC, min(first_at), artist) AS place
            FROM counted WHERE artist IS NOT NULL GROUP BY begins, artist
        )
        SELECT t.begins, m.name, coalesce(a.plays, 0), n.name, n.by, t.plays
        FROM track AS t
        JOIN track_names AS n ON n.thing = t.track
        LEFT JOIN artist AS a ON a.begins = t.begins AND a.place = 1
        LEFT JOIN artist_names AS m ON m.thing = a.artist
        WHERE t.place = 1 ORDER BY t.begins
        """,
    ).fetchall()
    return [NumberOne(*row) for row in found]
