"""What each day, month and season held."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask, run
from schemas.silver_schemas import LISTENING_COVERAGE

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span


class Day(NamedTuple):
    """A day that the sources tell of, with or without music."""

    local_date: date
    plays: int
    minutes: float | None


class Month(NamedTuple):
    """A month with a day that the sources tell of: ``days`` of it are told of."""

    begins: date
    plays: int
    minutes: float | None
    days: int
    days_with_music: int


class Season(NamedTuple):
    """A season over the years: winter is December to February."""

    season: str
    plays: int
    minutes: float | None
    days: int

    @property
    def plays_a_day(self) -> float:
        """Plays on an average day that the sources tell of."""
        return self.plays / self.days

    @property
    def minutes_a_day(self) -> float | None:
        """Minutes on an average day that the sources tell of."""
        return None if self.minutes is None else self.minutes / self.days


def days(listening: Listening, span: Span) -> list[Day]:
    """Return the days told of, in order. A day that is missing is not known, not silent."""
    _prepare(listening)
    return ask(
        listening,
        Day,
        f"SELECT local_date, plays, minutes FROM told_days WHERE {IN_PERIOD} ORDER BY local_date",
        span,
    )


def months(listening: Listening, span: Span) -> list[Month]:
    """Return the months told of, in order."""
    _prepare(listening)
    return ask(
        listening,
        Month,
        f"""
        SELECT CAST(date_trunc('month', local_date) AS DATE) AS begins, sum(plays)::BIGINT,
            sum(minutes), count(*), count(*) FILTER (plays > 0)
        FROM told_days WHERE {IN_PERIOD} GROUP BY begins ORDER BY begins
        """,
        span,
    )


def seasons(listening: Listening, span: Span) -> list[Season]:
    """Return the seasons told of, from winter to autumn."""
    _prepare(listening)
    return ask(
        listening,
        Season,
        f"""
        SELECT
            ['winter', 'spring', 'summer', 'autumn'][month(local_date) % 12 // 3 + 1] AS season,
            sum(plays)::BIGINT, sum(minutes), count(*)
        FROM told_days WHERE {IN_PERIOD}
        GROUP BY season, month(local_date) % 12 // 3 ORDER BY month(local_date) % 12 // 3
        """,
        span,
    )


def told_share(listening: Listening, span: Span) -> float:
    """Return the share of the days of a period that the sources tell of.

    A lake that does not say what its sources cover is taken to know every day.
    """
    if not has_table(listening.connection, LISTENING_COVERAGE.full_name):
        return 1.0
    return len(days(listening, span)) / ((span.last - span.first).days + 1)


def _prepare(listening: Listening) -> None:
    """Make the table ``told_days``: a row a day that has a play or that the sources cover."""
    covered = ""
    if has_table(listening.connection, LISTENING_COVERAGE.full_name):
        covered = f"""
            UNION
            SELECT CAST(unnest(generate_series(first_date, last_date, INTERVAL 1 DAY)) AS DATE)
            FROM {LISTENING_COVERAGE.full_name} WHERE user_id = {literal(listening.user_id)}
        """
    run(
        listening,
        f"""
        CREATE TEMP TABLE IF NOT EXISTS told_days AS
        WITH told AS (SELECT DISTINCT local_date FROM plays {covered}),
        heard AS (
            SELECT local_date, {PLAYS} AS plays, {MINUTES} AS minutes FROM plays GROUP BY local_date
        )
        SELECT t.local_date, coalesce(h.plays, 0) AS plays, h.minutes
        FROM told AS t LEFT JOIN heard AS h USING (local_date)
        """,
    )
