"""The indicators of how varied listening is: by artists, by sound, by tracks."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gold.indicators.day_values import DayPlays
from gold.indicators.indicator import Indicator
from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_estimators import Estimator, generalist_specialist, ratio
from gold.indicators.rarefaction import RAREFIED_PLAYS, Rarefied, rarefied
from gold.indicators.requirements import Requirements
from silver.names.exact_numbers import MILLION

Floats = NDArray[np.float64]

# As indicator_repeats.sql has it.
REPETITION_PLAYS = 500


class RarefiedIndicator(Indicator):
    """What is to be expected of 200 plays.

    A resample repeats some days and lacks others, so that all resamples have fewer artists than
    the period. What every day adds to the value, taken as linear, is resampled instead: that has
    no such bias (Efron 1982, infinitesimal jackknife).
    """

    requirements = Requirements(plays=RAREFIED_PLAYS)

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.named_plays


class ArtistDiversity(RarefiedIndicator):
    name = "artist_diversity"
    unit = "artists heard equally"

    def estimate(self, days: DaySums) -> Estimator:
        found = _rarefied(days)
        added = _by_day(days, found.log_diversity_influence)
        return Estimator(
            added[None, :], lambda sums: found.diversity * np.exp(sums[0] - added.sum())
        )


class ArtistConcentration(RarefiedIndicator):
    name = "artist_concentration"
    unit = "Gini, 0-1"

    def estimate(self, days: DaySums) -> Estimator:
        found = _rarefied(days)
        added = _by_day(days, found.gini_influence)
        return Estimator(
            added[None, :], lambda sums: np.clip(found.gini + sums[0] - added.sum(), 0, 1)
        )


class GeneralistSpecialist(Indicator):
    name = "generalist_specialist"
    unit = "-1 to 1, 1 one sound only"
    requirements = Requirements(plays=RAREFIED_PLAYS)
    uses_features = True

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.sound_plays

    def estimate(self, days: DaySums) -> Estimator:
        # In millionths are the places, and so their directions too.
        plays = MILLION * days.sound_plays.by_day
        return generalist_specialist(plays, days.positions, days.directions)


class Repetition(Indicator):
    name = "repetition"
    unit = "%"
    requirements = Requirements(plays=REPETITION_PLAYS)

    def estimate(self, days: DaySums) -> Estimator:
        # Windows reach over many days and cannot be resampled by day. A play is in 500 windows and
        # a repeat in as many as its gap to the one before falls short of 500, so that the sum over
        # gaps is that over windows but for the ends of the history: it lends the value its
        # interval.
        once = np.ones((1, len(days.day)))
        gaps = ratio(days.gap_repeats, REPETITION_PLAYS * days.plays.by_day)
        windows = ratio(days.window_repeats, REPETITION_PLAYS * days.windows)
        above = windows(once) - gaps(once)
        return Estimator(gaps.of_days, lambda sums: 100 * np.clip(above + gaps.formula(sums), 0, 1))


class Discovery(Indicator):
    name = "discovery"
    unit = "%"
    requirements = Requirements(days_after_burn_in=14)

    def counted_plays(self, days: DaySums) -> DayPlays:
        return days.plays_after_burn_in

    def estimate(self, days: DaySums) -> Estimator:
        return ratio(100 * days.new_tracks, days.plays_after_burn_in.by_day)


@lru_cache(maxsize=1)
def _rarefied(days: DaySums) -> Rarefied:
    counts = days.plays_of_artists
    return rarefied(counts[counts > 0])


def _by_day(days: DaySums, influence: Floats) -> Floats:
    """Return the influences of the artists with plays, added up over the plays of each day."""
    of_artist = np.zeros(days.artists.artists)
    of_artist[days.plays_of_artists > 0] = influence
    return days.artists.by_day(days.artists.plays * of_artist[days.artists.artist])
