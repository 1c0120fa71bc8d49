"""The formulas of the wellbeing indicators, each for many resamples of a person's days at once.

NumPy and SciPy only. ``weights`` is draws × days: how often each day counts (see
``gold.day_bootstrap``); one row of ones gives the value itself. Every function gives one number a
row of ``weights``, NaN where the formula has no value.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS = 24
MOST_ACTIVE_HOURS = 10
LEAST_ACTIVE_HOURS = 5
RAREFIED_PLAYS = 200
PERMUTATIONS = 199


def ratio(weights: Floats, numerators: Floats, denominators: Floats) -> Floats:
    """Give Σ numerators / Σ denominators, both one number a day."""
    below = weights @ denominators
    return _known(weights @ numerators, below, below > 0)


def between_day_sd(weights: Floats, means: Floats, error_variances: Floats) -> Floats:
    """Give √max(0, s²(day means) - mean of their error variances), what days truly differ by.

    ``means`` and ``error_variances`` (s² / n of the day) are NaN on days that do not count. The
    subtraction is the method of moments of random-effects models (Hedges and Olkin 1985).
    """
    is_used = ~np.isnan(means)
    weights, means = weights[:, is_used], means[is_used] - np.nanmean(means)
    days = weights.sum(axis=1)
    squares = weights @ means**2 - _known((weights @ means) ** 2, days, days > 0)
    errors = ratio(weights, error_variances[is_used], np.ones(len(means)))
    variance = _known(squares, days - 1, days > 1) - errors
    return np.sqrt(np.maximum(variance, 0))


def successive_difference(weights: Floats, squares: Floats, error_variances: Floats) -> Floats:
    """Give the root mean square of successive differences (RMSSD, von Neumann 1941), noise removed.

    ``squares`` are (day mean - mean of the day before)², ``error_variances`` those of both means
    together; NaN on days that have no day before them.
    """
    is_used = ~np.isnan(squares)
    net = (squares - error_variances)[is_used]
    return np.sqrt(np.maximum(ratio(weights[:, is_used], net, np.ones(len(net))), 0))


def lag_one_autocorrelation(weights: Floats, earlier: Floats, later: Floats) -> Floats:
    """Give Pearson's r of each day's mean with that of the day before; NaN where there is none."""
    is_used = ~(np.isnan(earlier) | np.isnan(later))
    weights, x, y = weights[:, is_used], earlier[is_used], later[is_used]
    # Centred first: the sums below would lose digits far from zero.
    x, y = x - x.mean(), y - y.mean()
    ones = np.ones(len(x))
    mean_x, mean_y = ratio(weights, x, ones), ratio(weights, y, ones)
    covariance = ratio(weights, x * y, ones) - mean_x * mean_y
    variances = (ratio(weights, x * x, ones) - mean_x**2) * (
        ratio(weights, y * y, ones) - mean_y**2
    )
    return _known(covariance, np.sqrt(np.maximum(variances, 0)), variances > 1e-20)


def interdaily_stability(weights: Floats, hours: Floats) -> Floats:
    """Give IS: how alike the days are, 0 to 1 (Witting 1990). ``hours`` is days × 24, days whole.

    IS = n Σ_h (x̄_h - x̄)² / (24 Σ (x_i - x̄)²).
    """
    profile, mean, variance = _profile(weights, hours)
    between_hours = ((profile - mean[:, None]) ** 2).mean(axis=1)
    return _known(between_hours, variance, variance > 0)


def intradaily_variability(weights: Floats, hours: Floats) -> Floats:
    """Give IV: how broken up the day is, 0 a slow wave, 2 noise (Witting 1990).

    IV = n Σ (x_i - x_(i-1))² / ((n - 1) Σ (x_i - x̄)²); a day's first hour follows the last one of
    the day before, so the rows of ``hours`` must be days without a gap.
    """
    _, _, variance = _profile(weights, hours)
    squares = np.diff(hours.ravel(), prepend=np.nan).reshape(hours.shape) ** 2
    pairs = (~np.isnan(squares)).sum(axis=1).astype(np.float64)
    step = ratio(weights, np.nansum(squares, axis=1), pairs)
    return _known(step, variance, variance > 0)


def relative_amplitude(weights: Floats, hours: Floats) -> Floats:
    """Give RA = (M10 - L5) / (M10 + L5) of the mean day, 0 to 1 (Van Someren 1999).

    M10 and L5 are the means of the ten fullest and of the five emptiest hours in a row, midnight
    no border.
    """
    profile, _, _ = _profile(weights, hours)
    most = _circular_means(profile, MOST_ACTIVE_HOURS).max(axis=1)
    least = _circular_means(profile, LEAST_ACTIVE_HOURS).min(axis=1)
    return _known(most - least, most + least, most + least > 0)


def midpoint_shift(weights: Floats, hours: Floats, is_weekend: NDArray[np.bool_]) -> Floats:
    """Give how many hours later the middle of listening is at weekends, -12 to 12.

    The middle is the circular mean of the time of day, weighted by what was heard in each hour
    (``hours``, days × 24). Its absolute value is the proxy of social jetlag (Wittmann 2006).
    """
    angles = 2 * np.pi * (np.arange(HOURS) + 0.5) / HOURS
    on_circle = hours @ np.exp(1j * angles)
    ends, weekdays = (weights @ np.where(each, on_circle, 0) for each in (is_weekend, ~is_weekend))
    turned = ends * np.conj(weekdays)
    return _known(np.angle(turned) * HOURS / (2 * np.pi), np.ones(len(turned)), abs(turned) > 0)


def generalist_specialist(
    weights: Floats, plays: Floats, positions: Floats, directions: Floats
) -> Floats:
    """Give GS = Σ w_j cos(x_j, μ) / Σ w_j with μ = Σ w_j x_j (Anderson et al. 2020), -1 to 1.

    By day: ``plays`` Σ w_j, ``positions`` Σ w_j x_j and ``directions`` Σ w_j x_j / |x_j|, the last
    two days × features. As the cosines all have the same μ, these sums are enough.
    """
    centre = weights @ positions
    length = np.sqrt((centre**2).sum(axis=1))
    along = ((weights @ directions) * centre).sum(axis=1)
    below = length * (weights @ plays)
    return _known(along, below, below > 0)


@dataclass(frozen=True)
class Rarefied:
    """Diversity and concentration in 200 plays, and what one more play of each artist adds.

    ``diversity`` is e^H in artists, ``gini`` 0 to 1. The influences are one number an artist, of
    ln(diversity) and of gini; over all plays they add up to 0.
    """

    diversity: float
    gini: float
    log_diversity_influence: Floats
    gini_influence: Floats


def rarefied(counts: Ints, plays: int = RAREFIED_PLAYS) -> Rarefied:
    """Give what is to be expected of ``plays`` plays drawn from ``counts`` plays an artist.

    A person who plays more meets more artists; only equal numbers of plays compare. What is drawn
    at random elsewhere is an expected value here: of k plays of an artist, hypergeometric, summed
    over artists (Hurlbert 1971; for entropy Chao et al. 2014). H is Shannon's with the correction
    of Miller and Madow, (artists - 1) / (2 plays). Gini is that of the expected numbers of artists
    with 1, 2, 3 … plays. Raises ValueError where there are fewer plays than are to be drawn.
    """
    total = int(counts.sum())
    if total < plays:
        raise ValueError(f"{total} plays, {plays} are to be drawn")
    values, artists_of = np.unique(counts, return_inverse=True)
    how_many = np.bincount(artists_of).astype(np.float64)
    heard = np.arange(plays + 1)
    expected = how_many @ _subsample(values, total, plays)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = np.where(heard > 0, -heard / plays * np.log(heard / plays), 0.0)
    # ln(diversity) is a sum over artists of what k plays of one of them are worth.
    worth = surprise + (heard > 0) / (2 * plays)
    distances = abs(heard[:, None] - heard[None, :]) * (heard > 0)[:, None] * (heard > 0)
    artists = expected[1:].sum()
    gini = float(expected @ distances @ expected / (2 * artists * plays))
    gini_slope = distances @ expected / (artists * plays) - gini / artists * (heard > 0)
    after = how_many @ _subsample(values, total + 1, plays)
    one_more = _subsample(values + 1, total + 1, plays) - _subsample(values, total + 1, plays)
    added = after - expected + one_more

    def influence(slope: Floats) -> Floats:
        of_artist: Floats = (added @ slope)[artists_of]
        return of_artist - float(of_artist @ counts) / total

    return Rarefied(
        float(np.exp(expected @ worth - 1 / (2 * plays))),
        gini,
        influence(worth),
        influence(gini_slope),
    )


def autocorrelation_null(
    plays: csr_array, sums: csr_array, follows: NDArray[np.bool_], seed: int
) -> Floats:
    """Give the lag-1 autocorrelations of day means when features belong to other artists.

    ``plays`` and ``sums`` (of one feature) are days × artists, ``follows`` says which days have
    the day before in the row before, and plays on both. 199 times each artist is given the mean
    of another one, and what the artist's tracks of a day deviate from it a sign of its own. Which
    artists are heard when, and for how many plays, stays: so stays the autocorrelation that comes
    of hearing the same again, and only what the features themselves add is missing. NaN where no
    two days follow each other.
    """
    of_artist = np.asarray(plays.sum(axis=0)).ravel()
    means = np.asarray(sums.sum(axis=0)).ravel() / of_artist
    deviations = sums - plays.multiply(means[None, :]).tocsr()
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.tile(means[:, None], PERMUTATIONS), axis=0)
    signs = random.choice([-1.0, 1.0], shuffled.shape)
    of_day = np.asarray(plays.sum(axis=1)).ravel()
    day_means = (plays @ shuffled + deviations @ signs) / np.maximum(of_day, 1)[:, None]
    later, earlier = day_means[1:][follows[1:]], day_means[:-1][follows[1:]]
    if len(later) == 0:
        return np.full(PERMUTATIONS, np.nan)
    later, earlier = later - later.mean(axis=0), earlier - earlier.mean(axis=0)
    below = np.sqrt((later**2).sum(axis=0) * (earlier**2).sum(axis=0))
    return _known((later * earlier).sum(axis=0), below, below > 0)


def _known(above: Floats, below: Floats, is_known: NDArray[np.bool_]) -> Floats:
    quotient: Floats = np.divide(above, below, out=np.full_like(above, np.nan), where=is_known)
    return quotient


def _profile(weights: Floats, hours: Floats) -> tuple[Floats, Floats, Floats]:
    """Give the mean day (draws × 24), its mean, and the variance of all hours."""
    days = weights.sum(axis=1)
    profile = (weights @ hours) / days[:, None]
    mean = profile.mean(axis=1)
    variance = (weights @ (hours**2).mean(axis=1)) / days - mean**2
    return profile, mean, variance


def _circular_means(profile: Floats, length: int) -> Floats:
    """Give the mean of the ``length`` hours that begin with each hour."""
    sums = np.cumsum(np.hstack([profile * 0, profile, profile])[:, HOURS - 1 :], axis=1)
    means: Floats = (sums[:, length : length + HOURS] - sums[:, :HOURS]) / length
    return means


def _subsample(counts: Ints, total: int, plays: int) -> Floats:
    """Give counts × (0 … plays): how likely k of an artist's plays are among those drawn."""
    drawn = np.arange(plays + 1)[None, :]
    own = counts[:, None]
    is_possible = (drawn <= own) & (plays - drawn <= total - own)
    k = np.where(is_possible, drawn, np.minimum(own, plays))
    factorials = _log_factorials(1 << total.bit_length())
    logarithm = (
        factorials[own]
        - factorials[k]
        - factorials[own - k]
        + factorials[total - own]
        - factorials[plays - k]
        - factorials[np.abs(total - own - plays + k)]
        - factorials[total]
        + factorials[plays]
        + factorials[total - plays]
    )
    return np.where(is_possible, np.exp(np.minimum(logarithm, 0)), 0.0)


@lru_cache(maxsize=4)
def _log_factorials(below: int) -> Floats:
    """Give ln(n!) of the numbers below ``below``: a look-up is many times faster than ln Γ."""
    logarithms: Floats = gammaln(np.arange(below) + 1.0)
    return logarithms
