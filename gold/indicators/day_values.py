"""Values by local day: plays, means, plays by artist, and the days that sources cover."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

MIN_PLAYS_A_DAY = 5


@dataclass(frozen=True, eq=False)
class ArtistDays:
    """Plays by local day and artist: one value a day and artist in every array, in this order.

    ``row`` is the place of the day among ``days`` days, ``artist`` the number of the artist among
    ``artists``. ``valence`` and ``energy`` are sums over plays ``with_features``, in millionths.
    """

    days: int
    artists: int
    row: Ints
    artist: Ints
    plays: Floats
    with_features: Floats
    valence: Floats
    energy: Floats

    def between(self, low: int, high: int) -> "ArtistDays":
        """Return the days from the ``low``th up to the one before the ``high``th."""
        first, last = np.searchsorted(self.row, [low, high])
        of_days = slice(first, last)
        return ArtistDays(
            days=high - low,
            artists=self.artists,
            row=self.row[of_days] - low,
            artist=self.artist[of_days],
            plays=self.plays[of_days],
            with_features=self.with_features[of_days],
            valence=self.valence[of_days],
            energy=self.energy[of_days],
        )

    def by_day(self, values: Floats) -> Floats:
        """Return the sum of ``values`` (one a day and artist) of each day."""
        return sums_at(self.row, values, self.days)

    def by_artist(self, values: Floats) -> Floats:
        """Return the sum of ``values`` (one a day and artist) of each artist."""
        return sums_at(self.artist, values, self.artists)


@dataclass(frozen=True, eq=False)
class DayPlays:
    """Plays of some kind by local day; ``day`` is days since 1970-01-01, in order."""

    day: Ints
    by_day: Floats

    @cached_property
    def plays(self) -> int:
        return int(self.by_day.sum())

    @cached_property
    def days(self) -> int:
        """How many days have such a play."""
        return int(np.count_nonzero(self.by_day))

    @cached_property
    def is_full(self) -> Truths:
        """Which days have five such plays."""
        is_full: Truths = self.by_day >= MIN_PLAYS_A_DAY
        return is_full

    @cached_property
    def full_days(self) -> int:
        return int(np.count_nonzero(self.is_full))

    @cached_property
    def follows(self) -> Truths:
        """Which days have five such plays, and so has the calendar day before."""
        follows = np.zeros(len(self.day), dtype=bool)
        follows[1:] = (np.diff(self.day) == 1) & self.is_full[1:] & self.is_full[:-1]
        return follows

    @cached_property
    def pairs(self) -> int:
        """How many such pairs of days there are."""
        return int(np.count_nonzero(self.follows))

    def between(self, low: int, high: int) -> "DayPlays":
        """Return the days from the ``low``th up to the one before the ``high``th."""
        return DayPlays(self.day[low:high], self.by_day[low:high])


@dataclass(frozen=True)
class DayMeans:
    """Each day's mean of a feature and the variance of its error, s² / n.

    NaN on days with fewer than five plays that have features.
    """

    mean: Floats
    error_variance: Floats


@dataclass(frozen=True, eq=False)
class CoveredDays:
    """Runs of days of which something is known, in order, from ``first`` to ``last`` inclusive."""

    first: Ints
    last: Ints

    def between(self, first: int, last: int) -> Ints:
        """Return the covered days from ``first`` to ``last``, both inclusive."""
        low, high = np.maximum(self.first, first), np.minimum(self.last, last)
        runs = [np.arange(one, other + 1) for one, other in zip(low, high, strict=True)]
        return np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64)

    def days_before(self, days: Ints) -> Ints:
        """Return how many days before each of ``days`` are covered without a break; -1 if none."""
        run = np.searchsorted(self.first, days, side="right") - 1
        is_known = (run >= 0) & (days <= self.last[run])
        return np.where(is_known, days - self.first[run], -1)


def sums_at(places: NDArray[np.integer], values: Floats, number: int) -> Floats:
    """Return the sum of the values at each of ``number`` places."""
    return np.bincount(places, values, number).astype(np.float64, copy=False)
