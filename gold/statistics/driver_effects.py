"""By how much the plays at a level of a driver differ from a person's other plays, and how surely.

NumPy and SciPy only, on sums by day and level. Two things make plays alike, and both would be taken
for an effect of the hour or the season if plays counted as independent:

- *Days.* A day has its mood, its album, its guest. Days are therefore drawn in blocks: of a week,
  or of a quarter where levels last that long (seasons). The intervals are those of these draws:
  where the effect would lie on other days of the same person with the same tracks.
- *Tracks.* A track played every morning lends all mornings its one valence. Were the features dealt
  out to the tracks again, the effect would vary by S² Σ a², where a is the weight that a track has
  in the effect and S² the variance between tracks; plays that choose their tracks afresh would have
  S² (1/n + 1/n_others) of it. What a person's habits add to that is added to the variance of days
  for the p-value, which so asks for more than a few favourite tracks can do.

This is the two-way clustering of Cameron, Gelbach and Miller (2011): days and tracks, less what is
in both, where the part of the tracks is known exactly from how often each was played at the level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from gold.statistics.day_bootstrap import DRAWS, day_weights, expanded_level, interval

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]

FALSE_DISCOVERY_RATE = 0.05


@dataclass(frozen=True)
class LevelSums:
    """What one person's plays with features add up to.

    ``day_numbers``: days, consecutive whole numbers where days follow each other. ``driver_of``:
    for each level the number of its driver; each play is at one level of a driver at most.
    ``block_days``: for each level how long the blocks are in which days are drawn.
    ``plays``: days × levels. ``features``: days × levels × features, sums over these plays.
    ``track_squares`` and ``track_products``: for each level, sums over tracks of x² and of x · c,
    where the track has x plays at the level and c at all levels of the driver.
    ``track_variance``: for each feature the variance between tracks, each track once.
    """

    day_numbers: Integers
    driver_of: Integers
    block_days: Integers
    plays: Floats
    features: Floats
    track_squares: Floats
    track_products: Floats
    track_variance: Floats

    @property
    def same_driver(self) -> Floats:
        """Levels × levels: 1 where both are of one driver."""
        same: Floats = (self.driver_of[:, None] == self.driver_of).astype(np.float64)
        return same


@dataclass(frozen=True)
class Effects:
    """Levels × features: mean, effect (mean less that of the others), 95 % interval, p and q."""

    mean: Floats
    effect: Floats
    low: Floats
    high: Floats
    p_value: Floats
    q_value: Floats


def blocks_with_plays(day_numbers: Integers, plays: Floats, block_days: int) -> Integers:
    """Return for each column of ``plays``, days × levels, how many blocks of days have a play."""
    if len(day_numbers) == 0:
        return np.zeros(plays.shape[1], dtype=np.int64)
    block = day_numbers // block_days
    starts = np.flatnonzero(np.diff(block, prepend=block[0] - 1))
    with_plays: Integers = (np.add.reduceat(plays, starts, axis=0) > 0).sum(axis=0)
    return with_plays


def support(sums: LevelSums, block_days: int) -> tuple[Floats, Floats]:
    """Return plays, days and blocks with plays: of each level, and of the others of its driver."""

    def of(plays: Floats) -> Floats:
        blocks = blocks_with_plays(sums.day_numbers, plays, block_days)
        return np.column_stack([plays.sum(axis=0), (plays > 0).sum(axis=0), blocks])

    return of(sums.plays), of(sums.plays @ sums.same_driver - sums.plays)


def quarters_with_plays(sums: LevelSums, least_days: int) -> Integers:
    """Return for each level in how many quarters, one from December to February, it has the days.

    ``day_numbers`` are then days since 1970-01-01.
    """
    months = sums.day_numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quarters, quarter = np.unique((months + 1) // 3, return_inverse=True)
    days = np.zeros((len(quarters), sums.plays.shape[1]), dtype=np.int64)
    np.add.at(days, quarter, sums.plays > 0)
    enough: Integers = (days >= least_days).sum(axis=0)
    return enough


def q_values(p_values: Floats) -> Floats:
    """Return the q-value of each p-value (Benjamini and Hochberg 1995).

    As ``scipy.stats.false_discovery_control`` does, whose package takes a second to import.
    """
    descending = np.argsort(-p_values)
    ranks = np.arange(len(p_values), 0, -1)
    found = np.empty_like(p_values)
    found[descending] = np.minimum.accumulate(p_values[descending] * len(p_values) / ranks)
    return np.minimum(found, 1)


def driver_effects(sums: LevelSums, is_tested: Truths, seed: int) -> Effects:
    """Estimate the effect of every level; NaN where ``is_tested`` (one a level) is false.

    A tested level must have plays in two blocks of days at least, and so must the others of its
    driver. p-values are two-sided, of Student's t with as many degrees of freedom as the level has
    blocks with plays, less one; q-values (Benjamini, Hochberg) are those of all tests of the person
    together.
    """
    shape = (len(is_tested), sums.features.shape[2])
    mean, effect, low, high, p_value, q_value = (np.full(shape, np.nan) for _ in range(6))
    if not is_tested.any():
        return Effects(mean, effect, low, high, p_value, q_value)
    plays, features = sums.plays.sum(axis=0)[None], sums.features.sum(axis=0)[None]
    (means,), (effects,) = _means_and_effects(plays, features, sums.same_driver)
    mean[is_tested], effect[is_tested] = means[is_tested], effects[is_tested]
    of_habits = _variance_of_habits(sums)
    for block_days in np.unique(sums.block_days[is_tested]):
        _, drawn = _means_and_effects(*_resampled(sums, block_days, seed), sums.same_driver)
        blocks = blocks_with_plays(sums.day_numbers, sums.plays, block_days)
        for level in np.flatnonzero(is_tested & (sums.block_days == block_days)):
            n = int(blocks[level])
            for feature in range(shape[1]):
                at = level, feature
                draws = drawn[:, level, feature]
                of_days = float(np.nanvar(draws, ddof=1))
                low[at], high[at] = interval(draws, expanded_level(n, 1))
                # As in expanded_level: resamples of few blocks spread too little.
                error = np.sqrt(of_days * n / (n - 1) + of_habits[at])
                p_value[at] = _two_sided_p(abs(effect[at]), error, n - 1)
    q_value[is_tested] = q_values(p_value[is_tested].ravel()).reshape(-1, shape[1])
    return Effects(mean, effect, low, high, p_value, q_value)


def _two_sided_p(size: float, error: float, degrees: int) -> float:
    if error > 0:
        return float(2 * stdtr(degrees, -size / error))
    return 1.0 if size == 0 else 0.0


def _resampled(sums: LevelSums, block_days: int, seed: int) -> tuple[Floats, Floats]:
    """Return draws × levels of plays and draws × levels × features of their sums."""
    days, levels, features = sums.features.shape
    weights = day_weights(days, block_days, DRAWS, seed)
    drawn = weights @ sums.features.reshape(days, -1)
    return weights @ sums.plays, drawn.reshape(DRAWS, levels, features)


def _means_and_effects(
    plays: Floats, features: Floats, same_driver: Floats
) -> tuple[Floats, Floats]:
    """Return draws × levels × features: means, and what they are above those of the others."""
    other_plays = plays @ same_driver - plays
    other_features = np.einsum("dlf,lm->dmf", features, same_driver) - features
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = features / plays[:, :, None]
        effects: Floats = means - other_features / other_plays[:, :, None]
    return means, effects


def _variance_of_habits(sums: LevelSums) -> Floats:
    """Return levels × features: what tracks add to the variance beyond choosing each play afresh.

    A track of x plays at the level and c in all has the weight a = x / n - (c - x) / n_others.
    """
    n = sums.plays.sum(axis=0)
    others = sums.same_driver @ n - n
    with np.errstate(invalid="ignore", divide="ignore"):
        both, of_others = 1 / n + 1 / others, 1 / others
        squares = (
            both**2 * sums.track_squares
            - 2 * both * of_others * sums.track_products
            + of_others**2 * (sums.same_driver @ sums.track_products)
        )
        excess = np.maximum(squares - both, 0)
    variance: Floats = excess[:, None] * sums.track_variance
    return variance
