"""The formulas, against values worked out by hand, by definition, or by other libraries."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gold.indicators.indicator_estimators import (
    autocorrelation_null,
    between_day_sd,
    estimated_together,
    generalist_specialist,
    interdaily_stability,
    intradaily_variability,
    lag_one_autocorrelation,
    midpoint_shift,
    ratio,
    relative_amplitude,
    successive_difference,
)
from gold.indicators.rarefaction import rarefied

Floats = NDArray[np.float64]
NAN = np.nan


def once(days: int) -> Floats:
    return np.ones((1, days))


def test_estimators_together_are_what_each_is_alone() -> None:
    weights = np.random.default_rng(1).integers(0, 4, (6, 5)).astype(float)
    x, y = np.arange(5.0), np.array([2.0, 7.0, 1.0, 8.0, 2.0])
    alone = [ratio(x, y), between_day_sd(y, x / 100), ratio(y, x)]

    together = estimated_together(alone, weights)

    for one, estimator in zip(together, alone, strict=True):
        np.testing.assert_allclose(one, estimator(weights))


def test_silent_hours_turn_the_weekend_by_nothing_that_is_known() -> None:
    hours = np.zeros((2, 24))
    hours[0, 5] = 1

    assert np.isnan(midpoint_shift(hours, np.array([False, True]))(once(2))).all()


def test_a_ratio_is_of_sums_and_unknown_without_anything_below() -> None:
    weights = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 1.0]])

    found = ratio(np.array([3.0, 1.0]), np.array([4.0, 0.0]))(weights)

    assert found.tolist()[:2] == [1.0, 0.75]
    assert np.isnan(found[2])


def test_variability_is_the_spread_of_days_less_what_their_errors_make() -> None:
    means, errors = np.array([0.4, NAN, 0.6, 0.5]), np.array([0.001, NAN, 0.002, 0.003])

    (plain,) = between_day_sd(means, errors)(once(4))
    (twice,) = between_day_sd(means, errors)(np.array([[2.0, 9.0, 1.0, 0.0]]))

    # s² of .4 .6 .5 is .01, the errors' mean .002; of .4 .4 .6 they are .04 / 3 and .004 / 3.
    assert plain == pytest.approx(np.sqrt(0.01 - 0.002))
    assert twice == pytest.approx(np.sqrt(0.04 / 3 - 0.004 / 3))


def test_noise_alone_is_no_variability() -> None:
    found = between_day_sd(np.array([0.5, 0.51]), np.array([0.1, 0.1]))

    assert found(once(2)).tolist() == [0.0]


def test_instability_is_the_root_mean_square_of_steps_less_both_errors() -> None:
    # Steps of .2 and -.1: (.04 - .004 + .01 - .002) / 2 = .022.
    squares, errors = np.array([NAN, 0.04, 0.01]), np.array([NAN, 0.004, 0.002])

    assert successive_difference(squares, errors)(once(3)) == pytest.approx(np.sqrt(0.022))


def test_inertia_is_the_autocorrelation_of_pandas() -> None:
    days = np.random.default_rng(1).normal(0.5, 0.1, 80).cumsum()
    earlier = np.append(NAN, days[:-1])

    (found,) = lag_one_autocorrelation(earlier, days)(once(80))

    assert found == pytest.approx(pd.Series(days).autocorr(1))


@pytest.mark.heavy
def test_inertia_of_a_resample_is_pearsons_r_of_its_pairs() -> None:
    from scipy import stats

    random = np.random.default_rng(2)
    earlier, later = random.normal(0, 1, (2, 6))
    earlier[4] = NAN
    often = np.array([2, 0, 1, 3, 5, 1])

    (found,) = lag_one_autocorrelation(earlier, later)(often[None, :].astype(float))

    pairs = np.repeat(np.array([0, 2, 3, 5]), [2, 1, 3, 1])
    assert found == pytest.approx(stats.pearsonr(earlier[pairs], later[pairs]).statistic)


def waves(days: int) -> Floats:
    """Twelve hours on, twelve hours off."""
    return np.tile(np.repeat([1.0, 0.0], 12), (days, 1))


def test_the_same_day_every_day_is_stable_and_whole() -> None:
    # IV: in two days 3 steps of 1, Σ(x - x̄)² = 12: 48 · 3 / (47 · 12). Ten hours on, five off.
    assert interdaily_stability(waves(2))(once(2)) == pytest.approx(1)
    assert intradaily_variability(waves(2))(once(2)) == pytest.approx(48 * 3 / (47 * 12))
    assert relative_amplitude(waves(2))(once(2)) == pytest.approx(1)


def test_rhythm_is_what_the_definitions_say() -> None:
    hours = np.random.default_rng(3).gamma(0.5, 10, (20, 24)) * (1 + np.arange(24))
    x = list(hours.ravel())
    n, mean = len(x), sum(x) / len(x)
    profile = [sum(x[hour::24]) / 20 for hour in range(24)]
    total = sum((each - mean) ** 2 for each in x)
    stability = n * sum((each - mean) ** 2 for each in profile) / (24 * total)
    steps = sum((x[each] - x[each - 1]) ** 2 for each in range(1, n))
    around = [[profile[(hour + step) % 24] for step in range(24)] for hour in range(24)]
    most = max(sum(each[:10]) / 10 for each in around)
    least = min(sum(each[:5]) / 5 for each in around)

    assert interdaily_stability(hours)(once(20)) == pytest.approx(stability)
    assert intradaily_variability(hours)(once(20)) == pytest.approx(n * steps / ((n - 1) * total))
    assert relative_amplitude(hours)(once(20)) == pytest.approx((most - least) / (most + least))


def test_silence_has_no_rhythm() -> None:
    for estimator in (interdaily_stability, intradaily_variability, relative_amplitude):
        assert np.isnan(estimator(np.zeros((3, 24)))(once(3))).all()


def test_from_eleven_at_night_to_one_is_two_hours_later() -> None:
    hours = np.zeros((2, 24))
    hours[0, 23], hours[1, 1] = 10, 30

    assert midpoint_shift(hours, np.array([False, True]))(once(2)) == pytest.approx(2)
    assert midpoint_shift(hours, np.array([True, False]))(once(2)) == pytest.approx(-2)


@pytest.mark.heavy
def test_generalists_score_is_the_mean_cosine_with_the_mean() -> None:
    from sklearn.metrics.pairwise import cosine_similarity

    random = np.random.default_rng(4)
    artists, plays = random.normal(0.5, 1, (6, 8)), random.integers(0, 9, (10, 6)).astype(float)
    units = artists / np.linalg.norm(artists, axis=1, keepdims=True)

    estimator = generalist_specialist(plays.sum(axis=1), plays @ artists, plays @ units)
    (found,) = estimator(once(10))

    of_artist = plays.sum(axis=0)
    cosines = cosine_similarity(artists, (of_artist @ artists)[None, :]).ravel()
    assert found == pytest.approx(np.average(cosines, weights=of_artist))


def test_two_artists_at_a_right_angle_score_half_a_right_angle() -> None:
    axes = np.array([[1.0, 0.0], [0.0, 1.0]])

    assert generalist_specialist(np.ones(2), axes, axes)(once(2)) == pytest.approx(np.sqrt(0.5))


def gini_by_definition(counts: Floats) -> float:
    differences = np.abs(counts[:, None] - counts[None, :]).sum()
    return float(differences / (2 * len(counts) ** 2 * counts.mean()))


@pytest.mark.heavy
def test_of_two_hundred_plays_nothing_is_left_to_chance() -> None:
    from scipy import stats

    counts = np.array([120, 40, 25, 10, 3, 1, 1])

    found = rarefied(counts)

    entropy = stats.entropy(counts) + (len(counts) - 1) / (2 * 200)  # Miller and Madow
    assert found.diversity == pytest.approx(np.exp(entropy))
    assert found.gini == pytest.approx(gini_by_definition(counts.astype(float)))


@pytest.mark.parametrize(
    ("counts", "diversity"), [([300], 1.0), ([1] * 200, 200 * np.exp(199 / 400))]
)
def test_one_artist_and_only_new_ones_are_the_ends(counts: list[int], diversity: float) -> None:
    found = rarefied(np.array(counts))

    assert found.diversity == pytest.approx(diversity)
    assert found.gini == pytest.approx(0, abs=1e-12)


@pytest.mark.heavy
def test_more_plays_are_worth_what_two_hundred_of_them_are_on_average() -> None:
    from scipy import stats

    random = np.random.default_rng(6)
    counts = random.zipf(1.7, 150).clip(max=300)
    drawn = random.multivariate_hypergeometric(counts, 200, size=4000)
    entropies = [stats.entropy(each) + ((each > 0).sum() - 1) / 400 for each in drawn]
    ginis = [gini_by_definition(each[each > 0].astype(float)) for each in drawn]

    found = rarefied(counts)

    error = np.std(entropies) / np.sqrt(4000)
    assert np.log(found.diversity) == pytest.approx(np.mean(entropies), abs=4 * error)
    assert found.gini == pytest.approx(np.mean(ginis), abs=0.005)


def test_fewer_than_two_hundred_plays_are_refused() -> None:
    with pytest.raises(ValueError, match="199 plays, 200 are to be drawn"):
        rarefied(np.array([100, 99]))


def test_influences_are_what_one_more_play_of_an_artist_does() -> None:
    counts = np.random.default_rng(8).integers(1, 60, 40)
    found = rarefied(counts)

    def after(artist: int) -> tuple[float, float]:
        more = rarefied(counts + (np.arange(40) == artist))
        return np.log(more.diversity), more.gini

    # But for a constant, by which all plays together have none.
    for one, other in ((0, 7), (7, 39), (12, 3)):
        expected = np.subtract(after(one), after(other))
        diversity = found.log_diversity_influence[[one, other]]
        gini = found.gini_influence[[one, other]]
        assert diversity[0] - diversity[1] == pytest.approx(expected[0], abs=1e-9)
        assert gini[0] - gini[1] == pytest.approx(expected[1], rel=0.02, abs=1e-7)
    assert counts @ found.log_diversity_influence == pytest.approx(0, abs=1e-9)
    assert counts @ found.gini_influence == pytest.approx(0, abs=1e-9)


def test_hearing_the_same_again_is_inertia_that_any_features_would_have() -> None:
    """Every artist for ten days in a row: the means of days hang together whatever they are."""
    random = np.random.default_rng(9)
    artists = np.repeat(np.arange(20), 10)
    plays = csr_array((np.full(200, 8.0), (np.arange(200), artists)), shape=(200, 20))
    sums = csr_array((8 * random.random(20)[artists], (np.arange(200), artists)), shape=(200, 20))
    follows = np.arange(200) > 0

    again = autocorrelation_null(plays, sums, follows, seed=1)

    assert np.median(again) == pytest.approx(0.9, abs=0.05)


def test_other_artists_every_day_have_no_inertia_by_chance() -> None:
    random = np.random.default_rng(10)
    plays = csr_array(random.integers(0, 3, (200, 30)).astype(float))
    sums = plays.multiply(random.random((200, 30))).tocsr()

    by_chance = autocorrelation_null(plays, sums, np.arange(200) > 0, seed=1)

    assert np.mean(by_chance) == pytest.approx(0, abs=0.05)
    # r of 199 pairs strays by 1 / sqrt(199).
    assert np.std(by_chance) == pytest.approx(199**-0.5, rel=0.3)
