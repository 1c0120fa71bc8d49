"""The wellbeing indicators of one person: every indicator in every period, with its status.

The NumPy half of ``gold.wellbeing_indicators``. Longer than two screens: periods, results and rows
stand together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_estimators import estimated_together
from gold.indicators.indicator_list import INDICATORS, Indicator
from gold.statistics.day_bootstrap import (
    DRAWS,
    block_days,
    corrected_intervals,
    day_weights,
    expanded_level,
    interval,
)
from gold.statistics.feature_shares import SOURCE_OF_SHARE
from gold.statistics.seeds import seed_of
from schemas.shared_numbers import MIN_GROUNDED_SHARE
from silver.names.exact_numbers import DECIMALS

Floats = NDArray[np.float64]

WINDOW_DAYS = 56
WINDOWS = 52
SIGNIFICANCE = 0.05
_TABLE = "wellbeing_indicators"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Estimate:
    """A value and its resamples; ``level`` is what their interval must be asked for.

    Both have a sign even where the indicator is a distance.
    """

    value: float
    draws: Floats
    level: float


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """What became of one indicator in one period; ``estimate`` is None unless it is ok."""

    indicator: Indicator
    n_plays: int
    n_days: int
    shares: tuple[float, float, float] | None
    status: str
    reason: str | None
    estimate: Estimate | None = None

    @property
    def shown_value(self) -> float:
        """The value, without the sign of a distance; NaN unless it is ok."""
        value = np.nan if self.estimate is None else self.estimate.value
        return abs(value) if self.indicator.is_distance else value


def values(results: Sequence[Result]) -> list[Interval | None]:
    """Return the value of each result as it is shown, None where it is not ok."""
    intervals = _intervals([each.estimate for each in results])
    return [
        _distance(interval) if result.indicator.is_distance and interval else interval
        for result, interval in zip(results, intervals, strict=True)
    ]


def changes(results: Sequence[Result], before: Sequence[Result]) -> list[Interval | None]:
    """Return how far each result lies above the same of another period, None unless both are ok."""
    return _intervals([_difference(*each) for each in zip(results, before, strict=True)])


def _distance(interval: Interval) -> Interval:
    """Return the interval of the absolute value."""
    low, high = interval.low, interval.high
    # Resamples of |x| never come down to 0, those of x go through it.
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return Interval(abs(interval.value), nearest, max(abs(low), abs(high)))


def _difference(result: Result, before: Result) -> Estimate | None:
    one, other = result.estimate, before.estimate
    if one is None or other is None:
        return None
    shown = np.abs if result.indicator.is_distance else np.positive
    return Estimate(
        float(shown(one.value) - shown(other.value)),
        # The periods share no day, so that any resample of one goes with any of the other.
        shown(one.draws) - shown(other.draws),
        max(one.level, other.level),
    )


def _intervals(estimates: Sequence[Estimate | None]) -> list[Interval | None]:
    """Return the interval of each estimate that is known; all at once, as there are thousands."""
    known = [each for each in estimates if each is not None]
    if not known:
        return [None] * len(estimates)
    ends = corrected_intervals(
        np.array([each.draws for each in known]),
        np.array([each.value for each in known]),
        np.array([each.level for each in known]),
    ).tolist()
    found = (Interval(each.value, *of_each) for each, of_each in zip(known, ends, strict=True))
    return [None if each is None else next(found) for each in estimates]


@dataclass(frozen=True)
class Period:
    """A span of local days since 1970-01-01, both ends inclusive."""

    kind: str
    name: str
    first: int
    last: int


def person_indicators(user_id: str, days: DaySums) -> list[dict[str, Any]]:
    """Return the rows of ``WELLBEING_INDICATORS`` of one person.

    ``days`` are all days with counted plays. Periods without any have no rows. The rolling windows
    end on the last day and on every Sunday before it, 52 of them at most.
    """
    first, last = int(days.day[0]), int(days.day[-1])

    # A rolling window is also the one before of the window eight weeks later.
    @lru_cache(maxsize=WINDOW_DAYS // 7 + 2)
    def measured(start: int, end: int) -> tuple[Result, ...]:
        return measure(user_id, days.between(start, end), f"{start} {end}")

    rows: list[dict[str, Any]] = []
    for period in periods(first, last):
        results = measured(period.first, period.last)
        if not results:
            continue
        before: tuple[Result, ...] = ()
        if period.kind != "all_time" and any(each.status == "ok" for each in results):
            before = measured(period.first - WINDOW_DAYS, period.first - 1)
        rows += _rows(user_id, period, results, before)
    return rows


def periods(first: int, last: int) -> Iterator[Period]:
    """Yield all periods of a history from day ``first`` to day ``last``."""
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
    """Return the result of every indicator for the days of a period; none where there are none."""
    if len(days.day) == 0:
        return ()
    missing = {each.name: _what_is_missing(each, days) for each in INDICATORS}
    # By the number of days to resample: with plays, or of the calendar. Often they are the same.
    wanted: dict[int, list[Indicator]] = {}
    for each in INDICATORS:
        if missing[each.name] is None:
            number = len(days.calendar_hours if each.is_by_calendar else days.day)
            wanted.setdefault(number, []).append(each)
    seed = seed_of(user_id, _TABLE, period)
    estimates: dict[str, Estimate] = {}
    for number, indicators in wanted.items():
        estimates |= _estimates(indicators, days, number, seed)
    results = []
    for each in INDICATORS:
        estimate = estimates.get(each.name)
        outcome = missing[each.name]
        if estimate is not None:
            outcome = _what_is_wrong(each, estimate.value, days, user_id, period)
        status, reason = outcome or ("ok", None)
        counted = days.with_features if each.uses_features else each.counts(days)
        results.append(
            Result(
                indicator=each,
                n_plays=counted.plays,
                n_days=counted.days,
                shares=_shares(days) if each.uses_features else None,
                status=status,
                reason=reason,
                estimate=estimate if status == "ok" else None,
            )
        )
    return tuple(results)


def _estimates(
    indicators: Sequence[Indicator], days: DaySums, number_of_days: int, seed: int
) -> Iterator[tuple[str, Estimate]]:
    """Yield the estimate of each indicator, by its name; all of them by the same resamples."""
    block = block_days(number_of_days)
    # The first row is the period as it was.
    weights = np.ones((DRAWS + 1, number_of_days))
    weights[1:] = day_weights(number_of_days, block, DRAWS, seed)
    level = expanded_level(number_of_days, block)
    found = estimated_together([each.estimator(days) for each in indicators], weights)
    for indicator, numbers in zip(indicators, found, strict=True):
        yield indicator.name, Estimate(float(numbers[0]), numbers[1:], level)


def _what_is_missing(indicator: Indicator, days: DaySums) -> tuple[str, str] | None:
    """Return the status and the reason where the days are not enough for a value."""
    # That features are made up is said before that there are too few of them: no further listening
    # would change it.
    if indicator.uses_features:
        missing = indicator.missing(days, days.plays)
        if missing is not None:
            return "too_few_data", missing
        if days.grounded.plays < MIN_GROUNDED_SHARE * max(days.with_features.plays, 1):
            return "withheld", _mostly_made_up(days)
    missing = indicator.missing(days, indicator.counts(days))
    if missing is None:
        return None
    return "too_few_data", missing + " (plays that have features)" * indicator.uses_features


def _what_is_wrong(
    indicator: Indicator, value: float, days: DaySums, user_id: str, period: str
) -> tuple[str, str] | None:
    """Return the status and the reason where there is no value, or one that chance brings too."""
    if np.isnan(value):
        return "too_few_data", "the days are too alike: the formula has no value"
    if indicator.null is None:
        return None
    null = indicator.null(days, seed_of(user_id, _TABLE, period, indicator.name))
    by_chance = _by_chance(value, null)
    return None if by_chance is None else ("no_skill", by_chance)


@lru_cache(maxsize=1)
def _shares(days: DaySums) -> tuple[float, float, float] | None:
    n = days.with_features.plays
    if n == 0:
        return None
    measured, catalogue = float(days.measured.sum()), float(days.catalogue.sum())
    return measured / n, catalogue / n, (n - measured - catalogue) / n


def _mostly_made_up(days: DaySums) -> str:
    n = days.with_features.plays
    if n == 0:
        return "no play has audio features"
    percent = int(100 * days.grounded.plays / n)
    return (
        f"{percent} % of the plays have measured or catalogue features, "
        f"under {MIN_GROUNDED_SHARE * 100:.0f} %"
    )


def _by_chance(value: float, null: Floats) -> str | None:
    """Return that a value is one of the null's, where it lies within its middle 95 %."""
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


