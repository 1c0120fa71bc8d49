"""A person's counted plays by local day, as arrays: what the wellbeing indicators are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.copula import MARGINALS, Z_KNOTS
from gold.indicators.day_values import (
    ArtistDays,
    CoveredDays,
    DayMeans,
    DayPlays,
    sums_at,
)
from schemas.common_columns import CONTINUOUS_FEATURES
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

HOURS = 24
SOUND = tuple(name for name in CONTINUOUS_FEATURES if name != "tempo")
"""The features that place an artist: see ``artist_sounds.sql``."""

# Words for the sound, those of the mood clusters: a quadrant is not how anybody felt.
QUADRANTS = ("bright_energetic", "dark_energetic", "dark_calm", "bright_calm")


@dataclass(frozen=True, eq=False)
class DaySums:
    """Sums by local day; the first axis of every array is the days with counted plays, in order.

    All are whole numbers, so that sums over days are the same in any order of adding. Equal only
    to itself, so that it can be a key.
    """

    day: Ints
    """Days since 1970-01-01."""
    plays: DayPlays
    heard_ms: Floats
    """Days × 24, by the local hour in which plays ended."""
    with_features: DayPlays
    measured: Floats
    catalogue: Floats
    sums: Floats
    """Days × 2: valence and energy, in millionths."""
    squares: Floats
    """Days × 2: the same, each play's value squared, in millionths of millionths."""
    quadrants: Floats
    """Days × 4: plays whose track is bright and energetic, dark and energetic, dark and calm, …"""
    new_tracks: Floats
    """Plays that are the first counted play of their track, after a burn-in.

    What is met soon after a time of which nothing is known may have been met in it.
    """
    plays_after_burn_in: DayPlays
    windows: Floats
    """Plays that end a window of 500 plays."""
    window_repeats: Floats
    """Over these windows, the plays less the different tracks."""
    gap_repeats: Floats
    """Σ of 500 - the number of plays since the track was last played, never below 0."""
    sound_plays: DayPlays
    """Plays whose track has every feature that ``positions`` are made of."""
    positions: Floats
    """Days × features: Σ of the places of the artists played, in millionths."""
    directions: Floats
    """The same of their unit vectors."""
    artists: ArtistDays
    covered: "CoveredDays"
    """The days that the person's sources cover, those without plays too."""

    def between(self, first: int, last: int) -> "DaySums":
        """Return the days from ``first`` to ``last``, both inclusive."""
        low, high = (int(each) for each in np.searchsorted(self.day, [first, last + 1]))

        def of_days(values: Any) -> Any:
            if isinstance(values, CoveredDays):
                return values
            return values[low:high] if isinstance(values, np.ndarray) else values.between(low, high)

        return DaySums(*(of_days(getattr(self, each.name)) for each in fields(self)))

    @cached_property
    def grounded(self) -> DayPlays:
        """Plays whose features were measured or are the catalogue's."""
        return DayPlays(self.day, self.measured + self.catalogue)

    @cached_property
    def named_plays(self) -> DayPlays:
        """Plays whose artist is known."""
        return DayPlays(self.day, self.artists.by_day(self.artists.plays))

    @cached_property
    def plays_of_artists(self) -> Ints:
        """Plays of each artist, in the order of their numbers."""
        return self.artists.by_artist(self.artists.plays).astype(np.int64)

    @cached_property
    def heard(self) -> Floats:
        """What was heard, in milliseconds."""
        heard: Floats = self.heard_ms.sum(axis=1)
        return heard

    @cached_property
    def calendar(self) -> Ints:
        """The covered days from the first day with plays to the last, in order."""
        return self.covered.between(int(self.day[0]), int(self.day[-1]))

    @cached_property
    def calendar_hours(self) -> Floats:
        """Days × 24 of what was heard on each day of ``calendar``, silent days too."""
        hours = np.zeros((len(self.calendar), HOURS))
        is_covered = np.isin(self.day, self.calendar)
        hours[np.searchsorted(self.calendar, self.day[is_covered])] = self.heard_ms[is_covered]
        return hours

    @cached_property
    def means(self) -> tuple[DayMeans, DayMeans]:
        """Those of valence and of energy."""
        n = np.where(self.with_features.is_full, self.with_features.by_day, np.nan)

        def of_feature(feature: int) -> DayMeans:
            mean = self.sums[:, feature] / MILLION / n
            spread = self.squares[:, feature] / MILLION**2 - n * mean**2
            return DayMeans(mean, np.maximum(spread, 0) / (n - 1) / n)

        return of_feature(0), of_feature(1)

    @cached_property
    def is_weekend(self) -> Truths:
        weekend: Truths = (self.day + 3) % 7 >= 5  # 1970-01-01 was a Thursday
        return weekend

    @property
    def weeks(self) -> Ints:
        """Weeks since that of 1970-01-01, Monday to Sunday."""
        return (self.day + 3) // 7


