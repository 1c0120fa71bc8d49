"""Forecasts by hand, no look into the future, and skill only where there is some."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gold.statistics.forecast_models import (
    CANDIDATE,
    DAYS_UNDER_WAY,
    HORIZONS,
    JUDGED_DAYS,
    MAX_ORIGINS,
    SIMPLE_MODELS,
    WARM_UP_DAYS,
    evaluate,
    forecasts,
    judged_days,
)
from tests.properties import at_most
from tests.simulated.series import (
    Series,
    drift,
    noise,
    noise_with_silent_days,
    skewed_noise,
    skill,
    weekly,
)

UNIT = (0.0, 1.0)


def weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 7


def test_simple_models_are_means_of_the_days_before() -> None:
    values = np.arange(40) / 100
    values[5] = np.nan  # a silent day is left out, not counted as 0

    made = forecasts(values, weekdays(40), UNIT)

    assert made["expanding_mean"][6, 0] == pytest.approx((0 + 1 + 2 + 3 + 4 + 6) / 6 / 100)
    assert made["mean_7_days"][39] == pytest.approx([0.36] * HORIZONS)
    assert made["mean_7_days"][9, 0] == pytest.approx((3 + 4 + 6 + 7 + 8 + 9) / 6 / 100)
    assert made["mean_28_days"][39, 0] == pytest.approx((12 + 39) / 2 / 100)


def test_exponential_smoothing_takes_the_weight_that_erred_least() -> None:
    """A level that jumps for good is followed best by the largest weight, 0.8."""
    values = np.repeat([0.2, 0.8, 0.3, 0.7], 10)

    made = forecasts(values, weekdays(40), UNIT)["exponential_smoothing"]

    weights = 0.2 ** np.arange(40)
    assert made[-1, 0] == pytest.approx((weights * values[::-1]).sum() / weights.sum())


def test_silence_keeps_the_last_forecast_of_the_moving_means() -> None:
    values = np.concatenate([np.full(30, 0.4), np.full(60, np.nan)])

    made = forecasts(values, weekdays(90), UNIT)

    assert all(made[name][-1, 0] == pytest.approx(0.4) for name in SIMPLE_MODELS)


@at_most(25)
@given(st.integers(0, 2**32 - 1), st.integers(40, 119))
def test_no_forecast_knows_a_later_day(seed: int, day: int) -> None:
    random = np.random.default_rng(seed)
    values = noise_with_silent_days(random, 120)
    other = values.copy()
    other[day + 1 :] = random.normal(0.5, 0.3, 119 - day)

    made, changed = (forecasts(each, weekdays(120), UNIT) for each in (values, other))

    for name in made:
        np.testing.assert_array_equal(made[name][: day + 1], changed[name][: day + 1], name)


def test_a_weekly_pattern_without_noise_is_learnt() -> None:
    pattern = np.array([0.3, 0.4, 0.5, 0.5, 0.5, 0.6, 0.7])
    values = np.tile(pattern, 30)

    made = forecasts(values, weekdays(210), UNIT)

    days_ahead = (np.arange(HORIZONS) + 209 + DAYS_UNDER_WAY + 1) % 7
    assert made[CANDIDATE][-1] == pytest.approx(pattern[days_ahead], abs=0.01)
    assert made["expanding_mean"][-1] == pytest.approx([0.5] * HORIZONS)


def test_forecasts_stay_within_their_limits() -> None:
    values = np.tile([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 20)

    made = forecasts(values, weekdays(140), UNIT)[CANDIDATE]

    assert made.min() >= 0
    assert made.max() <= 1


def test_errors_are_those_of_every_origin_one_by_one() -> None:
    values = noise_with_silent_days(np.random.default_rng(3), 200)
    made = forecasts(values, weekdays(200), UNIT)

    found = evaluate(values, made, seed=1)

    first = np.flatnonzero(~np.isnan(values))[WARM_UP_DAYS - 1]
    errors: dict[str, list[float]] = {name: [] for name in made}
    origins = 0
    for origin in range(first, 200):
        targets = range(origin + DAYS_UNDER_WAY + 1, origin + DAYS_UNDER_WAY + 1 + HORIZONS)
        known = [day for day in targets if day < 200 and not np.isnan(values[day])]
        origins += len(known) > 0
        for name in made:
            errors[name] += [
                abs(values[day] - made[name][origin, day - targets[0]]) for day in known
            ]
    mae = {name: sum(each) / len(each) for name, each in errors.items()}
    best = min(SIMPLE_MODELS, key=lambda name: mae[name])
    assert (found.best_simple_model, found.n_origins) == (best, origins)
    assert found.best_simple_mae == pytest.approx(mae[best])
    assert found.candidate_mae == pytest.approx(mae[CANDIDATE])
    assert found.skill == pytest.approx(1 - mae[CANDIDATE] / mae[best])
    changes = np.abs(np.diff(values))
    assert found.mase == pytest.approx(found.mae / changes[~np.isnan(changes)].mean())


def test_only_the_last_year_is_judged() -> None:
    values = noise(np.random.default_rng(4), 1000)
    made = forecasts(values, weekdays(1000), UNIT)

    found = evaluate(values, made, seed=1)

    assert found.n_origins == MAX_ORIGINS - DAYS_UNDER_WAY - 1
    assert judged_days(values) == MAX_ORIGINS - 1


def test_the_band_is_the_quantiles_of_the_errors_by_horizon() -> None:
    values = noise(np.random.default_rng(5), 300)
    made = forecasts(values, weekdays(300), UNIT)

    found = evaluate(values, made, seed=1)

    lead = DAYS_UNDER_WAY + 3
    residuals = (values[lead:] - made[found.shown][:-lead, 2])[WARM_UP_DAYS - 1 :]
    expected = np.quantile(residuals, 0.1, method="lower")
    assert found.band["low_80"][2] == pytest.approx(expected)
    assert found.band["high_95"][2] == pytest.approx(np.quantile(residuals, 0.975, method="higher"))


def test_too_few_days_are_refused() -> None:
    values = np.full(WARM_UP_DAYS + JUDGED_DAYS - 1, 0.5)

    assert judged_days(values) == JUDGED_DAYS - 1
    with pytest.raises(ValueError, match="too few days"):
        evaluate(values, forecasts(values, weekdays(len(values)), UNIT), seed=1)


def test_a_constant_series_leaves_nothing_to_gain() -> None:
    values = np.full(100, 0.5)

    found = evaluate(values, forecasts(values, weekdays(100), UNIT), seed=1)

    assert not found.has_skill
    assert found.best_simple_mae == 0
    assert np.isnan(found.skill)


@pytest.mark.heavy
@pytest.mark.parametrize("series", [noise, noise_with_silent_days, skewed_noise, drift])
def test_no_skill_is_claimed_where_simple_models_are_right(series: Series) -> None:
    assert skill(series, 300, people=40).claimed <= 0.05


@pytest.mark.heavy
def test_a_strong_weekly_pattern_is_found_and_bands_hold() -> None:
    found = skill(weekly, 365, people=30)

    assert found.claimed == 1
    assert found.mean_skill > 0.05
    assert found.coverage_80 == pytest.approx(0.80, abs=0.03)
    assert found.coverage_95 == pytest.approx(0.95, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("series", [noise, noise_with_silent_days, skewed_noise, drift])
def test_no_skill_on_noise_in_95_of_100_people(series: Series) -> None:
    assert skill(series, 365, people=200).claimed <= 0.05
