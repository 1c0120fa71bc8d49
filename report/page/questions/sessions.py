"""Listening in one go: sessions, which thirty silent minutes end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, ask, make_once

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods

LENGTHS = ((1, 1), (2, 4), (5, 9), (10, 19), (20, 49), (50, None))


class Sessions(NamedTuple):
    """The sessions of a period: how many, and the middle half of them."""

    total: int
    median_plays: float | None
    low_plays: float | None
    high_plays: float | None
    median_minutes: float | None
    low_minutes: float | None
    high_minutes: float | None


class LongSession(NamedTuple):
    """One session by the local date and hour at which its first play ended."""

    local_date: date
    hour: int
    plays: int
    minutes: float | None
    track_name: str | None
    artist_name: str | None


class SessionLength(NamedTuple):
    """Sessions of ``least`` to ``most`` plays."""

    least: int
    most: int | None
    sessions: int


class Opener(NamedTuple):
    """A track that sessions begin with."""

    track_name: str | None
    artist_name: str | None
    sessions: int


class SessionStart(NamedTuple):
    """Sessions that begin in one hour of the day, local."""

    hour: int
    sessions: int


class _Counted(NamedTuple):
    value: int
    sessions: int


def sessions(listening: Listening, periods: Periods) -> dict[str, Sessions]:
    """Return how many sessions began in each period and how long the typical one is."""
    _prepare(listening)
    found = ask(
        listening,
        Sessions,
        """
        SELECT period, count(*),
            quantile_cont(plays, 0.5), quantile_cont(plays, 0.25), quantile_cont(plays, 0.75),
            quantile_cont(minutes, 0.5), quantile_cont(minutes, 0.25), quantile_cont(minutes, 0.75)
        FROM session_list JOIN asked_days USING (local_date) WHERE NOT is_before GROUP BY period
        """,
        periods,
    )
    nothing = Sessions(0, None, None, None, None, None, None)
    return {key: rows[0] if rows else nothing for key, rows in found.items()}


def longest_sessions(
    listening: Listening, periods: Periods, most: int = 5
) -> dict[str, list[LongSession]]:
    """Return the sessions with the most minutes heard; where no time is known, the most plays."""
    _prepare(listening)
    return ask(
        listening,
        LongSession,
        f"""
        WITH placed AS (
            SELECT period, s.*, row_number() OVER (
                PARTITION BY period
                ORDER BY minutes DESC NULLS LAST, plays DESC, s.local_date, hour
            ) AS place
            FROM session_list AS s JOIN asked_days USING (local_date) WHERE NOT is_before
        )
        SELECT p.period, p.local_date, p.hour, p.plays, p.minutes, n.name, n.by
        FROM placed AS p JOIN track_names AS n ON n.thing = p.first_track
        WHERE p.place <= {most} ORDER BY p.period, p.place
        """,
        periods,
    )


def session_lengths(listening: Listening, periods: Periods) -> dict[str, list[SessionLength]]:
    """Return how many sessions are of each of ``LENGTHS``."""
    _prepare(listening)
    found = ask(
        listening,
        _Counted,
        """
        SELECT period, plays, count(*) FROM session_list JOIN asked_days USING (local_date)
        WHERE NOT is_before GROUP BY period, plays
        """,
        periods,
    )
    return {
        key: [
            SessionLength(
                least, most, sum(n for plays, n in rows if least <= plays <= (most or plays))
            )
            for least, most in LENGTHS
        ]
        for key, rows in found.items()
    }


def session_starts(listening: Listening, periods: Periods) -> dict[str, list[SessionStart]]:
    """Return how many sessions begin in each of the 24 hours."""
    _prepare(listening)
    found = ask(
        listening,
        _Counted,
        """
        SELECT period, hour, count(*) FROM session_list JOIN asked_days USING (local_date)
        WHERE NOT is_before GROUP BY period, hour
        """,
        periods,
    )
    counts = {key: {row.value: row.sessions for row in rows} for key, rows in found.items()}
    return {
        key: [SessionStart(hour, by_hour.get(hour, 0)) for hour in range(24)]
        for key, by_hour in counts.items()
    }


def openers(listening: Listening, periods: Periods, most: int = 5) -> dict[str, list[Opener]]:
    """Return the tracks that most sessions of two plays or more begin with, twice at least."""
    _prepare(listening)
    return ask(
        listening,
        Opener,
        f"""
        WITH opened AS (
            SELECT period, first_track, count(*) AS sessions,
                row_number() OVER (PARTITION BY period ORDER BY count(*) DESC, first_track) AS place
            FROM session_list JOIN asked_days USING (local_date)
            WHERE NOT is_before AND plays > 1 GROUP BY period, first_track HAVING count(*) > 1
        )
        SELECT o.period, n.name, n.by, o.sessions
        FROM opened AS o JOIN track_names AS n ON n.thing = o.first_track
        WHERE o.place <= {most} ORDER BY o.period, o.place
        """,
        periods,
    )


def _prepare(listening: Listening) -> None:
    """Make the table ``session_list``: a row a session with a counted play, by its beginning."""
    make_once(
        listening,
        "session_list",
        f"""
        SELECT
            min(local_date) AS local_date,
            arg_min(hour_of_day, played_at) AS hour,
            {PLAYS} AS plays,
            {MINUTES} AS minutes,
            hash(arg_min(track_key, played_at) FILTER (is_counted)) AS first_track
        FROM plays GROUP BY session_id HAVING bool_or(is_counted)
        """,
    )
