"""Days are drawn in blocks, the same everywhere, and intervals are as wide as they must be."""

import numpy as np
import pytest

from gold.statistics.day_bootstrap import (
    block_days,
    corrected_intervals,
    day_weights,
    expanded_level,
    interval,
)
from gold.statistics.seeds import seed_of


def test_a_seed_is_of_the_person_and_of_what_is_drawn() -> None:
    # printf 'me\037mood' | sha256sum, the first sixteen digits.
    assert seed_of("me", "mood") == 0x85AF5CACAB9F9C42
    assert seed_of("ab", "c") != seed_of("a", "bc")


@pytest.mark.parametrize(("days", "block"), [(1, 7), (5, 7), (30, 7), (30, 1), (56, 7), (57, 7)])
def test_a_resample_has_as_many_days_as_there_are(days: int, block: int) -> None:
    weights = day_weights(days, block, 500, seed=1)

    assert weights.shape == (500, days)
    assert (weights.sum(axis=1) == days).all()
    assert weights.min() >= 0
    # Every day is as likely as any other, the first and last ones too.
    assert weights.mean(axis=0) == pytest.approx(np.ones(days), abs=0.25)


def test_blocks_go_round_and_the_last_one_is_cut() -> None:
    weights = day_weights(30, 7, 20, seed=3)

    starts = np.random.default_rng(3).integers(0, 30, (20, 5))
    for row, first_days in zip(weights, starts, strict=True):
        expected = np.zeros(30)
        for first, length in zip(first_days, (7, 7, 7, 7, 2), strict=True):
            for day in range(first, first + length):
                expected[day % 30] += 1
        assert row.tolist() == expected.tolist()


def test_few_days_are_cut_into_at_least_four_blocks() -> None:
    """One block of all days would be the same days every time, and the interval a point."""
    means = day_weights(8, 7, 200, seed=1) @ np.arange(8)

    assert len(np.unique(means)) > 10


def test_resampled_means_spread_as_the_standard_error_of_independent_days() -> None:
    days = np.random.default_rng(5).normal(0, 1, 100)

    means = day_weights(100, 1, 4000, seed=5) @ days / 100

    assert means.std() == pytest.approx(days.std() / 10, rel=0.05)


def test_an_interval_is_that_of_the_percentiles_and_leaves_out_what_has_no_value() -> None:
    draws = np.append(np.arange(1001.0), np.nan)

    assert interval(draws) == pytest.approx((25, 975))
    assert interval(draws, level=0.8) == pytest.approx((100, 900))
    assert np.isnan(interval(np.full(3, np.nan))).all()


def test_eight_blocks_are_read_as_students_t_reads_eight_values() -> None:
    # t(.975, 7) = 2.3646; times sqrt(8 / 7) = 2.5279; the normal curve holds .98853 within.
    assert expanded_level(56, 7) == pytest.approx(0.98853, abs=1e-5)
    assert expanded_level(100_000, 7) == pytest.approx(0.95, abs=1e-3)


def corrected(draws: np.ndarray, value: float) -> tuple[float, float]:
    """Return the corrected interval of one estimate, at 95 %."""
    ((low, high),) = corrected_intervals(draws[None, :], np.array([value]), np.array([0.95]))
    return low, high


def test_draws_without_bias_need_no_correction() -> None:
    draws = np.arange(-500.0, 501.0)

    assert corrected(draws, 0.0) == pytest.approx(interval(draws))


@pytest.mark.heavy
def test_draws_that_fall_short_move_the_interval_up() -> None:
    """Of the draws 69.146 % lie below the value, z = 0.5: percentiles of z = 1 ± 1.96."""
    from scipy import stats

    draws = np.arange(100_001.0)

    low, high = corrected(draws, 69_146.0)

    assert low / 100_000 == pytest.approx(stats.norm.cdf(1 - 1.96), abs=1e-3)
    assert high / 100_000 == pytest.approx(stats.norm.cdf(1 + 1.96), abs=1e-3)


def test_a_corrected_interval_leaves_out_what_has_no_value() -> None:
    assert corrected(np.array([1.0, np.nan, 1.0]), 1.0) == (1.0, 1.0)
    assert np.isnan(corrected(np.full(3, np.nan), 1.0)).all()


def test_each_of_several_estimates_has_its_own_interval() -> None:
    random = np.random.default_rng(4)
    draws = random.normal(0, 1, (3, 500)) * np.array([[1.0], [5.0], [0.1]])
    draws[1, :40] = np.nan
    values, levels = np.array([0.2, 0.0, -0.1]), np.array([0.95, 0.8, 0.99])

    together = corrected_intervals(draws, values, levels)

    for row in range(3):
        one = slice(row, row + 1)
        alone = corrected_intervals(draws[one], values[one], levels[one])
        np.testing.assert_array_equal(together[one], alone)


def test_quantiles_are_those_of_numpy() -> None:
    draws = np.random.default_rng(9).normal(0, 1, 333)

    low, high = interval(draws, level=0.9)

    assert [low, high] == pytest.approx(np.quantile(draws, [0.05, 0.95]).tolist())


@pytest.mark.parametrize(("days", "length"), [(14, 7), (56, 7), (120, 7), (365, 14), (2921, 21)])
def test_blocks_are_weeks_and_grow_with_the_history(days: int, length: int) -> None:
    assert block_days(days) == length


@pytest.mark.heavy
@pytest.mark.parametrize("days", [56, 365])
def test_intervals_hold_the_truth_where_days_go_on_from_each_other(days: int) -> None:
    """Four hundred people, φ = 0.5; the same days taken for independent hold it far less often."""
    from scipy.signal import lfilter

    noise = np.random.default_rng(7).normal(0, 1, (400, days + 50))
    people = lfilter([1], [1, -0.5], noise)[:, 50:]

    def held(block: int, level: float) -> int:
        weights = day_weights(days, block, 1000, seed=days)
        intervals = [interval(weights @ values / days, level) for values in people]
        return sum(low <= 0 <= high for low, high in intervals)

    block = block_days(days)
    assert 0.91 <= held(block, expanded_level(days, block)) / 400 <= 0.97
    assert held(1, 0.95) / 400 < 0.8
