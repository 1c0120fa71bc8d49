"""The wellbeing indicators of one person: every indicator in every period, with its status.

The NumPy half of ``gold.wellbeing_indicators``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold.day_bootstrap import (
    DRAWS,
    block_days,
    corrected_interval,
    day_weights,
    expanded_level,
    interval,
    seed_of,
)
from gold.feature_shares import LEAST_GROUNDED_SHARE, SOURCE_OF_SHARE
from gold.indicator_days import DaySums
from gold.indicator_list import INDICATORS, Indicator
from silver.exact_numbers import DECIMALS

Floats = NDArray[np.float64]

WINDOW_DAYS = 56
WINDOWS = 52
SIGNIFICANCE = 0.05
_TABLE = "wellbeing_indicators"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """What became of one indicator in one period; ``draws`` is None unless it is ok.

    ``value`` and ``draws`` (its resamples) have a sign even where the indicator is a distance.
    """

    indicator: Indicator
    n_plays: int
    n_days: int
    shares: tuple[float, float, float] | None
    status: str
    reason: str | None
    value: float = np.nan
    draws: Floats | None = None
    level: float = np.nan

    def estimate(self) -> Interval | None:
        """Give the value as it is told, None unless it is ok."""
        if self.draws is None:
            return None
        low, high = corrected_interval(self.draws, self.value, self.level)
        if not self.indicator.is_distance:
            return Interval(self.value, low, high)
        # Resamples of |x| never come down to 0, those of x go through it.
        ends = sorted((abs(low), abs(high)))
        return Interval(abs(self.value), 0.0 if low <= 0 <= high else ends[0], ends[1])

    def change_from(self, before: "Result") -> Interval | None:
        """Give how far it lies above the same of another period, None unless both are ok."""
        if self.draws is None or before.draws is None:
            return None
        told = np.abs if self.indicator.is_distance else np.positive
        # The periods share no day, so that any resample of one goes with any of the other.
        draws = told(self.draws) - told(before.draws)
        change = float(told(self.value) - told(before.value))
        return Interval(change, *corrected_interval(draws, change, max(self.level, before.level)))


@dataclass(frozen=True)
class Period:
    """A span of local days since 1970-01-01, both ends inclusive."""

    kind: str
    name: str
    first: int
    last: int


def person_indicators(user_id: str, days: DaySums) -> list[dict[str, Any]]:
    """Give the rows of ``WELLBEING_INDICATORS`` of one person.

    ``days`` are all days with counted plays. Periods without any have no rows. The rolling windows
    end on the last day and on every Sunday before it, 52 of them at most.
    """
    first, last = int(days.day[0]), int(days.day[-1])

    # A rolling window is also the one before of the window eight weeks later.
    @lru_cache(maxsize=WINDOW_DAYS // 7 + 2)
    def measured(start: int, end: int) -> tuple[Result, ...]:
        return measure(user_id, days.between(start, end), f"{start} {end}")

    rows = []
    for period in periods(first, last):
        results = measured(period.first, period.last)
        if not results:
            continue
        baselines: Sequence[Result | None] = [None] * len(results)
        if period.kind != "all_time" and any(each.status == "ok" for each in results):
            baselines = measured(period.first - WINDOW_DAYS, period.first - 1) or baselines
        for result, baseline in zip(results, baselines, strict=True):
            rows.append(_row(user_id, period, result, baseline))
    return rows


def periods(first: int, last: int) -> Iterator[Period]:
    """Give all periods of a history from day ``first`` to day ``last``."""
    yield Period("all_time", "all", first, last)
    month = _date(first).replace(day=1)
    while _number(month) <= last:
        next_month = (month + timedelta(days=31)).replace(day=1)
        yield Period("month", f"{month:%Y-%m}", _number(month), _number(next_month) - 1)
        month = next_month
    newest_sunday = last - (last + 4) % 7
    sundays = range(newest_sunday - 7 * (WINDOWS - 1), newest_sunday + 1, 7)
    for end in sorted({last, *(each for each in sundays if each >= first)}):
        yield Period("weeks_8", _date(end).isoformat(), end - WINDOW_DAYS + 1, end)


def measure(user_id: str, days: DaySums, period: str) -> tuple[Result, ...]:
    """Give the result of every indicator for the days of one period; none where there are none."""
    if len(days.day) == 0:
        return ()

    @lru_cache
    def weights(number_of_days: int) -> Floats:
        seed = seed_of(user_id, _TABLE, period)
        drawn = day_weights(number_of_days, block_days(number_of_days), DRAWS, seed)
        # The first row is the period as it was.
        return np.vstack([np.ones(number_of_days), drawn])

    return tuple(_measured(each, user_id, days, period, weights) for each in INDICATORS)


def _measured(
    indicator: Indicator,
    user_id: str,
    days: DaySums,
    period: str,
    weights: Callable[[int], Floats],
) -> Result:
    counts = days.with_features if indicator.uses_features else indicator.counts(days)
    shares = _shares(days) if indicator.uses_features else None
    outcome = partial(Result, indicator, int(counts.sum()), int((counts > 0).sum()), shares)
    # Whether features are made up is told before whether there are enough of them: no further
    # listening would mend it.
    if indicator.uses_features:
        missing = indicator.missing(days, days.plays)
        if missing is not None:
            return outcome("too_few_data", missing)
        if days.grounded.sum() < LEAST_GROUNDED_SHARE * max(days.with_features.sum(), 1):
            return outcome("withheld", _mostly_made_up(days))
    missing = indicator.missing(days, indicator.counts(days))
    if missing is not None:
        suffix = " (plays that have features)" if indicator.uses_features else ""
        return outcome("too_few_data", missing + suffix)
    span = int(days.day[-1] - days.day[0] + 1) if indicator.is_by_calendar else len(days.day)
    estimates = indicator.estimate(days, weights(span))
    value, draws = float(estimates[0]), estimates[1:]
    if np.isnan(value):
        return outcome("too_few_data", "the days are too alike: the formula has no value")
    if indicator.null is not None:
        by_chance = _by_chance(
            value, indicator.null(days, seed_of(user_id, _TABLE, period, indicator.name))
        )
        if by_chance is not None:
            return outcome("no_skill", by_chance)
    return outcome("ok", None, value, draws, expanded_level(span, block_days(span)))


def _shares(days: DaySums) -> tuple[float, float, float] | None:
    n = float(days.with_features.sum())
    if n == 0:
        return None
    measured, catalogue = float(days.measured.sum()), float(days.catalogue.sum())
    return measured / n, catalogue / n, (n - measured - catalogue) / n


def _mostly_made_up(days: DaySums) -> str:
    n = days.with_features.sum()
    if n == 0:
        return "no play has audio features"
    percent = int(100 * days.grounded.sum() / n)
    return (
        f"{percent} % of the plays have measured or catalogue features, "
        f"under {LEAST_GROUNDED_SHARE * 100:.0f} %"
    )


def _by_chance(value: float, null: Floats) -> str | None:
    """Say that a value is one of the null's, where it lies within its middle 95 %."""
    if np.isnan(null).any():
        return "what chance brings is not known without names of artists"
    beyond = min((null >= value).sum(), (null <= value).sum())
    if 2 * (beyond + 1) / (len(null) + 1) <= SIGNIFICANCE:
        return None
    low, high = interval(null)
    return (
        "no more than hearing the same artists again brings: with features permuted over artists "
        f"{low:.2f} to {high:.2f}"
    )


def _row(user_id: str, period: Period, result: Result, before: Result | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "user_id": user_id,
        "indicator": result.indicator.name,
        "unit": result.indicator.unit,
        "period_kind": period.kind,
        "period": period.name,
        "period_start": _date(period.first),
        "period_end": _date(period.last),
        "n_plays": result.n_plays,
        "n_days": result.n_days,
        "status": result.status,
        "reason": result.reason,
    }
    numbers: dict[str, float] = {}
    if result.shares is not None:
        numbers |= zip(SOURCE_OF_SHARE, result.shares, strict=True)
    estimate = result.estimate()
    if estimate is not None:
        numbers |= {"value": estimate.value, "ci_low": estimate.low, "ci_high": estimate.high}
    change = result.change_from(before) if before is not None else None
    if before is not None and change is not None:
        numbers |= {
            "baseline_value": abs(before.value) if result.indicator.is_distance else before.value,
            "change": change.value,
            "change_ci_low": change.low,
            "change_ci_high": change.high,
        }
    return row | {name: round(number, DECIMALS) for name, number in numbers.items()}


def _date(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - _EPOCH).days
