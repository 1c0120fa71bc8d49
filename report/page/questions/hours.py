"""When in the day and the week."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, ask, make_once

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods


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


def week_hours(listening: Listening, periods: Periods) -> dict[str, list[WeekHour]]:
    """Return all 168 hours of the week, Monday 0 h first; a play stands where it ended."""
    make_once(
        listening,
        "day_hours",
        f"""
        SELECT local_date, hour_of_day, {PLAYS} AS plays, {MINUTES} AS minutes
        FROM plays GROUP BY local_date, hour_of_day
        """,
    )
    answers = ask(
        listening,
        WeekHour,
        """
        SELECT d.period, isodow(local_date), h.hour_of_day, sum(h.plays)::BIGINT, sum(h.minutes)
        FROM day_hours AS h JOIN asked_days AS d USING (local_date)
        WHERE NOT d.is_before
        GROUP BY d.period, isodow(local_date), h.hour_of_day
        """,
        periods,
    )
    result = {}
    for key, rows in answers.items():
        found = {(row.weekday, row.hour): row for row in rows}
        result[key] = [
            found.get((weekday, hour), WeekHour(weekday, hour, 0, None))
            for weekday in range(1, 8)
            for hour in range(24)
        ]
    return result


def hours(week: list[WeekHour]) -> list[Hour]:
    """Return the 24 hours of the day that the hours of the week add up to."""
    result = []
    for hour in range(24):
        same = [row for row in week if row.hour == hour]
        known = [row.minutes for row in same if row.minutes is not None]
        result.append(Hour(hour, sum(row.plays for row in same), sum(known) if known else None))
    return result
