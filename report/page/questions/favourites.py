"""What is skipped, and what was loved and fell silent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span

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


def skip_totals(listening: Listening, span: Span) -> SkipTotals:
    """Return how many plays, short ones too, were skipped."""
    return ask(
        listening,
        SkipTotals,
        f"""
        SELECT count(*), count(skipped), count(*) FILTER (skipped) FROM plays WHERE {IN_PERIOD}
        """,
        span,
    )[0]


def most_skipped(listening: Listening, span: Span, limit: int = 10) -> list[Skipped]:
    """Return the tracks most surely skipped (Wilson's interval), of five known plays or more."""
    return ask(
        listening,
        Skipped,
        f"""
        WITH track AS (
            SELECT track_key, count(*) FILTER (skipped) AS skips, count(skipped) AS known
            FROM plays WHERE {IN_PERIOD} GROUP BY track_key HAVING known >= {LEAST_KNOWN}
        ), rated AS (
            SELECT *, skips / known AS rate, 1.96 * 1.96 / known AS z FROM track WHERE skips > 1
        ), shown AS (
            SELECT track_key, skips, known,
                (rate + z / 2 - sqrt(z * rate * (1 - rate) + z * z / 4)) / (1 + z) AS surely
            FROM rated ORDER BY surely DESC, skips DESC, track_key LIMIT $limit
        )
        SELECT max(p.track_name), max(p.artist_name), s.skips, s.known, s.surely
        FROM shown AS s JOIN plays AS p USING (track_key)
        GROUP BY s.track_key, s.skips, s.known, s.surely
        ORDER BY s.surely DESC, s.skips DESC, s.track_key
        """,
        span,
        limit=limit,
    )


def rediscover(listening: Listening, limit: int = 12) -> list[Silent]:
    """Return loved tracks not heard for ``SILENT_DAYS``, the most played first.

    Loved is what was heard ``LEAST_LOVED_PLAYS`` times on ``LEAST_LOVED_DAYS`` days, and not
    skipped half of the times. A track that was begun lately is not silent.
    """
    return ask(
        listening,
        Silent,
        f"""
        WITH loved AS (
            SELECT track_key, {PLAYS} AS plays, {MINUTES} AS minutes, max(local_date) AS last,
                max(local_date) FILTER (is_counted) AS heard_last
            FROM plays GROUP BY track_key
            HAVING plays >= {LEAST_LOVED_PLAYS}
                AND count(DISTINCT local_date) FILTER (is_counted) >= {LEAST_LOVED_DAYS}
                AND last <= CAST($today AS DATE) - {SILENT_DAYS}
                AND count(*) FILTER (skipped) * 2 < count(*)
            ORDER BY plays DESC, track_key LIMIT $limit
        ), month AS (
            SELECT track_key, date_trunc('month', local_date)::DATE AS begins, count(*) AS plays,
                max(track_name) AS name, max(artist_name) AS artist, min(track_id) AS track_id
            FROM plays WHERE is_counted AND track_key IN (SELECT track_key FROM loved)
            GROUP BY track_key, begins
        )
        SELECT max(m.name), max(m.artist), min(m.track_id), l.plays, l.minutes,
            arg_max(m.begins, (m.plays, m.begins)), max(m.plays), l.heard_last
        FROM loved AS l JOIN month AS m USING (track_key)
        GROUP BY l.track_key, l.plays, l.minutes, l.heard_last
        ORDER BY l.plays DESC, l.track_key
        """,
        today=listening.today,
        limit=limit,
    )
