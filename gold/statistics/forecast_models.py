"""Forecasts of daily values a week ahead, and what they were worth at every earlier day.

NumPy and pandas only. Values are a person's calendar days in their order, NaN where there is none.
Every forecast "of day o" knows the values up to and including day o and nothing after it, so that
the forecasts of all days together are a rolling-origin evaluation (Tashman 2000). All models are
worked out for all days at once; the loops are over seven horizons and six smoothing weights.
Longer than two screens: the models stand beside the evaluation that chooses among them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gold.statistics.day_bootstrap import DRAWS, day_weights, interval
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HORIZONS = 7
# The day that follows the last finished one is under way: the first day forecast is that after it.
DAYS_UNDER_WAY = 1
SIMPLE_MODELS = ("expanding_mean", "mean_7_days", "mean_28_days", "exponential_smoothing")
CANDIDATE = "weekday_and_level"
# Four weeks to learn a weekday's effect from, then eight weeks of days to be judged on, which are
# the fewest that leave a tail of 2.5 % a value at the longest horizon.
WARM_UP_DAYS = 28
JUDGED_DAYS = 56
MAX_ORIGINS = 364
# An interval of 95 % needs a residual beyond each end: 1 / (n + 1) is 2.5 % for n = 39.
MIN_RESIDUALS = 39
WEEK = 7

_SMOOTHING_WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_SLOW, _FAST = 0.05, 0.3
_WEEKDAY_MEMORY_DAYS = 364
# The part of the level that is carried on counts as if twenty days had shown that none is.
_PRIOR_DAYS = 20
_TAILS = {"low_80": 0.1, "high_80": 0.9, "low_95": 0.025, "high_95": 0.975}


@dataclass(frozen=True)
class Evaluation:
    """What the forecasts were worth, and the band around the one that is shown.

    Errors are mean absolute ones over all origins and horizons, in the unit of the values.
    ``skill`` is 1 - candidate_mae / best_simple_mae; its interval chooses the best simple model
    again in every resample of days. ``band`` has an offset from the forecast for each horizon and
    each of low_80, high_80, low_95, high_95. ``coverage`` is how often bands made at the time of
    each forecast held the value, by level.
    """

    shown: str
    has_skill: bool
    n_origins: int
    mae: float
    candidate_mae: float
    best_simple_model: str
    best_simple_mae: float
    mase: float
    skill: float
    skill_low: float
    skill_high: float
    band: Mapping[str, Floats]
    coverage: Mapping[int, float]


def forecasts(values: Floats, weekdays: Integers, limits: tuple[float, float]) -> dict[str, Floats]:
    """Return by model the forecasts of every day: days × horizons, all within ``limits``.

    Row o is made with the values up to day o; its column h - 1 is of day o + DAYS_UNDER_WAY + h.
    ``weekdays`` are 0-6. NaN before the first value.
    """
    series = pd.Series(values)
    simple = {
        "expanding_mean": series.expanding(1).mean(),
        "mean_7_days": series.rolling(WEEK, min_periods=1).mean().ffill(),
        "mean_28_days": series.rolling(4 * WEEK, min_periods=1).mean().ffill(),
        "exponential_smoothing": pd.Series(_smoothed(series)),
    }
    made = {
        name: np.repeat(flat.to_numpy()[:, None], HORIZONS, axis=1) for name, flat in simple.items()
    }
    made[CANDIDATE] = _weekday_and_level(values, weekdays)
    return {name: made[name].clip(*limits) for name in made}


def judged_days(values: Floats) -> int:
    """Return how many days have a value after the first origin: what forecasts are judged on."""
    first = _first_origin(values)
    return 0 if first is None else int(np.count_nonzero(~np.isnan(values[first + 1 :])))


def evaluate(values: Floats, made: Mapping[str, Floats], seed: int) -> Evaluation:
    """Compare the candidate with the simple models at the last 364 origins at most.

    The candidate has skill where the 95 % interval of its skill lies above 0. Days are resampled
    in blocks of a week, a day with the errors of all forecasts that were made of it.

    Raises ValueError where ``judged_days`` are under ``JUDGED_DAYS``.
    """
    if judged_days(values) < JUDGED_DAYS:
        raise ValueError("too few days to judge a forecast on")
    residuals = _residuals(values, made)
    errors = {name: np.abs(each) for name, each in residuals.items()}
    mae = {name: float(np.nanmean(each)) for name, each in errors.items()}
    best = min(SIMPLE_MODELS, key=lambda name: mae[name])
    skill_low, skill_high = _skill_interval(errors, seed)
    shown = CANDIDATE if skill_low > 0 else best
    band = _bands(residuals[shown])
    return Evaluation(
        shown=shown,
        has_skill=shown == CANDIDATE,
        n_origins=int((~np.isnan(residuals[shown])).any(axis=1).sum()),
        mae=mae[shown],
        candidate_mae=mae[CANDIDATE],
        best_simple_model=best,
        best_simple_mae=mae[best],
        # Hyndman and Koehler 2006: against what a day differs from the day before it.
        mase=_ratio(mae[shown], _mean_change(values)),
        skill=1 - _ratio(mae[CANDIDATE], mae[best]),
        skill_low=skill_low,
        skill_high=skill_high,
        band={name: offsets[-1] for name, offsets in band.items()},
        coverage={level: _coverage(residuals[shown], band, level) for level in (80, 95)},
    )


def _first_origin(values: Floats) -> int | None:
    """Return the first day whose forecasts count: it knows 28 values, and is of the last 364."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < WARM_UP_DAYS:
        return None
    return max(int(known[WARM_UP_DAYS - 1]), len(values) - MAX_ORIGINS)


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else float("nan")


