"""Listening in one go: sessions, which thirty silent minutes end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask, run

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span

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


def sessions(listening: Listening, span: Span) -> Sessions:
    """Return how many sessions began in the period and how long the typical one is."""
    _prepare(listening)
    return ask(
        listening,
        Sessions,
        f"""
        SELECT count(*),
            quantile_cont(plays, 0.5), quantile_cont(plays, 0.25), quantile_cont(plays, 0.75),
            quantile_cont(minutes, 0.5), quantile_cont(minutes, 0.25), quantile_cont(minutes, 0.75)
        FROM session_list WHERE {IN_PERIOD}
        """,
        span,
    )[0]


def longest_sessions(listening: Listening, span: Span, limit: int = 5) -> list[LongSession]:
    """Return the sessions with the most minutes heard; where no time is known, the most plays."""
    _prepare(listening)
    return ask(
        listening,
        LongSession,
        f"""
        SELECT local_date, hour, plays, minutes, first.name, first.artist
        FROM session_list WHERE {IN_PERIOD}
        ORDER BY minutes DESC NULLS LAST, plays DESC, local_date, hour LIMIT {limit}
        """,
        span,
    )


def session_lengths(listening: Listening, span: Span) -> list[SessionLength]:
    """Return how many sessions are of each of ``LENGTHS``."""
    _prepare(listening)
    counts = dict(
        run(
            listening,
            f"SELECT plays, count(*) FROM session_list WHERE {IN_PERIOD} GROUP BY plays",
            {"first": span.first, "last": span.last},
        ).fetchall()
    )
    return [
        SessionLength(
            least,
            most,
            sum(n for plays, n in counts.items() if least <= plays and plays <= (most or plays)),
        )
        for least, most in LENGTHS
    ]


def session_starts(listening: Listening, span: Span) -> list[SessionStart]:
    """Return how many sessions begin in each of the 24 hours."""
    _prepare(listening)
    found = dict(
        run(
            listening,
            f"SELECT hour, count(*) FROM session_list WHERE {IN_PERIOD} GROUP BY hour",
            {"first": span.first, "last": span.last},
        ).fetchall()
    )
    return [SessionStart(hour, found.get(hour, 0)) for hour in range(24)]


def openers(listening: Listening, span: Span, limit: int = 5) -> list[Opener]:
    """Return the tracks that most sessions of two plays or more begin with, twice at least."""
    _prepare(listening)
    return ask(
        listening,
        Opener,
        f"""
        SELECT max(first.name) AS name, max(first.artist), count(*) AS sessions
        FROM session_list WHERE {IN_PERIOD} AND plays > 1
        GROUP BY first.key HAVING count(*) > 1 ORDER BY sessions DESC, name LIMIT {limit}
        """,
        span,
    )


def _prepare(listening: Listening) -> None:
    """Make the table ``session_list``: a row a session with a counted play, by its beginning."""
    run(
        listening,
        f"""
        CREATE TEMP TABLE IF NOT EXISTS session_list AS
        SELECT
            min(local_date) AS local_date,
            arg_min(hour_of_day, played_at) AS hour,
            {PLAYS} AS plays,
            {MINUTES} AS minutes,
            arg_min(
                {{'key': track_key, 'name': track_name, 'artist': artist_name}}, played_at
            ) FILTER (is_counted) AS first
        FROM plays GROUP BY session_id HAVING bool_or(is_counted)
        """,
    )
