"""The indicators of how the music sounds: level, changes from day to day, quadrants."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gold.indicators.day_values import DayPlays
from gold.indicators.indicator import Indicator
from gold.indicators.indicator_days import QUADRANTS, DaySums
from gold.indicators.indicator_estimators import (
    Estimator,
    autocorrelation_null,
    between_day_sd,
    lag_one_autocorrelation,
    ratio,
    successive_difference,
)
from gold.indicators.requirements import Requirements
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]

FEATURES = ("valence", "energy")
_OF_LEVELS = Requirements(plays=100, days=14)


class FeatureIndicator(Indicator):
    """An indicator of one of ``FEATURES``, by its place there."""

    kind: ClassVar[str]
    uses_features = True

    def __init__(self, feature: int) -> None:
        self.feature = feature
        self.name = f"{FEATURES[feature]}_{self.kind}"

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.with_features


class Level(FeatureIndicator):
    kind = "level"
    unit = "0-1"
    requirements = _OF_LEVELS

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.grounded

    def estimate(self, days: DaySums) -> Estimator:
        return ratio(days.sums[:, self.feature], MILLION * days.with_features.by_day)


class Variability(FeatureIndicator):
    kind = "variability"
    unit = "standard deviation between days, of 0-1"
    requirements = Requirements(full_days=28)

    def estimate(self, days: DaySums) -> Estimator:
        means = days.means[self.feature]
        return between_day_sd(means.mean, means.error_variance)


class Instability(FeatureIndicator):
    kind = "instability"
    unit = "root mean square from day to day, of 0-1"
    requirements = Requirements(neighbouring_days=28)

    def estimate(self, days: DaySums) -> Estimator:
        means = days.means[self.feature]
        follows = days.with_features.follows
        squares, of_both = np.full(len(follows), np.nan), np.full(len(follows), np.nan)
        squares[1:] = np.where(follows[1:], np.diff(means.mean) ** 2, np.nan)
        of_both[1:] = means.error_variance[1:] + means.error_variance[:-1]
        return successive_difference(squares, of_both)


class Inertia(FeatureIndicator):
    kind = "inertia"
    unit = "correlation with the day before, -1 to 1"
    requirements = Requirements(neighbouring_days=60)

    def estimate(self, days: DaySums) -> Estimator:
        means = days.means[self.feature].mean
        follows = days.with_features.follows
        earlier = np.full(len(follows), np.nan)
        earlier[1:] = np.where(follows[1:], means[:-1], np.nan)
        return lag_one_autocorrelation(earlier, means)

    def by_chance(self, days: DaySums, seed: int) -> Floats:
        # Few periods have days enough to be asked for it.
        from scipy.sparse import csr_array

        artists = days.artists
        known, artist = np.unique(artists.artist[artists.with_features > 0], return_inverse=True)
        rows = artists.row[artists.with_features > 0]

        def by_artist(values: Floats) -> csr_array:
            of_known = values[artists.with_features > 0]
            return csr_array((of_known, (rows, artist)), shape=(len(days.day), len(known)))

        sums = (artists.valence, artists.energy)[self.feature]
        is_named = artists.by_day(artists.with_features) > 0
        follows = days.with_features.follows.copy()
        follows[1:] &= is_named[1:] & is_named[:-1]
        return autocorrelation_null(
            by_artist(artists.with_features), by_artist(sums), follows, seed
        )


class QuadrantShare(Indicator):
    """The share of plays in one of ``QUADRANTS``, by its place there."""

    unit = "%"
    requirements = _OF_LEVELS
    uses_features = True

    def __init__(self, quadrant: int) -> None:
        self.quadrant = quadrant
        self.name = f"quadrant_{QUADRANTS[quadrant]}_share"

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.grounded

    def estimate(self, days: DaySums) -> Estimator:
        return ratio(100 * days.quadrants[:, self.quadrant], days.with_features.by_day)