def _mean_change(values: Floats) -> float:
    changes = np.abs(np.diff(values))
    known = changes[~np.isnan(changes)]
    return float(known.mean()) if len(known) else float("nan")


def _smoothed(series: "pd.Series[float]") -> Floats:
    """Simple exponential smoothing with the weight that has erred least up to each day."""
    levels = np.column_stack([series.ewm(alpha=weight).mean() for weight in _SMOOTHING_WEIGHTS])
    errors = np.zeros_like(levels)
    errors[1:] = np.nan_to_num(np.abs(series.to_numpy()[1:, None] - levels[:-1]))
    chosen = errors.cumsum(axis=0).argmin(axis=1)
    smoothed: Floats = levels[np.arange(len(levels)), chosen]
    return smoothed


def _weekday_and_level(values: Floats, weekdays: Integers) -> Floats:
    """Return a shrunk effect of the weekday, on a level that returns to the long-term mean.

    Once its weekday is taken off, the value h days on is regressed on how far the slow and the
    fast moving average stand from the mean: a ridge regression on what was known at the time. So
    it can become each of the simple models: no coefficient leaves the mean, a coefficient of 1 the
    moving averages.
    """
    effects = _weekday_effects(values, weekdays)
    days = np.arange(len(values))
    # The effect of a day's own weekday as it was known the day before.
    own = np.vstack([np.zeros((1, WEEK)), effects[:-1]])[days, weekdays]
    residuals = pd.Series(values - own)
    mean = residuals.expanding(1).mean().to_numpy()
    slow, fast = (residuals.ewm(alpha=weight).mean().to_numpy() for weight in (_SLOW, _FAST))
    away = np.nan_to_num(np.column_stack([slow - mean, fast - slow]))
    result = np.empty((len(values), HORIZONS))
    for horizon in range(HORIZONS):
        lead = DAYS_UNDER_WAY + horizon + 1
        later = _ahead(values - own, lead) - mean
        carried = _coefficients(away, later, lead)
        weekday = (weekdays + lead) % WEEK
        result[:, horizon] = mean + (carried * away).sum(axis=1) + effects[days, weekday]
    return result


def _ahead(values: Floats, lead: int) -> Floats:
    """Return each day the value of ``lead`` days later; NaN beyond the end."""
    return np.concatenate([values[lead:], np.full(min(lead, len(values)), np.nan)])


def _coefficients(away: Floats, later: Floats, lead: int) -> Floats:
    """Ridge regression of ``later`` on ``away`` at each day, on the pairs complete by then."""
    known = ~np.isnan(later)
    x, y = away * known[:, None], np.nan_to_num(later)
    products = np.cumsum(x[:, :, None] * x[:, None, :], axis=0)
    with_later = np.cumsum(x * y[:, None], axis=0)
    pairs = np.maximum(np.cumsum(known), 1)[:, None]
    # The penalty is in units of the mean square, so that it means the same for any measure.
    scale = np.diagonal(products, axis1=1, axis2=2) / pairs
    penalty = np.where(scale > 0, _PRIOR_DAYS * scale, 1.0)
    fitted = np.linalg.solve(products + penalty[:, :, None] * np.eye(2), with_later[:, :, None])
    result = np.zeros_like(away)
    result[lead:] = fitted[:-lead, :, 0]
    return result


