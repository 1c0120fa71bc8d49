"""People as series of days, with and without a pattern, and how their forecasts are judged.

Noise without a pattern (also with silent days, and skewed
as minutes are), a level that drifts (which exponential smoothing already follows), a level that
returns to its mean, and a weekly pattern: weekends 0.08 above the other days, whose own standard
deviation is 0.06.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gold.statistics.forecast_models import JUDGED_DAYS, Floats, evaluate, forecasts, judged_days

Series = Callable[[np.random.Generator, int], Floats]


def noise(random: np.random.Generator, days: int) -> Floats:
    """Days that are independent of each other."""
    return random.normal(0.5, 0.08, days)


def noise_with_silent_days(random: np.random.Generator, days: int) -> Floats:
    """Return the same, with no value on four days of ten."""
    return np.where(random.random(days) < 0.4, np.nan, noise(random, days))


def skewed_noise(random: np.random.Generator, days: int) -> Floats:
    """Shaped like minutes: many small values, a few large ones, nothing on a day of five."""
    heard: Floats = random.lognormal(4, 0.8, days) / 1440
    return np.where(random.random(days) < 0.2, 0.0, heard)


def drift(random: np.random.Generator, days: int) -> Floats:
    """Return a random walk under noise, best forecast by exponential smoothing."""
    return 0.5 + random.normal(0, 0.004, days).cumsum() + random.normal(0, 0.06, days)


def returning(random: np.random.Generator, days: int) -> Floats:
    """Return an autoregression of the first order with a coefficient of 0.8."""
    from scipy.signal import lfilter

    away: Floats = lfilter([1.0], [1.0, -0.8], random.normal(0, 0.05, days))
    return 0.5 + away


def weekly(random: np.random.Generator, days: int) -> Floats:
    """Weekends 0.08 higher."""
    return 0.5 + 0.08 * (np.arange(days) % 7 >= 5) + random.normal(0, 0.06, days)


SERIES: tuple[Series, ...] = (
    noise,
    noise_with_silent_days,
    skewed_noise,
    drift,
    returning,
    weekly,
)


@dataclass(frozen=True)
class Skill:
    """Of many people: how many forecasts claim skill, mean skill, and how often bands held."""

    claimed: float
    mean_skill: float
    coverage_80: float
    coverage_95: float


def skill(make: Series, days: int, people: int) -> Skill:
    """Simulate ``people`` and judge their forecasts; those with too few days do not count."""
    found = []
    for number in range(people):
        values = make(np.random.default_rng([days, number]), days).clip(0, 1)
        if judged_days(values) >= JUDGED_DAYS:
            made = forecasts(values, np.arange(days) % 7, (0.0, 1.0))
            found.append(evaluate(values, made, seed=number))
    return Skill(
        claimed=float(np.mean([each.has_skill for each in found])),
        mean_skill=float(np.mean([each.skill for each in found])),
        coverage_80=float(np.nanmean([each.coverage[80] for each in found])),
        coverage_95=float(np.nanmean([each.coverage[95] for each in found])),
    )
