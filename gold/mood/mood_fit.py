"""The statistics of the mood clusters: fit, choice of k, null; their names are ``mood_names``'.

Longer than two screens because the parts of one search stand together; the order is that of
``fit_mood_model``.

What the scores can and cannot say: the null shuffles every feature by itself, so a model that beats
it shows that features go together in these tracks. It does not show that there are islands with
nothing between them; music has none (a silhouette near 0.2), and a cluster is a region of sound.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gold.mood.k_means import Fit, Floats, Labels, Points, silhouette
from gold.mood.mood_names import (
    NO_PREVIOUS,
    PreviousClusters,
    Scaler,
    labels_of,
    lasting_ids,
    purity,
)
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.statuses import NO_SKILL, OK, TOO_FEW_DATA, Status
from silver.names.exact_numbers import DECIMALS

CLUSTER_COUNTS = (4, 5, 6)
# Below 200 tracks the 5 % rule leaves fewer than ten tracks for a cluster, and on samples of real
# tracks the clusters beat their null in four of five cases at 100, in nine of ten at 200.
MIN_TRACKS = 200
MIN_CLUSTER_SHARE = 0.05
STARTS = 8
BOOTSTRAPS = 10
BOOTSTRAP_STARTS = 3
# Each start is a short run, the best of them goes on: a third of the steps for the same inertia
# (Biernacki, Celeux and Govaert 2003, for the EM algorithm).
SHORT_RUN = 1e-2
LONG_RUN = 1e-3
# Real data must exceed every shuffle: of 19, noise does so once in 20 times (p = 0.05).
SILHOUETTE_SHUFFLES = 19
# Shown and decides nothing: one shuffle says as much as several.
STABILITY_SHUFFLES = 1
SILHOUETTE_ROWS = 2000
# The mean of ten bootstraps is itself uncertain by about this much.
STABILITY_TIE = 0.02
SEED = 20190121

_TEMPO = CONTINUOUS_FEATURES.index("tempo")


@dataclass(frozen=True)
class MoodCluster:
    """One cluster: its lasting id, its centre in z-scores, its label (None without skill)."""

    cluster_id: int
    centroid: Floats
    label: str | None
    label_purity: float | None


@dataclass(frozen=True)
class Scores:
    """How clear the clusters are, beside the highest silhouette and mean stability of the null."""

    silhouette: float
    null_silhouette: float
    stability: float
    null_stability: float
    inertia: float


@dataclass(frozen=True)
class MoodModel:
    """What was fitted; ``clusters`` is empty and scaler and scores None with too few tracks."""

    n_fitted: int
    clusters: tuple[MoodCluster, ...]
    scaler: Scaler | None
    scores: Scores | None
    status: Status
    reason: str | None
    ids_used: int


@dataclass(frozen=True)
class _Candidate:
    fit: Fit
    silhouette: float
    stability: float

    @property
    def k(self) -> int:
        return len(self.fit.centres)

    @property
    def is_balanced(self) -> bool:
        return self.fit.smallest_share >= MIN_CLUSTER_SHARE


def fit_mood_model(features: Floats, previous: PreviousClusters = NO_PREVIOUS) -> MoodModel:
    """Fit k-means on z-scored tracks and say how much it can be believed.

    ``features`` is tracks × ``CONTINUOUS_FEATURES`` in natural units and in a fixed order of rows;
    a tempo that is 0 or NaN is unknown. The same rows give the same model on any machine.

    - k is the most stable of 4, 5 and 6 whose clusters each hold 5 % of the tracks; within 0.02 of
      the most stable the better silhouette wins, then the smaller k.
    - Stability is the mean adjusted Rand index (Hubert and Arabie 1985) between fits on bootstrap
      resamples, all of them assigning the same tracks.
    - Null: each feature shuffled by itself, same k. Silhouette must exceed 19 shuffles of 19, else
      the status is ``no_skill``: centres stay, so that identities last, but there are no labels.
      The stability of shuffles is shown beside the real one but decides nothing: with thousands of
      tracks k-means cuts even shuffled features the same way every time (Ben-David, von Luxburg
      and Pál 2006), 0.97 where the real tracks have 0.94.
    """
    known = features.copy()
    known[known[:, _TEMPO] == 0, _TEMPO] = np.nan
    if len(known) == 0 or len(np.unique(known, axis=0, equal_nan=True)) < MIN_TRACKS:
        too_few = (
            f"{len(known)} tracks have measured or catalogue features; "
            f"{MIN_TRACKS} different ones are needed"
        )
        return MoodModel(len(known), (), None, None, TOO_FEW_DATA, too_few, previous.ids_used)
    from threadpoolctl import threadpool_limits

    scaler = Scaler.of(known)
    z_scores = scaler.z_scores(known)
    # Each fit in one thread: several add up in another order, and then the last digits differ by
    # machine. Several fits at a time: each new thread needs the limit of its own.
    one_thread = partial(threadpool_limits, limits=1)
    with one_thread(), ThreadPoolExecutor(os.cpu_count(), initializer=one_thread) as pool:
        # The largest first, so that none is left to a single thread at the end.
        counts = sorted(CLUSTER_COUNTS, reverse=True)
        chosen = _choose([*pool.map(partial(_candidate, z_scores), counts)])
        nulls = [*pool.map(partial(_null_scores, z_scores, chosen.k), range(SILHOUETTE_SHUFFLES))]
    null_silhouette = max(silhouette for silhouette, _ in nulls)
    null_stability = float(np.mean([each for _, each in nulls if each is not None]))
    reason: str | None = None
    if not chosen.is_balanced:
        reason = "no k from 4 to 6 gives clusters of at least 5 % of the tracks"
    elif chosen.silhouette <= null_silhouette:
        reason = "the clusters are no clearer than in the same features shuffled"
    centres = chosen.fit.centres.round(DECIMALS)
    nearest = Points(z_scores).nearest(centres)
    cluster_ids, ids_used = lasting_ids(centres, scaler, previous)
    labels = labels_of(scaler.natural_units(centres), centres, cluster_ids)
    clusters = [
        MoodCluster(
            cluster_id=cluster_ids[row],
            centroid=centres[row],
            label=None if reason else labels[row],
            label_purity=None if reason else purity(known[nearest == row], scaler, centres[row]),
        )
        for row in np.argsort(cluster_ids)
    ]
    scores = Scores(
        silhouette=round(chosen.silhouette, DECIMALS),
        null_silhouette=round(null_silhouette, DECIMALS),
        stability=round(chosen.stability, DECIMALS),
        null_stability=round(null_stability, DECIMALS),
        inertia=round(float(((z_scores - centres[nearest]) ** 2).sum(axis=1).mean()), DECIMALS),
    )
    return MoodModel(
        n_fitted=len(known),
        clusters=tuple(clusters),
        scaler=scaler,
        scores=scores,
        status=NO_SKILL if reason else OK,
        reason=reason,
        ids_used=ids_used,
    )


def _k_means(points: Points, starts: Sequence[Floats]) -> Fit:
    """Return the best of several short runs: balanced before unbalanced, then the least inertia.

    On real tracks the best starts differ by a ten-thousandth in inertia while the smallest cluster
    holds 4 or 6 % of the tracks, so that the 5 % rule would otherwise be left to chance.
    """
    fits = [points.fit(start, SHORT_RUN) for start in starts]
    return min(fits, key=lambda fit: (fit.smallest_share < MIN_CLUSTER_SHARE, fit.inertia))


def _settled(points: Points, k: int) -> Fit:
    """Return the best of the starts, run on until every centre is the mean of its members."""
    best = _k_means(points, [points.start(k, SEED + start) for start in range(STARTS)])
    return points.fit(best.centres, tolerance=0)


def _candidate(z_scores: Floats, k: int) -> _Candidate:
    points = Points(z_scores)
    fit = _settled(points, k)
    return _Candidate(
        fit=fit,
        silhouette=_silhouette(z_scores, points.nearest(fit.centres)),
        stability=_stability(z_scores, fit.centres),
    )


def _choose(candidates: Sequence[_Candidate]) -> _Candidate:
    eligible = [each for each in candidates if each.is_balanced] or candidates
    most_stable = max(each.stability for each in eligible)
    near = [each for each in eligible if each.stability >= most_stable - STABILITY_TIE]
    return max(near, key=lambda each: (round(each.silhouette, DECIMALS), -each.k))


def _silhouette(z_scores: Floats, labels: Labels) -> float:
    rows = np.arange(len(labels))
    if len(rows) > SILHOUETTE_ROWS:
        rows = np.random.default_rng(SEED).choice(rows, SILHOUETTE_ROWS, replace=False)
    if len(np.unique(labels[rows])) == 1:
        return 0.0
    return silhouette(z_scores[rows], labels[rows])


def _stability(z_scores: Floats, centres: Floats) -> float:
    """Return the mean adjusted Rand index between bootstrap fits that all assign the same tracks.

    The centres of the full fit are among each fit's starts. Three random starts alone often end in
    a worse optimum and would measure the search, not the data: they show 0.75 where twenty show
    0.94, and so do three and these.
    """
    assigned = []
    points, k = Points(z_scores), len(centres)
    for bootstrap in range(BOOTSTRAPS):
        random = np.random.default_rng([SEED, bootstrap])
        resample = Points(z_scores[random.integers(0, len(z_scores), len(z_scores))])
        starts = [resample.start(k, SEED + start) for start in range(BOOTSTRAP_STARTS)]
        best = _k_means(resample, [*starts, centres])
        assigned.append(points.nearest(resample.fit(best.centres, LONG_RUN).centres))
    return float(np.mean([_adjusted_rand(a, b) for a, b in combinations(assigned, 2)]))


def _adjusted_rand(one: Labels, other: Labels) -> float:
    """Return the adjusted Rand index of two labellings from 0 (scikit-learn's takes 6 ms)."""
    together = _pairs(np.bincount(one * (int(other.max()) + 1) + other))
    of_one, of_other = _pairs(np.bincount(one)), _pairs(np.bincount(other))
    expected = of_one * of_other / _pairs(np.array([len(one)]))
    most = (of_one + of_other) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _pairs(sizes: NDArray[Any]) -> float:
    """Return how many pairs groups of these sizes hold."""
    return float((sizes * (sizes - 1)).sum() / 2)


def _null_scores(z_scores: Floats, k: int, shuffle: int) -> tuple[float, float | None]:
    """Return the silhouette and, of the first shuffles, the stability of shuffled features."""
    shuffled = np.random.default_rng([SEED, shuffle]).permuted(z_scores, axis=0)
    points = Points(shuffled)
    centres = _settled(points, k).centres
    found = _silhouette(shuffled, points.nearest(centres))
    return found, _stability(shuffled, centres) if shuffle < STABILITY_SHUFFLES else None
