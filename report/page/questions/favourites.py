"""What is skipped, and what was loved and fell silent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, ask, make_once, prepare, run

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods

LEAST_KNOWN = 5
SILENT_DAYS = 180
LEAST_LOVED_PLAYS = 8
LEAST_LOVED_DAYS = 4


class SkipTotals(NamedTuple):
    """Skips of a period, of the plays where it is known."""

    plays: int
    known: int
    skips: int

    @property
    def rate(self) -> float | None:
        """Share of the plays with known skips that were skipped."""
        return self.skips / self.known if self.known else None


class Skipped(NamedTuple):
    """A track that is skipped; ``surely`` is the lower end of the 95% interval of its rate."""

    track_name: str | None
    artist_name: str | None
    skips: int
    known: int
    surely: float

    @property
    def rate(self) -> float:
        """Share of the plays with known skips that were skipped."""
        return self.skips / self.known


class Silent(NamedTuple):
    """A track that was loved and has not been heard for months."""

    track_name: str | None
    artist_name: str | None
    track_id: str | None
    plays: int
    minutes: float | None
    best_month: date
    best_month_plays: int
    last: date


def skip_totals(listening: Listening, periods: Periods) -> dict[str, SkipTotals]:
    """Return how many plays, short ones too, were skipped."""
    found = ask(
        listening,
        SkipTotals,
        """
        SELECT period, sum(all_plays)::BIGINT, sum(known_skips)::BIGINT, sum(skips)::BIGINT
        FROM period_counts WHERE NOT is_before GROUP BY period
        """,
        periods,
    )
    return {key: rows[0] if rows else SkipTotals(0, 0, 0) for key, rows in found.items()}


def skip_rate(skips: int, known: int) -> float | None:
    """Return the share skipped of the plays of which that is known; None of too few."""
    return skips / known if known >= LEAST_KNOWN else None


def lower_end(successes: str, trials: str) -> str:
    """Return the expression of the lower end of Wilson's 95 % interval (1927) of a share."""
    rate, z = f"({successes} / {trials})", f"(1.96 * 1.96 / {trials})"
    spread = f"sqrt({z} * {rate} * (1 - {rate}) + {z} * {z} / 4)"
    return f"({rate} + {z} / 2 - {spread}) / (1 + {z})"


def most_skipped(
    listening: Listening, periods: Periods, most: int = 10
) -> dict[str, list[Skipped]]:
    """Return the tracks most surely skipped (Wilson's interval), of five known plays or more."""
    return ask(
        listening,
        Skipped,
        f"""
        WITH counted AS (
            SELECT period, track, sum(skips)::BIGINT AS skips, sum(known_skips)::BIGINT AS known
            FROM period_counts WHERE NOT is_before GROUP BY period, track
        ), certain AS (
            SELECT *, {lower_end("skips", "known")} AS surely
            FROM counted WHERE skips > 1 AND known >= {LEAST_KNOWN}
        ), placed AS (
            SELECT *, row_number() OVER (
                PARTITION BY period ORDER BY surely DESC, skips DESC, track) AS place
            FROM certain
        )
        SELECT p.period, n.name, n.by, p.skips, p.known, p.surely
        FROM placed AS p JOIN track_names AS n ON n.thing = p.track
        WHERE p.place <= {most} ORDER BY p.period, p.place
        """,
        periods,
    )


def rediscover(listening: Listening, most: int = 12) -> list[Silent]:
    """Return loved tracks not heard for ``SILENT_DAYS``, the most played first.

    Loved is what was heard ``LEAST_LOVED_PLAYS`` times on ``LEAST_LOVED_DAYS`` days, and not
    skipped half of the times. A track that was begun lately is not silent.
    """
    prepare(listening)
    make_once(
        listening,
        "silent_tracks",
        f"""
        WITH loved AS (
            SELECT track, {PLAYS} AS plays, {MINUTES} AS minutes,
                max(local_date) FILTER (is_counted) AS heard_last
            FROM heard GROUP BY track
            HAVING {PLAYS} >= {LEAST_LOVED_PLAYS}
                AND max(local_date) <= DATE '{listening.today}' - {SILENT_DAYS}
                AND count(*) FILTER (skipped) * 2 < count(*)
        ), month AS (
            SELECT track, date_trunc('month', local_date)::DATE AS begins, count(*) AS plays,
                count(DISTINCT local_date) AS days
            FROM heard SEMI JOIN loved USING (track)
            WHERE is_counted GROUP BY track, begins
        )
        SELECT l.track, any_value(n.name) AS name, any_value(n.by) AS by,
            any_value(n.track_id) AS track_id, l.plays, l.minutes,
            arg_max(m.begins, (m.plays, m.begins)) AS best_month, max(m.plays) AS best_month_plays,
            l.heard_last
        FROM loved AS l JOIN month AS m USING (track) JOIN track_names AS n ON n.thing = l.track
        GROUP BY l.track, l.plays, l.minutes, l.heard_last
        HAVING sum(m.days) >= {LEAST_LOVED_DAYS}
        """,
    )
    found = run(
        listening,
        f"SELECT * EXCLUDE (track) FROM silent_tracks ORDER BY plays DESC, track LIMIT {most}",
    ).fetchall()
    return [Silent(*row) for row in found]
