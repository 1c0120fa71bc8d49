"""How much was heard, and the first and last of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span


class Totals(NamedTuple):
    """What the plays of a period add up to; ``minutes`` is None where no time is known."""

    plays: int
    minutes: float | None
    tracks: int
    artists: int
    days: int
    plays_without_time: int

    @property
    def minutes_a_day(self) -> float | None:
        """Minutes on a day with music."""
        return self.minutes / self.days if self.minutes is not None and self.days else None


class EdgePlay(NamedTuple):
    """The first or the last counted play of a period."""

    local_date: date
    track_name: str | None
    artist_name: str | None
    track_id: str | None


def totals(listening: Listening, span: Span) -> Totals:
    """Return the totals of the period; all are 0 where nothing was played."""
    return ask(
        listening,
        Totals,
        f"""
        SELECT
            {PLAYS}, {MINUTES},
            count(DISTINCT track_key) FILTER (is_counted),
            count(DISTINCT artist_key) FILTER (is_counted),
            count(DISTINCT local_date) FILTER (is_counted),
            count(*) FILTER (is_counted AND ms_played IS NULL)
        FROM plays WHERE {IN_PERIOD}
        """,
        span,
    )[0]


def edge_plays(listening: Listening, span: Span) -> tuple[EdgePlay, EdgePlay] | None:
    """Return the first and the last counted play; None where there is none."""
    struct = "{'d': local_date, 't': track_name, 'a': artist_name, 'i': track_id}"
    first, last = listening.connection.execute(
        f"""
        SELECT arg_min({struct}, played_at), arg_max({struct}, played_at)
        FROM plays WHERE {IN_PERIOD} AND is_counted
        """,
        {"first": span.first, "last": span.last},
    ).fetchall()[0]
    if first is None:
        return None
    return EdgePlay(*first.values()), EdgePlay(*last.values())
