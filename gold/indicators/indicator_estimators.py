"""The formulas of the wellbeing indicators, each for many resamples of a person's days at once.

NumPy only. Each is an ``Estimator``: a function of sums over days, called with how often
each day counts (see ``gold.statistics.day_bootstrap``); one row of ones returns the value itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]

HOURS = 24
MOST_ACTIVE_HOURS = 10
LEAST_ACTIVE_HOURS = 5
PERMUTATIONS = 199


@dataclass(frozen=True)
class Estimator:
    """A number that follows from sums over days.

    ``of_days`` is what is summed × days. ``formula`` takes the sums, sums × resamples, and returns
    one number a resample, NaN where it has no value.
    """

    of_days: Floats
    formula: Callable[[Floats], Floats]

    def __call__(self, weights: Floats) -> Floats:
        """Return the number for each row of ``weights``, resamples × days."""
        (estimated,) = estimated_together([self], weights)
        return estimated


def estimated_together(estimators: Sequence[Estimator], weights: Floats) -> list[Floats]:
    """Return what each estimator returns for ``weights``, by one matrix product."""
    sums = np.concatenate([each.of_days for each in estimators]) @ weights.T
    estimated, first = [], 0
    for each in estimators:
        last = first + len(each.of_days)
        estimated.append(each.formula(sums[first:last]))
        first = last
    return estimated


def ratio(numerators: Floats, denominators: Floats) -> Estimator:
    """Return Σ numerators / Σ denominators, both one number a day."""

    def formula(sums: Floats) -> Floats:
        above, below = sums
        return _known(above, below, below > 0)

    return Estimator(np.array([numerators, denominators]), formula)


def between_day_sd(means: Floats, error_variances: Floats) -> Estimator:
    """Return √max(0, s²(day means) - mean of their error variances), what days truly differ by.

    ``means`` and ``error_variances`` (s² / n of the day) are NaN on days that do not count. The
    subtraction is the method of moments of random-effects models (Hedges and Olkin 1985).
    """
    is_used = ~np.isnan(means)
    away = np.where(is_used, means - means[is_used].mean(), 0)
    errors = np.where(is_used, error_variances, 0)

    def formula(sums: Floats) -> Floats:
        days, total, squares, error = sums
        spread = squares - _known(total**2, days, days > 0)
        variance = _known(spread, days - 1, days > 1) - _known(error, days, days > 0)
        return np.sqrt(np.maximum(variance, 0))

    return Estimator(np.array([is_used, away, away**2, errors]), formula)


def successive_difference(squares: Floats, error_variances: Floats) -> Estimator:
    """Return the root mean square of successive differences, less noise (RMSSD, von Neumann 1941).

    ``squares`` are (day mean - mean of the day before)², ``error_variances`` those of both means
    together; NaN on days that have no day before them.
    """
    is_used = ~np.isnan(squares)

    def formula(sums: Floats) -> Floats:
        net, pairs = sums
        return np.sqrt(np.maximum(_known(net, pairs, pairs > 0), 0))

    net = np.where(is_used, squares - error_variances, 0)
    return Estimator(np.array([net, is_used]), formula)


def lag_one_autocorrelation(earlier: Floats, later: Floats) -> Estimator:
    """Return Pearson's r of each day's mean with that of the day before, NaN where none is."""
    is_used = ~(np.isnan(earlier) | np.isnan(later))
    # Centred first: the sums below would lose digits far from zero.
    x, y = (np.where(is_used, each - each[is_used].mean(), 0) for each in (earlier, later))

    def formula(sums: Floats) -> Floats:
        pairs, x, y, xx, yy, xy = sums
        x, y, xx, yy, xy = (_known(each, pairs, pairs > 0) for each in (x, y, xx, yy, xy))
        variances = (xx - x**2) * (yy - y**2)
        return _known(xy - x * y, np.sqrt(np.maximum(variances, 0)), variances > 1e-20)

    return Estimator(np.array([is_used, x, y, x * x, y * y, x * y]), formula)


def interdaily_stability(hours: Floats) -> Estimator:
    """Return IS: how alike the days are, 0 to 1 (Witting 1990). ``hours`` is days × 24, days whole.

    IS = n Σ_h (x̄_h - x̄)² / (24 Σ (x_i - x̄)²).
    """

    def formula(sums: Floats) -> Floats:
        mean, variance = _mean_and_variance(sums[-3:])
        profile = sums[:HOURS] / sums[-3]
        return _known(((profile - mean) ** 2).mean(axis=0), variance, variance > 0)

    return Estimator(np.vstack([hours.T, _of_all_hours(hours)]), formula)


def intradaily_variability(hours: Floats, follows: NDArray[np.bool_] | None = None) -> Estimator:
    """Return IV: how broken up the day is, 0 a slow wave, 2 noise (Witting 1990).

    IV = n Σ (x_i - x_(i-1))² / ((n - 1) Σ (x_i - x̄)²); a day's first hour follows the last one of
    the day before, where the row before is that day: ``follows`` says so of each row (all, if not
    given).
    """
    squares = np.diff(hours.ravel(), prepend=np.nan).reshape(hours.shape) ** 2
    if follows is not None:
        squares[~follows, 0] = np.nan
    steps = np.array([np.nansum(squares, axis=1), (~np.isnan(squares)).sum(axis=1)])

    def formula(sums: Floats) -> Floats:
        _, variance = _mean_and_variance(sums[-3:])
        step = _known(sums[0], sums[1], sums[1] > 0)
        return _known(step, variance, variance > 0)

    return Estimator(np.vstack([steps, _of_all_hours(hours)]), formula)


def relative_amplitude(hours: Floats) -> Estimator:
    """Return RA = (M10 - L5) / (M10 + L5) of the mean day, 0 to 1 (Van Someren 1999).

    M10 and L5 are the means of the ten fullest and of the five emptiest hours in a row, midnight
    no border.
    """

    def formula(sums: Floats) -> Floats:
        most = (_in_a_row(MOST_ACTIVE_HOURS) @ sums).max(axis=0) / MOST_ACTIVE_HOURS
        least = (_in_a_row(LEAST_ACTIVE_HOURS) @ sums).min(axis=0) / LEAST_ACTIVE_HOURS
        return _known(most - least, most + least, most + least > 0)

    return Estimator(hours.T, formula)


def midpoint_shift(hours: Floats, is_weekend: NDArray[np.bool_]) -> Estimator:
    """Return how many hours later the middle of listening is at weekends, -12 to 12.

    The middle is the circular mean of the time of day, weighted by what was heard in each hour
    (``hours``, days × 24). Its absolute value is the proxy of social jetlag (Wittmann 2006).
    """
    angles = 2 * np.pi * (np.arange(HOURS) + 0.5) / HOURS
    on_circle = hours @ np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ends, weekdays = (np.where(each[:, None], on_circle, 0) for each in (is_weekend, ~is_weekend))

    def formula(sums: Floats) -> Floats:
        x, y, other_x, other_y = sums
        turned = (x + 1j * y) * (other_x - 1j * other_y)
        return np.where(abs(turned) > 0, np.angle(turned) * HOURS / (2 * np.pi), np.nan)

    return Estimator(np.vstack([ends.T, weekdays.T]), formula)


def generalist_specialist(plays: Floats, positions: Floats, directions: Floats) -> Estimator:
    """Return GS = Σ w_j cos(x_j, μ) / Σ w_j with μ = Σ w_j x_j (Anderson et al. 2020), -1 to 1.

    By day: ``plays`` Σ w_j, ``positions`` Σ w_j x_j and ``directions`` Σ w_j x_j / |x_j|, the last
    two days × features. As the cosines all have the same μ, these sums are enough.
    """

    def formula(sums: Floats) -> Floats:
        centre, along = np.split(sums[1:], 2)
        below = np.sqrt((centre**2).sum(axis=0)) * sums[0]
        return _known((along * centre).sum(axis=0), below, below > 0)

    return Estimator(np.vstack([plays, positions.T, directions.T]), formula)


def autocorrelation_null(
    plays: "csr_array", sums: "csr_array", follows: NDArray[np.bool_], seed: int
) -> Floats:
    """Return the lag-1 autocorrelations of day means when features belong to other artists.

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


def _of_all_hours(hours: Floats) -> Floats:
    """Return 3 × days: one, the sum of the day's hours, and that of their squares."""
    return np.array([np.ones(len(hours)), hours.sum(axis=1), (hours**2).sum(axis=1)])


def _mean_and_variance(sums: Floats) -> tuple[Floats, Floats]:
    """Return those of all hours, from the sums of ``_of_all_hours``."""
    days, total, squares = sums
    mean = total / days / HOURS
    return mean, squares / days / HOURS - mean**2


def _in_a_row(length: int) -> Floats:
    """Return 24 × 24: one where the second hour is among the ``length`` from the first one on."""
    after = (np.arange(HOURS) - np.arange(HOURS)[:, None]) % HOURS
    return (after < length).astype(np.float64)
