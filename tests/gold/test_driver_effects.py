"""Effects by hand, clusters of days and of tracks, and as many false findings as are owned to."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gold.statistics.driver_effects import (
    LevelSums,
    blocks_with_plays,
    driver_effects,
    q_values,
    quarters_with_plays,
    support,
)
from tests.simulated.drivers import errors

BOTH = np.array([True, True])


def sums_of(
    day: np.ndarray, level: np.ndarray, track: np.ndarray, feature: np.ndarray, block_days: int = 7
) -> LevelSums:
    """Add up plays of one driver with two levels, the slow way."""
    days = np.unique(day)
    plays = np.zeros((len(days), 2))
    sums = np.zeros((len(days), 2, 1))
    of_track = np.zeros((track.max() + 1, 2))
    for each in range(len(day)):
        row = np.searchsorted(days, day[each])
        plays[row, level[each]] += 1
        sums[row, level[each], 0] += feature[track[each]]
        of_track[track[each], level[each]] += 1
    in_all = of_track.sum(axis=1, keepdims=True)
    return LevelSums(
        day_numbers=days,
        driver_of=np.zeros(2, dtype=np.int64),
        block_days=np.full(2, block_days),
        plays=plays,
        features=sums,
        track_squares=(of_track**2).sum(axis=0),
        track_products=(of_track * in_all).sum(axis=0),
        track_variance=np.array([feature[in_all[:, 0] > 0].var(ddof=1)]),
    )


def test_an_effect_is_the_distance_to_the_plays_at_other_levels() -> None:
    """Three plays at 1, 1 and 4, two at 5 and 7: means 2 and 6."""
    day = np.arange(5) * 7
    sums = sums_of(day, np.array([0, 0, 0, 1, 1]), np.arange(5), np.array([1.0, 1, 4, 5, 7]))

    found = driver_effects(sums, BOTH, seed=1)

    assert found.mean[:, 0].tolist() == [2, 6]
    assert found.effect[:, 0].tolist() == [-4, 4]


def test_levels_of_other_drivers_are_not_the_others() -> None:
    """Two drivers of two levels each over the same plays: each level is compared within its own."""
    random = np.random.default_rng(1)
    day, track = np.arange(400) // 2, np.arange(400)
    feature = random.normal(0, 1, 400)
    one = sums_of(day, random.integers(0, 2, 400), track, feature)
    other = sums_of(day, random.integers(0, 2, 400), track, feature)
    both = LevelSums(
        day_numbers=one.day_numbers,
        driver_of=np.array([0, 0, 1, 1]),
        block_days=np.full(4, 7),
        plays=np.hstack([one.plays, other.plays]),
        features=np.hstack([one.features, other.features]),
        track_squares=np.hstack([one.track_squares, other.track_squares]),
        track_products=np.hstack([one.track_products, other.track_products]),
        track_variance=one.track_variance,
    )

    together = driver_effects(both, np.full(4, True), seed=3)
    apart = [driver_effects(each, BOTH, seed=3) for each in (one, other)]

    for name in ("mean", "effect", "low", "high", "p_value"):
        wanted = np.vstack([getattr(each, name) for each in apart])
        np.testing.assert_allclose(getattr(together, name), wanted, err_msg=name)


def test_levels_that_are_not_tested_say_nothing_and_do_not_count_as_tests() -> None:
    random = np.random.default_rng(2)
    sums = sums_of(np.arange(200) // 2, np.arange(200) % 2, np.arange(200), random.random(200))

    found = driver_effects(sums, np.array([True, False]), seed=1)

    assert np.isnan([found.effect[1, 0], found.low[1, 0], found.p_value[1, 0]]).all()
    assert found.q_value[0, 0] == found.p_value[0, 0]
    assert np.isnan(driver_effects(sums, np.array([False, False]), seed=1).q_value).all()


def test_days_with_a_mood_of_their_own_widen_the_interval() -> None:
    """Ten plays a day, alternating by day: what differs is days, so only days count."""
    random = np.random.default_rng(3)
    day = np.arange(2000) // 10
    mood = random.normal(0, 1, 200)[day]
    own = random.normal(0, 1, 2000)
    level = day % 2
    track = np.arange(2000)

    clustered = driver_effects(sums_of(day, level, track, mood), BOTH, seed=1)
    independent = driver_effects(sums_of(day, level, track, own), BOTH, seed=1)

    widths = [(each.high - each.low)[0, 0] for each in (clustered, independent)]
    # Standard errors √(1/100 + 1/100) and √(1/1000 + 1/1000), each 3.92 wide and a little more.
    assert widths[0] == pytest.approx(3.92 * np.sqrt(2 / 100), rel=0.25)
    assert widths[1] == pytest.approx(3.92 * np.sqrt(2 / 1000), rel=0.25)


def test_one_favourite_track_is_no_finding_however_often_it_is_played() -> None:
    """Every morning the same bright track: certain for these days, but it is one track."""
    random = np.random.default_rng(4)
    day = np.repeat(np.arange(300), 4)
    level = np.tile([0, 1, 1, 1], 300)
    track = np.where(level == 0, 0, random.integers(1, 100, 1200))
    feature = random.normal(0, 1, 100)
    feature[0] = 1.5

    habit = driver_effects(sums_of(day, level, track, feature), BOTH, seed=1)
    varied = driver_effects(
        sums_of(day, level, np.arange(1200), np.where(level == 0, 1.0, 0) + feature[track]),
        BOTH,
        seed=1,
    )

    assert habit.low[0, 0] > 1
    assert habit.p_value[0, 0] > 0.1
    assert varied.p_value[0, 0] < 1e-6


@pytest.mark.heavy
def test_the_variance_of_habits_is_that_of_features_dealt_out_again() -> None:
    """By brute force: permute the features over the tracks and look how far the effect moves."""
    random = np.random.default_rng(5)
    track = np.minimum(random.geometric(0.03, 3000) - 1, 149)
    level = (random.random(3000) < np.where(track % 2, 0.2, 0.6)).astype(int)
    day = np.sort(random.integers(0, 400, 3000))
    feature = random.normal(0, 1, 150)
    sums = sums_of(day, level, track, feature)

    effects = []
    for _ in range(2000):
        dealt = random.permutation(feature[np.unique(track)])
        values = dealt[np.searchsorted(np.unique(track), track)]
        effects.append(values[level == 0].mean() - values[level == 1].mean())
    n = sums.plays.sum(axis=0)
    x, xc = sums.track_squares, sums.track_products
    both, others = 1 / n[0] + 1 / n[1], 1 / n[1]
    squares = both**2 * x[0] - 2 * both * others * xc[0] + others**2 * xc.sum()

    assert np.std(effects) == pytest.approx(np.sqrt(squares * sums.track_variance[0]), rel=0.06)
    # The p-value is based on no less: a z-score of it is never above the permutations' own.
    found = driver_effects(sums, BOTH, seed=1)
    beyond = np.mean(np.abs(effects) >= abs(found.effect[0, 0]))
    assert found.p_value[0, 0] == pytest.approx(beyond, abs=0.1)


def test_q_values_are_those_of_all_tests_of_the_person_together() -> None:
    """Two levels and two features: four tests, of which a level has the same two p-values."""
    days, tracks = np.arange(60), np.arange(60)
    random = np.random.default_rng(6)
    one, other = (sums_of(days, days % 2, tracks, random.normal(size=60)) for _ in range(2))
    sums = replace(
        one,
        features=np.concatenate([one.features, other.features], axis=2),
        track_variance=np.concatenate([one.track_variance, other.track_variance]),
    )

    found = driver_effects(sums, BOTH, seed=1)

    # Of two different p-values, each twice: the smaller one is at rank 2 of 4.
    smaller, greater = found.p_value[0].min(), found.p_value[0].max()
    assert found.q_value[0].min() == pytest.approx(min(2 * smaller, greater))
    assert found.q_value[0].max() == pytest.approx(greater)


@pytest.mark.heavy
def test_q_values_are_those_of_scipy() -> None:
    from scipy.stats import false_discovery_control

    p_values = np.random.default_rng(3).uniform(size=50).round(2)  # with ties, and some near 1
    assert q_values(p_values) == pytest.approx(false_discovery_control(p_values))
    assert q_values(np.array([0.02, 0.5, 0.01])).tolist() == pytest.approx([0.03, 0.5, 0.03])


def test_blocks_are_counted_where_they_have_plays() -> None:
    day_numbers = np.array([0, 6, 7, 20, 21])
    plays = np.array([[1, 0], [1, 0], [0, 0], [0, 2], [1, 0]])

    assert blocks_with_plays(day_numbers, plays, 7).tolist() == [2, 1]
    assert blocks_with_plays(day_numbers[:0], plays[:0], 7).tolist() == [0, 0]


def test_support_is_counted_for_a_level_and_for_the_others() -> None:
    """Level 0: three plays on two days of one week; level 1: one play a week later."""
    sums = sums_of(np.array([0, 0, 1, 7]), np.array([0, 0, 0, 1]), np.arange(4), np.arange(4.0))

    own, others = support(sums, 7)

    assert own.tolist() == [[3, 2, 1], [1, 1, 1]]
    assert others.tolist() == [[1, 1, 1], [3, 2, 1]]


def test_a_winter_goes_from_december_to_february() -> None:
    days = [date(2023, 11, 30), date(2023, 12, 1), date(2024, 2, 29), date(2024, 3, 1)]
    day = np.array([(each - date(1970, 1, 1)).days for each in days])
    sums = sums_of(day, np.array([0, 0, 0, 1]), np.arange(4), np.arange(4.0))

    assert quarters_with_plays(sums, least_days=1).tolist() == [2, 1]
    assert quarters_with_plays(sums, least_days=2).tolist() == [1, 0]


def test_the_same_seed_gives_the_same_interval() -> None:
    random = np.random.default_rng(7)
    sums = sums_of(np.arange(200) // 2, np.arange(200) % 2, np.arange(200), random.random(200))

    first, again, other = (driver_effects(sums, BOTH, seed) for seed in (1, 1, 2))

    assert first.low[0, 0] == again.low[0, 0] != other.low[0, 0]


@pytest.mark.heavy
def test_planted_effects_are_covered_and_permuted_features_find_nothing() -> None:
    found = errors(people=12, days=250)

    assert found.coverage >= 0.9
    assert found.people_with_false <= 1 / 12
    assert found.false_tests <= 0.01


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_errors_are_what_they_are_said_to_be() -> None:
    found = errors(people=200, days=365)

    assert 0.93 <= found.coverage <= 0.97
    assert found.people_with_false <= 0.05
    assert found.wrong_sign == 0
