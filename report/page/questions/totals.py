"""How much was heard, and the first and last of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods


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


class Compared(NamedTuple):
    """A period and the one before it, None where there is none."""

    now: Totals
    before: Totals | None


class EdgePlay(NamedTuple):
    """The first or the last counted play of a period."""

    local_date: date
    track_name: str | None
    artist_name: str | None
    track_id: str | None


class _Found(NamedTuple):
    is_before: bool
    totals: tuple[int, float | None, int, int, int, int]


def totals(listening: Listening, periods: Periods) -> dict[str, Compared]:
    """Return the totals of each period and of the one before; all 0 where nothing was played."""
    found = ask(
        listening,
        _found,
        """
        WITH day AS (
            SELECT d.period, count(*) AS days
            FROM asked_days AS d JOIN heard_days AS h USING (local_date)
            WHERE h.plays > 0 GROUP BY d.period
        ), total AS (
            SELECT
                period, sum(plays)::BIGINT AS plays, sum(ms_played) / 60000.0 AS minutes,
                count(DISTINCT track) FILTER (plays > 0) AS tracks,
                count(DISTINCT artist) FILTER (plays > 0) AS artists,
                sum(plays_without_time)::BIGINT AS plays_without_time
            FROM period_counts GROUP BY period
        )
        SELECT
            a.period, a.is_before, t.plays, t.minutes, t.tracks, t.artists,
            coalesce(d.days, 0), t.plays_without_time
        FROM asked AS a
        JOIN total AS t ON t.period = a.number
        LEFT JOIN day AS d ON d.period = a.number
        """,
        periods,
    )
    nothing = Totals(0, None, 0, 0, 0, 0)
    answers = {}
    for period in periods:
        both = {row.is_before: Totals(*row.totals) for row in found[period.id]}
        before = both.get(True, nothing) if period.before else None
        answers[period.id] = Compared(both.get(False, nothing), before)
    return answers


def edge_plays(
    listening: Listening, periods: Periods
) -> dict[str, tuple[EdgePlay, EdgePlay] | None]:
    """Return the first and the last counted play of each period; None where there is none."""
    found = ask(
        listening,
        EdgePlay,
        """
        WITH edge AS (
            SELECT period, min(first_at) AS at
            FROM period_counts WHERE NOT is_before GROUP BY period
            UNION ALL
            SELECT period, max(last_at)
            FROM period_counts WHERE NOT is_before GROUP BY period
        )
        SELECT e.period, min(h.local_date), min_by(n.name, h.track), min_by(n.by, h.track),
            min_by(n.track_id, h.track)
        FROM edge AS e
        JOIN heard AS h ON h.played_at = e.at AND h.is_counted
        JOIN track_names AS n ON n.thing = h.track
        GROUP BY e.period, e.at ORDER BY e.period, e.at
        """,
        periods,
    )
    return {key: (rows[0], rows[-1]) if rows else None for key, rows in found.items()}


def _found(is_before: bool, *values: int) -> _Found:
    return _Found(is_before, values)  # type: ignore[arg-type]
