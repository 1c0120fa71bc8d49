"""What became of each indicator in a period, and how far that is from another period."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold.indicators.indicator import Indicator
from gold.statistics.day_bootstrap import corrected_intervals
from schemas.statuses import Status

Floats = NDArray[np.float64]


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
    status: Status
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
