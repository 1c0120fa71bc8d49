"""A person's counted plays by local day, as arrays: what the wellbeing indicators are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from features.copula import MARGINALS, Z_KNOTS
from silver.exact_numbers import MILLION

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

HOURS = 24
LEAST_PLAYS_A_DAY = 5


@dataclass(frozen=True, eq=False)
class DaySums:
    """Sums by local day; the first axis of every array is the days with counted plays, in order.

    All are whole numbers, so that sums over days are the same in any order of adding. Equal only
    to itself, so that it can be a key.
    """

    day: Ints
    """Days since 1970-01-01."""
    plays: Floats
    heard_ms: Floats
    """Days × 24, by the local hour in which plays ended."""
    with_features: Floats
    measured: Floats
    catalogue: Floats
    sums: Floats
    """Days × 2: valence and energy, in millionths."""
    squares: Floats
    """Days × 2: the same, each play's value squared, in millionths of millionths."""
    quadrants: Floats
    """Days × 4: plays whose track is bright and energetic, dark and energetic, dark and calm, …"""
    new_tracks: Floats
    """Plays that are the first counted play of their track, after the burn-in."""
    plays_after_burn_in: Floats
    windows: Floats
    """Plays that end a window of 500 plays."""
    window_repeats: Floats
    """Over these windows, the plays less the different tracks."""
    gap_repeats: Floats
    """Σ of 500 - the number of plays since the track was last played, never below 0."""
    sound_plays: Floats
    """Plays whose track has every feature that ``positions`` are made of."""
    positions: Floats
    """Days × features: Σ of the places of the artists played, in millionths."""
    directions: Floats
    """The same of their unit vectors."""
    artist_plays: csr_array
    """Days × artists."""
    artist_with_features: csr_array
    artist_valence: csr_array
    artist_energy: csr_array

    def between(self, first: int, last: int) -> "DaySums":
        """Give the days from ``first`` to ``last``, both inclusive."""
        low, high = np.searchsorted(self.day, [first, last + 1])
        return DaySums(*(getattr(self, each.name)[low:high] for each in fields(self)))

    @property
    def grounded(self) -> Floats:
        """Plays whose features were measured or are the catalogue's."""
        return self.measured + self.catalogue

    @property
    def is_weekend(self) -> Truths:
        weekend: Truths = (self.day + 3) % 7 >= 5  # 1970-01-01 was a Thursday
        return weekend

    @property
    def weeks(self) -> Ints:
        """Weeks since that of 1970-01-01, Monday to Sunday."""
        return (self.day + 3) // 7

    def follows(self, is_used: Truths) -> Truths:
        """Say which days are used together with the calendar day before them."""
        follows = np.zeros(len(self.day), dtype=bool)
        follows[1:] = (np.diff(self.day) == 1) & is_used[1:] & is_used[:-1]
        return follows

    def calendar_hours(self) -> Floats:
        """Give days × 24 of what was heard from the first day to the last, silent days too."""
        hours = np.zeros((self.day[-1] - self.day[0] + 1, HOURS))
        hours[self.day - self.day[0]] = self.heard_ms
        return hours

    def means(self, feature: int) -> tuple[Floats, Floats]:
        """Give each day's mean of valence (0) or energy (1) and the variance of its error, s² / n.

        NaN on days with fewer than five plays that have features.
        """
        n = np.where(self.with_features >= LEAST_PLAYS_A_DAY, self.with_features, np.nan)
        means = self.sums[:, feature] / MILLION / n
        spread = self.squares[:, feature] / MILLION**2 - n * means**2
        return means, np.maximum(spread, 0) / (n - 1) / n


def day_sums(
    hours: pd.DataFrame,
    artists: pd.DataFrame,
    repeats: pd.DataFrame,
    burn_in_days: int,
    scale: tuple[Floats, Floats],
) -> DaySums:
    """Lay out one person's sums by day and hour, by day and artist, and by day; rows in any order.

    The columns are those that ``gold.wellbeing_indicators`` adds up. ``scale`` is the middle and
    the spread of each feature by which an artist is placed, in the order of ``sound_0``,
    ``sound_1`` …; an artist stands at the mean of the person's plays of them.
    """
    day, row = np.unique(hours["day"].to_numpy(np.int64), return_inverse=True)

    def by_day(name: str) -> Floats:
        return np.bincount(row, hours[name].to_numpy(np.float64), len(day)).astype(np.float64)

    of_day = repeats.set_index("day").loc[day]

    heard = np.zeros((len(day), HOURS))
    heard[row, hours["hour"].to_numpy(np.int64)] = hours["heard_ms"].to_numpy(np.float64)
    is_after = day >= day[0] + burn_in_days
    # Plays whose artist is not known are no artist's.
    named = artists[artists["artist"].notna()]
    codes, names = pd.factorize(named["artist"], sort=True)
    days_of = np.searchsorted(day, named["day"].to_numpy(np.int64))

    def by_artist(name: str) -> csr_array:
        values = named[name].to_numpy(np.float64)
        return csr_array((values, (days_of, codes)), shape=(len(day), len(names)))

    sound_plays = by_artist("sound_plays")
    positions, directions = _places(named, codes, len(names), scale)
    plays = by_day("plays")
    return DaySums(
        day=day,
        plays=plays,
        heard_ms=heard,
        with_features=by_day("with_features"),
        measured=by_day("measured"),
        catalogue=by_day("catalogue"),
        sums=_columns(by_day, "valence", "energy"),
        squares=_columns(by_day, "valence_squares", "energy_squares"),
        quadrants=_columns(by_day, *(f"quadrant_{number}" for number in range(4))),
        new_tracks=np.where(is_after, of_day["new_tracks"], 0.0),
        plays_after_burn_in=np.where(is_after, plays, 0.0),
        windows=of_day["windows"].to_numpy(np.float64),
        window_repeats=of_day["window_repeats"].to_numpy(np.float64),
        gap_repeats=of_day["gap_repeats"].to_numpy(np.float64),
        sound_plays=np.asarray(sound_plays.sum(axis=1)).ravel(),
        positions=sound_plays @ positions,
        directions=sound_plays @ directions,
        artist_plays=by_artist("plays"),
        artist_with_features=by_artist("with_features"),
        artist_valence=by_artist("valence"),
        artist_energy=by_artist("energy"),
    )


def catalogue_scale(names: Sequence[str]) -> tuple[Floats, Floats]:
    """Give the mean and the standard deviation of each feature in the public catalogue."""
    density = np.exp(-np.square(Z_KNOTS) / 2)
    quantiles = np.array([MARGINALS[name] for name in names])
    means = np.average(quantiles, axis=1, weights=density)
    spreads = np.sqrt(np.average((quantiles - means[:, None]) ** 2, axis=1, weights=density))
    return means, spreads


def _columns(by_day: Callable[[str], Floats], *names: str) -> Floats:
    return np.stack([by_day(name) for name in names], axis=1)


def _places(
    named: pd.DataFrame, codes: NDArray[np.intp], artists: int, scale: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Give each artist's place and its unit vector, artists × features, in whole millionths."""
    plays = np.bincount(codes, named["sound_plays"].to_numpy(np.float64), artists)
    middle, spread = scale
    sums = [
        np.bincount(codes, named[f"sound_{number}"].to_numpy(np.float64), artists)
        for number in range(len(middle))
    ]
    means = np.stack(sums, axis=1) / MILLION / np.maximum(plays, 1)[:, None]
    places = np.where(plays[:, None] > 0, (means - middle) / spread, 0)
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    directions = places / np.where(lengths > 0, lengths, 1)
    return np.round(places * MILLION), np.round(directions * MILLION)
