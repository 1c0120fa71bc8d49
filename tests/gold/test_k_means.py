"""K-means takes the starts and the steps of scikit-learn's, and the silhouette is its too."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from gold.mood.k_means import Points, silhouette


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """Four clouds that overlap, so that a fit takes many steps."""
    random = np.random.default_rng(7)
    clouds = random.normal(size=(4, 5)) * 1.5
    return clouds[random.integers(0, 4, 300)] + random.normal(size=(300, 5))


@pytest.mark.heavy
@pytest.mark.parametrize("tolerance", [1e-2, 0.0])
@pytest.mark.parametrize("k", [2, 6])
def test_a_fit_is_the_one_of_scikit_learn(values: np.ndarray, k: int, tolerance: float) -> None:
    from sklearn.cluster import KMeans

    points = Points(values)
    for seed in range(2):
        # Its threads wait for each other longer than such small fits take.
        with threadpool_limits(limits=1):
            theirs = KMeans(k, n_init=1, tol=tolerance, random_state=seed).fit(values)
        fit = points.fit(points.start(k, seed), tolerance)
        assert fit.centres == pytest.approx(theirs.cluster_centers_, abs=1e-12)
        assert fit.inertia == pytest.approx(theirs.inertia_)
        assert fit.sizes.tolist() == np.bincount(theirs.labels_).tolist()
        assert points.nearest(fit.centres).tolist() == theirs.labels_.tolist()


def test_a_centre_without_points_takes_the_one_furthest_from_its_own() -> None:
    points = Points(np.array([[0.0], [1.0], [2.0], [10.0]]))
    fit = points.fit(np.array([[1.0], [100.0]]), tolerance=0)
    assert fit.centres.tolist() == [[1.0], [10.0]]
    assert fit.sizes.tolist() == [3, 1]
    assert fit.inertia == pytest.approx(2.0)


def test_a_point_between_two_centres_belongs_to_the_first() -> None:
    fit = Points(np.array([[-1.0], [0.0], [1.0]])).fit(np.array([[-1.0], [1.0]]), tolerance=0)
    assert fit.centres.tolist() == [[-0.5], [1.0]]
    assert fit.sizes.tolist() == [2, 1]


@pytest.mark.heavy
def test_the_silhouette_is_the_one_of_scikit_learn(values: np.ndarray) -> None:
    from sklearn.metrics import silhouette_score

    labels = Points(values).nearest(values[:5])
    labels[labels == 1] = 9  # labels need not follow each other
    labels[labels == 2] = np.where(np.arange((labels == 2).sum()) == 0, 2, 0)  # one point alone
    assert silhouette(values, labels) == pytest.approx(silhouette_score(values, labels), abs=1e-12)
