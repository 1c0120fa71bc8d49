"""What is new and what is played again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods


class Discovery(NamedTuple):
    """New things of a period, and how few tracks make half of its plays."""

    plays: int
    tracks: int
    new_tracks: int
    new_artists: int
    plays_of_new_tracks: int
    tracks_of_half: int
    played_once: int


class DiscoveryStep(NamedTuple):
    """New things of one week, month or quarter."""

    begins: date
    plays: int
    new_tracks: int
    new_artists: int


def discovery(listening: Listening, periods: Periods) -> dict[str, Discovery]:
    """Return what each period brought; new is what was never heard before, in all that was read."""
    found = ask(
        listening,
        Discovery,
        """
        WITH counted AS (
            SELECT period, track, sum(plays) AS plays, min(first) AS first
            FROM period_counts WHERE NOT is_before AND plays > 0 GROUP BY period, track
        ), alike AS (
            -- tracks with as many plays as each other
            SELECT c.period, c.plays, count(*) AS tracks, count(*) FILTER (c.first = n.first) AS new
            FROM counted AS c JOIN track_names AS n ON n.thing = c.track
            GROUP BY c.period, c.plays
        ), placed AS (
            SELECT *,
                sum(plays * tracks) OVER (PARTITION BY period ORDER BY plays DESC) - plays * tracks
                    AS plays_before,
                sum(plays * tracks) OVER (PARTITION BY period) / 2 AS half
            FROM alike
        ), artist AS (
            SELECT c.period, count(DISTINCT c.artist) AS new
            FROM period_counts AS c
            JOIN artist_names AS n ON n.thing = c.artist AND n.first = c.first
            WHERE NOT c.is_before AND c.plays > 0 GROUP BY c.period
        )
        SELECT
            p.period, sum(p.plays * p.tracks)::BIGINT, sum(p.tracks)::BIGINT, sum(p.new)::BIGINT,
            coalesce(any_value(a.new), 0),
            sum(p.plays * p.new)::BIGINT,
            sum(least(p.tracks, greatest(ceil((p.half - p.plays_before) / p.plays), 0)))::BIGINT,
            coalesce(sum(p.tracks) FILTER (p.plays = 1), 0)::BIGINT
        FROM placed AS p LEFT JOIN artist AS a ON a.period = p.period GROUP BY p.period
        """,
        periods,
    )
    nothing = Discovery(0, 0, 0, 0, 0, 0, 0)
    return {key: rows[0] if rows else nothing for key, rows in found.items()}


def discovery_steps(listening: Listening, periods: Periods) -> dict[str, list[DiscoveryStep]]:
    """Return the new tracks and artists of each week, month or quarter of a period."""
    return ask(
        listening,
        DiscoveryStep,
        """
        WITH track AS (
            SELECT first AS local_date, count(*) AS new FROM track_names GROUP BY first
        ), artist AS (
            SELECT first AS local_date, count(*) AS new FROM artist_names GROUP BY first
        )
        SELECT d.period, d.step, sum(h.plays)::BIGINT,
            coalesce(sum(t.new), 0)::BIGINT, coalesce(sum(a.new), 0)::BIGINT
        FROM asked_days AS d
        JOIN heard_days AS h USING (local_date)
        LEFT JOIN track AS t USING (local_date)
        LEFT JOIN artist AS a USING (local_date)
        WHERE NOT d.is_before AND h.plays > 0
        GROUP BY d.period, d.step ORDER BY d.period, d.step
        """,
        periods,
    )