def _rows(
    user_id: str, period: Period, results: Sequence[Result], before: Sequence[Result]
) -> Iterator[dict[str, Any]]:
    """Yield a row a result; ``before`` are those of the weeks before the period, if any."""
    of_period = {
        "user_id": user_id,
        "period_kind": period.kind,
        "period": period.name,
        "period_start": _date(period.first),
        "period_end": _date(period.last),
    }
    changed = changes(results, before) if before else [None] * len(results)
    for place, (result, value, change) in enumerate(
        zip(results, values(results), changed, strict=True)
    ):
        numbers: dict[str, float] = {}
        if result.shares is not None:
            numbers |= zip(SOURCE_OF_SHARE, result.shares, strict=True)
        if value is not None:
            numbers |= {"value": value.value, "ci_low": value.low, "ci_high": value.high}
        if change is not None:
            numbers |= {
                "baseline_value": before[place].shown_value,
                "change": change.value,
                "change_ci_low": change.low,
                "change_ci_high": change.high,
            }
        yield of_period | {
            "indicator": result.indicator.name,
            "unit": result.indicator.unit,
            "n_plays": result.n_plays,
            "n_days": result.n_days,
            "status": result.status,
            "reason": result.reason,
            **{name: round(number, DECIMALS) for name, number in numbers.items()},
        }


def _date(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - _EPOCH).days
