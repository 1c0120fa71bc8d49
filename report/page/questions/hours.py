"""When in the day and the week."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span


class WeekHour(NamedTuple):
    """One hour of the week, local: ``weekday`` 1 Monday to 7 Sunday, ``hour`` 0 to 23."""

    weekday: int
    hour: int
    plays: int
    minutes: float | None


class Hour(NamedTuple):
    """One hour of the day, local."""

    hour: int
    plays: int
    minutes: float | None


def week_hours(listening: Listening, span: Span) -> list[WeekHour]:
    """Return all 168 hours of the week, Monday 0 h first; a play stands where it ended."""
    found = {
        (row.weekday, row.hour): row
        for row in ask(
            listening,
            WeekHour,
            f"""
            SELECT day_of_week, hour_of_day, {PLAYS}, {MINUTES}
            FROM plays WHERE {IN_PERIOD} GROUP BY day_of_week, hour_of_day
            """,
            span,
        )
    }
    return [
        found.get((weekday, hour), WeekHour(weekday, hour, 0, None))
        for weekday in range(1, 8)
        for hour in range(24)
    ]


def hours(week: list[WeekHour]) -> list[Hour]:
    """Return the 24 hours of the day that the hours of the week add up to."""
    result = []
    for hour in range(24):
        same = [row for row in week if row.hour == hour]
        known = [row.minutes for row in same if row.minutes is not None]
        result.append(Hour(hour, sum(row.plays for row in same), sum(known) if known else None))
    return result