def day_sums(
    hours: pd.DataFrame,
    artists: pd.DataFrame,
    sounds: pd.DataFrame,
    repeats: pd.DataFrame,
    covered: pd.DataFrame,
    burn_in_days: int,
    scale: tuple[Floats, Floats],
) -> DaySums:
    """Lay out one person's sums by day and hour, day and artist, artist, and day.

    The columns are those of ``indicator_hours``, ``indicator_artists``, ``artist_sounds``,
    ``indicator_repeats`` and ``covered_days``, in any order of rows. ``scale`` is the middle and
    the spread of each feature of ``SOUND`` by which an artist is placed, at the mean of the
    person's plays of them.
    """
    day, row = np.unique(hours["day"].to_numpy(np.int64), return_inverse=True)

    def by_day(name: str) -> Floats:
        return sums_at(row, hours[name].to_numpy(np.float64), len(day))

    of_day = repeats.set_index("day").loc[day]
    heard = np.zeros((len(day), HOURS))
    heard[row, hours["hour"].to_numpy(np.int64)] = hours["heard_ms"].to_numpy(np.float64)
    covered = covered.sort_values("first_day")
    runs = CoveredDays(
        covered["first_day"].to_numpy(np.int64), covered["last_day"].to_numpy(np.int64)
    )
    is_after = runs.days_before(day) >= burn_in_days
    plays = by_day("plays")
    codes, names = pd.factorize(artists["artist"], sort=True)
    order = np.lexsort((codes, artists["day"].to_numpy(np.int64)))

    def in_order(name: str) -> Floats:
        return artists[name].to_numpy(np.float64)[order]

    artist_days = ArtistDays(
        days=len(day),
        artists=len(names),
        row=np.searchsorted(day, artists["day"].to_numpy(np.int64)[order]),
        artist=codes[order].astype(np.int64),
        plays=in_order("plays"),
        with_features=in_order("with_features"),
        valence=in_order("valence"),
        energy=in_order("energy"),
    )
    sound_plays = in_order("sound_plays")

    def over_artists(values: Floats) -> Floats:
        """Return days × features: Σ of the artists' values over the plays of the day."""
        of_plays = sound_plays[:, None] * values[artist_days.artist]
        return np.stack([artist_days.by_day(each) for each in of_plays.T], axis=1)

    positions, directions = _places(sounds.set_index("artist").reindex(names), scale)
    return DaySums(
        day=day,
        plays=DayPlays(day, plays),
        heard_ms=heard,
        with_features=DayPlays(day, by_day("with_features")),
        measured=by_day("measured"),
        catalogue=by_day("catalogue"),
        sums=_columns(by_day, "valence", "energy"),
        squares=_columns(by_day, "valence_squares", "energy_squares"),
        quadrants=_columns(by_day, *QUADRANTS),
        new_tracks=np.where(is_after, of_day["new_tracks"], 0.0),
        plays_after_burn_in=DayPlays(day, np.where(is_after, plays, 0.0)),
        windows=of_day["windows"].to_numpy(np.float64),
        window_repeats=of_day["window_repeats"].to_numpy(np.float64),
        gap_repeats=of_day["gap_repeats"].to_numpy(np.float64),
        sound_plays=DayPlays(day, artist_days.by_day(sound_plays)),
        positions=over_artists(positions),
        directions=over_artists(directions),
        artists=artist_days,
        covered=runs,
    )


def catalogue_scale(names: Sequence[str]) -> tuple[Floats, Floats]:
    """Return the mean and the standard deviation of each feature in the public catalogue."""
    density = np.exp(-np.square(Z_KNOTS) / 2)
    quantiles = np.array([MARGINALS[name] for name in names])
    means = np.average(quantiles, axis=1, weights=density)
    spreads = np.sqrt(np.average((quantiles - means[:, None]) ** 2, axis=1, weights=density))
    return means, spreads


def _columns(by_day: Callable[[str], Floats], *names: str) -> Floats:
    return np.stack([by_day(name) for name in names], axis=1)


def _places(sounds: pd.DataFrame, scale: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return each artist's place and its unit vector, artists × features, in whole millionths.

    An artist without a play that has all features is at the middle of everything.
    """
    middle, spread = scale
    plays = sounds["sound_plays"].to_numpy(np.float64)[:, None]
    means = sounds[list(SOUND)].to_numpy(np.float64) / MILLION / plays
    places = np.nan_to_num((means - middle) / spread)
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    directions = places / np.where(lengths > 0, lengths, 1)
    return np.round(places * MILLION), np.round(directions * MILLION)
