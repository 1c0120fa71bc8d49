"""Measures of a ranked list, by hand and against scikit-learn."""

import math

import numpy as np
import pytest

from gold.recommendations.ranking_metrics import (
    intra_list_distance,
    mean_with_interval,
    ndcg,
    novelty,
    recall,
)


def test_ndcg_by_hand() -> None:
    # Places 1 and 3 found of three that were to be found.
    found = np.array([True, False, True, False])
    expected = (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2)
    assert ndcg(found, relevant=3) == pytest.approx(expected)
    assert ndcg(np.array([True, True]), relevant=2) == 1
    assert ndcg(np.array([False, False]), relevant=2) == 0
    assert math.isnan(ndcg(np.array([False]), relevant=0))


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(20))
def test_ndcg_is_that_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import ndcg_score

    random = np.random.default_rng(seed)
    relevant = random.random(200) < random.choice([0.02, 0.2, 0.6])
    relevant[0] = True
    scores = random.random(200)
    expected = ndcg_score([relevant.astype(float)], [scores], k=50)
    found = relevant[np.argsort(-scores)]
    assert ndcg(found, int(relevant.sum())) == pytest.approx(expected, abs=1e-12)


def test_places_after_the_fiftieth_do_not_count() -> None:
    found = np.zeros(60, dtype=bool)
    found[50:] = True
    assert ndcg(found, relevant=10) == 0
    assert recall(found, relevant=10) == 0


def test_recall_is_the_share_of_all_that_was_to_be_found() -> None:
    assert recall(np.array([True, False, True]), relevant=8) == 0.25


def test_distance_is_the_share_of_pairs_of_two_artists() -> None:
    # a a b: of the pairs aa, ab, ab two are of two artists.
    assert intra_list_distance(np.array([7, 7, 1])) == pytest.approx(2 / 3)
    assert intra_list_distance(np.array([1, 2, 3])) == 1
    assert intra_list_distance(np.array([4, 4])) == 0
    assert math.isnan(intra_list_distance(np.array([1])))


def test_novelty_is_in_bits() -> None:
    assert novelty(np.array([0.5, 0.125])) == 2


def test_interval_of_four_weeks_by_hand() -> None:
    mean, low, high = mean_with_interval(np.array([0.1, 0.2, 0.3, 0.4]))
    # t of 3 degrees of freedom is 3.182446; the standard deviation is 0.1290994.
    assert mean == pytest.approx(0.25)
    assert (low, high) == pytest.approx((0.25 - 0.2054260, 0.25 + 0.2054260), abs=1e-6)


def test_one_week_says_nothing_of_the_next() -> None:
    assert mean_with_interval(np.array([0.5])) == (0.5, -math.inf, math.inf)
