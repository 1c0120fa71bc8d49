"""Who was most played as the months went by."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, ask, grain, make_once, prepare, run

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
        WITH whole AS (
            SELECT period, artist, sum(plays) AS plays, sum(ms_played) / 60000.0 AS minutes,
                min(first_at) AS first_at
            FROM period_counts WHERE NOT is_before AND artist IS NOT NULL GROUP BY period, artist
        ), edge AS (
            SELECT period, list_min(max(plays, {most})) AS plays,
                list_min(max(minutes, {most})) AS minutes
            FROM whole GROUP BY period
        ), ranked AS (
            SELECT period, artist,
                row_number() OVER (PARTITION BY period ORDER BY w.plays DESC, first_at, artist)
                    AS by_plays,
                row_number() OVER (
                    PARTITION BY period
                    ORDER BY w.minutes DESC NULLS LAST, w.plays DESC, first_at, artist
                ) AS by_minutes
            FROM whole AS w JOIN edge AS e USING (period)
            WHERE w.plays >= e.plays OR w.minutes >= e.minutes
        ), shown AS (
            FROM ranked WHERE least(by_plays, by_minutes) <= {most}
        ), stepped AS (
            SELECT d.period, d.step, h.artist, {PLAYS} AS plays, {MINUTES} AS minutes
            FROM (FROM heard SEMI JOIN shown USING (artist)) AS h
            JOIN asked_days AS d USING (local_date)
            WHERE NOT d.is_before GROUP BY d.period, d.step, h.artist
        )
        SELECT s.period, s.step, n.name, s.plays, s.minutes, r.by_plays, r.by_minutes
        FROM shown AS r
        JOIN stepped AS s ON s.period = r.period AND s.artist = r.artist
        JOIN artist_names AS n ON n.thing = r.artist
        ORDER BY s.period, s.step, r.by_plays
        """,
        periods,
    )


def numbers_one(listening: Listening, periods: Periods) -> dict[str, list[NumberOne]]:
    """Return the most played artist and track of each calendar month that a period begins or holds.

    A period shown by quarters has those of its years. Months and years are taken whole.
    """
    prepare(listening)
    make_once(
        listening,
        "month_counts",
        """
        SELECT date_trunc('month', local_date)::DATE AS month, track, artist,
            count(*) AS plays, min(played_at) AS first_at
        FROM heard WHERE is_counted GROUP BY month, track, artist
        """,
    )
    steps = {"year" if grain(period) == "quarter" else "month" for period in periods}
    found = {step: _numbers_one(listening, step) for step in steps}
    answers = {}
    for period in periods:
        step, first = "month", period.first.replace(day=1)
        if grain(period) == "quarter":
            step, first = "year", first.replace(month=1)
        answers[period.id] = [row for row in found[step] if first <= row.begins <= period.last]
    return answers


def _numbers_one(listening: Listening, step: str) -> list[NumberOne]:
    def first(thing: str) -> str:
        """Return the query for the first ``thing`` of each step."""
        return f"""
            WITH each AS (
                SELECT date_trunc('{step}', month)::DATE AS begins, {thing} AS thing,
                    sum(plays)::BIGINT AS plays, min(first_at) AS first_at
                FROM month_counts WHERE {thing} IS NOT NULL GROUP BY begins, {thing}
            ), most AS (SELECT begins, max(plays) AS plays FROM each GROUP BY begins)
            FROM each SEMI JOIN most USING (begins, plays)
            QUALIFY row_number() OVER (PARTITION BY begins ORDER BY first_at, thing) = 1
        """

    table = f"first_of_each_{step}"
    make_once(
        listening,
        table,
        f"""
        SELECT t.begins, m.name AS artist_name, coalesce(a.plays, 0) AS artist_plays,
            n.name AS track_name, n.by AS track_artist, t.plays AS track_plays
        FROM ({first("track")}) AS t
        JOIN track_names AS n ON n.thing = t.thing
        LEFT JOIN ({first("artist")}) AS a ON a.begins = t.begins
        LEFT JOIN artist_names AS m ON m.thing = a.thing
        """,
    )
    found = run(listening, f"FROM {table} ORDER BY begins").fetchall()
    return [NumberOne(*row) for row in found]
