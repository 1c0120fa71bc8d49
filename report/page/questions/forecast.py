"""What the next seven days may be like, and what came before them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import MINUTES, run
from schemas.mood_schemas import MEASURES, MOOD_FORECAST

if TYPE_CHECKING:
    from report.page.listening import Listening

PAST_DAYS = 56
"""Shown before what is forecast."""


class ForecastDay(NamedTuple):
    """A day to come, with the intervals that hold it in 80 and in 95 of 100 cases."""

    day: date
    value: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


class Forecast(NamedTuple):
    """A week of one measure, and what such forecasts were worth in the past."""

    measure: str
    status: str
    reason: str | None
    skill: float | None
    skill_low: float | None
    skill_high: float | None
    best_simple_model: str | None
    n_days: int
    n_origins: int | None
    coverage_80: float | None
    synthetic_share: float | None
    days: list[ForecastDay]


def forecasts(listening: Listening) -> list[Forecast]:
    """Return the forecast of each measure, in the order of ``MEASURES``."""
    if not has_table(listening.connection, MOOD_FORECAST.full_name):
        return []
    found = run(
        listening,
        f"""
        SELECT measure, status, reason, skill, skill_ci_low, skill_ci_high, best_simple_model,
               n_days, n_origins, coverage_80, synthetic_share,
               forecast_date, value, low_80, high_80, low_95, high_95
        FROM {MOOD_FORECAST.full_name} WHERE user_id = {literal(listening.user_id)}
        ORDER BY forecast_date
        """,
    ).fetchall()
    shown: dict[str, Forecast] = {}
    for row in found:
        forecast = shown.setdefault(row[0], Forecast._make((*row[:11], [])))
        forecast.days.append(ForecastDay(*row[11:]))
    return [shown[measure] for measure in MEASURES if measure in shown]


def past_days(listening: Listening, measure: str) -> list[tuple[date, float]]:
    """Return what the measure was on each of the last ``PAST_DAYS`` days that have it."""
    value = MINUTES if measure == "minutes" else f"avg({measure})"
    counted = "true" if measure == "minutes" else "is_counted"
    found = run(
        listening,
        f"""
        SELECT local_date, {value} AS value FROM plays
        WHERE {counted} AND local_date > {literal(listening.today.isoformat())}::DATE - {PAST_DAYS}
        GROUP BY local_date HAVING value IS NOT NULL ORDER BY local_date
        """,
    ).fetchall()
    return [(day, round(value, 4)) for day, value in found]