def _weekday_effects(values: Floats, weekdays: Integers) -> Floats:
    """Return days × weekdays: what each weekday adds, as known at the end of each day.

    Means of the last year's distances from the trailing four weeks, shrunk by the share of their
    variance that is not noise (empirical Bayes, one-way random effects): weekdays that differ by
    no more than chance get 0.
    """
    distance = values - pd.Series(values).rolling(4 * WEEK, min_periods=1).mean().to_numpy()
    is_day = (weekdays[:, None] == np.arange(WEEK)) & ~np.isnan(values)[:, None]
    filled = np.nan_to_num(distance)[:, None] * is_day
    count, total, squares = (
        _over_memory(each) for each in (is_day.astype(np.float64), filled, filled**2)
    )
    mean = total / np.maximum(count, 1)
    days = np.maximum(count.sum(axis=1, keepdims=True), 1)
    centred = np.where(count > 0, mean - total.sum(axis=1, keepdims=True) / days, 0.0)
    within = (squares - count * mean**2).sum(axis=1, keepdims=True) / np.maximum(days - WEEK, 1)
    spread = (count * centred**2).sum(axis=1, keepdims=True) - (WEEK - 1) * within
    between = np.maximum(spread / (days - (count**2).sum(axis=1, keepdims=True) / days + 1e-9), 0)
    shrunk: Floats = centred * count * between / (count * between + within + 1e-12)
    return shrunk


def _over_memory(daily: Floats) -> Floats:
    total = daily.cumsum(axis=0)
    before = np.zeros_like(total)
    before[_WEEKDAY_MEMORY_DAYS:] = total[:-_WEEKDAY_MEMORY_DAYS]
    difference: Floats = total - before
    return difference


def _residuals(values: Floats, made: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return by model what the value was above its forecast: origins × horizons, NaN where none."""
    first = _first_origin(values)
    actual = np.column_stack(
        [_ahead(values, DAYS_UNDER_WAY + horizon + 1) for horizon in range(HORIZONS)]
    )
    return {name: (actual - each)[first:] for name, each in made.items()}


def _skill_interval(errors: Mapping[str, Floats], seed: int) -> tuple[float, float]:
    """Return the 95 % interval of the skill over the simple model that is best in each resample.

    The best of four on the same days is partly luck. To choose it again in every resample puts that
    luck into the interval, and always on the side of the simple models.
    """
    # Whole millionths: their sums are the same whatever the order.
    summed = {
        name: np.rint(np.nansum(_by_target(each), axis=1) * MILLION)
        for name, each in errors.items()
    }
    has_value = ~np.isnan(_by_target(errors[CANDIDATE])).all(axis=1)
    days = int(has_value.sum())
    weights = day_weights(days, WEEK, DRAWS, seed)
    drawn = {name: weights @ each[has_value] for name, each in summed.items()}
    best = np.min([drawn[name] for name in SIMPLE_MODELS], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return interval(np.where(best > 0, 1 - drawn[CANDIDATE] / best, np.nan))


def _by_target(errors: Floats) -> Floats:
    """Put errors, origins × horizons, in the row of the day that was forecast."""
    rows = np.full((len(errors) + HORIZONS, HORIZONS), np.nan)
    for horizon in range(HORIZONS):
        rows[horizon : horizon + len(errors), horizon] = errors[:, horizon]
    return rows


def _bands(residuals: Floats) -> dict[str, Floats]:
    """Return by tail the quantile of the residuals up to each origin: origins × horizons."""
    columns = pd.DataFrame(residuals).expanding(MIN_RESIDUALS)
    return {
        tail: columns.quantile(share, interpolation="lower" if share < 0.5 else "higher").to_numpy()
        for tail, share in _TAILS.items()
    }


def _coverage(residuals: Floats, band: Mapping[str, Floats], level: int) -> float:
    """Return how often a band of the residuals known at the origin held the value; NaN if never."""
    held: list[NDArray[np.bool_]] = []
    for horizon in range(HORIZONS):
        lead = DAYS_UNDER_WAY + horizon + 1
        low, high = (band[f"{side}_{level}"][:-lead, horizon] for side in ("low", "high"))
        later = residuals[lead:, horizon]
        known = ~np.isnan(later) & ~np.isnan(low)
        held.append(((low <= later) & (later <= high))[known])
    all_held = np.concatenate(held)
    return float(all_held.mean()) if len(all_held) else float("nan")
