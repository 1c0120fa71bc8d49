"""All indicators of one period: estimated by the same resamples, each with its status."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gold.indicators.indicator import Indicator
from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_estimators import estimated_together
from gold.indicators.indicator_list import INDICATORS
from gold.indicators.indicator_results import Estimate, Result
from gold.statistics.day_bootstrap import (
    DRAWS,
    block_days,
    day_weights,
    expanded_level,
    interval,
)
from gold.statistics.reasons import NO_FEATURES, few_grounded_plays
from gold.statistics.seeds import seed_of
from schemas.shared_numbers import MIN_GROUNDED_SHARE
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA, WITHHELD, Status

Floats = NDArray[np.float64]

SIGNIFICANCE = 0.05
_TABLE = "wellbeing_indicators"


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
        status, reason = outcome or (OK, None)
        counted = days.with_features if each.uses_features else each.counted_plays(days)
        results.append(
            Result(
                indicator=each,
                n_plays=counted.plays,
                n_days=counted.days,
                shares=_shares(days) if each.uses_features else None,
                status=status,
                reason=reason,
                estimate=estimate if status == OK else None,
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
    found = estimated_together([each.estimate(days) for each in indicators], weights)
    for indicator, numbers in zip(indicators, found, strict=True):
        yield indicator.name, Estimate(float(numbers[0]), numbers[1:], level)


def _what_is_missing(indicator: Indicator, days: DaySums) -> tuple[Status, str] | None:
    """Return the status and the reason where the days are not enough for a value."""
    # That features are made up is said before that there are too few of them: no further listening
    # would change it.
    if indicator.uses_features:
        missing = indicator.requirements.missing(days, days.plays)
        if missing is not None:
            return TOO_FEW_DATA, missing
        if days.grounded.plays < MIN_GROUNDED_SHARE * max(days.with_features.plays, 1):
            return WITHHELD, _mostly_made_up(days)
    missing = indicator.requirements.missing(days, indicator.counted_plays(days))
    if missing is None:
        return None
    return TOO_FEW_DATA, missing + " (plays that have features)" * indicator.uses_features


def _what_is_wrong(
    indicator: Indicator, value: float, days: DaySums, user_id: str, period: str
) -> tuple[Status, str] | None:
    """Return the status and the reason where there is no value, or one that chance brings too."""
    if np.isnan(value):
        return TOO_FEW_DATA, "the days are too alike: the formula has no value"
    null = indicator.by_chance(days, seed_of(user_id, _TABLE, period, indicator.name))
    by_chance = None if null is None else _by_chance(value, null)
    return None if by_chance is None else (NO_SKILL, by_chance)


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
        return NO_FEATURES
    return few_grounded_plays(days.grounded.plays, n)


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
