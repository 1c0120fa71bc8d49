"""What every wellbeing indicator is: a formula over a period's days, and what it requires."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from gold.indicators.day_values import DayPlays
from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_estimators import Estimator
from gold.indicators.requirements import Requirements


class Indicator(ABC):
    """One number of a period.

    ``uses_features``: it is based on audio features. ``is_by_calendar``: resamples are of calendar
    days, silent ones too. ``is_distance``: the estimate has a sign which is not shown.
    """

    name: str
    unit: str
    requirements: Requirements
    uses_features = False
    is_by_calendar = False
    is_distance = False

    @abstractmethod
    def estimate(self, days: DaySums) -> Estimator:
        """Return the formula over the days, which estimates the number in each resample."""

    def counted_plays(self, days: DaySums) -> DayPlays:
        """Return the plays that count for the requirements."""
        return days.plays

    def by_chance(self, days: DaySums, seed: int) -> NDArray[np.float64] | None:
        """Return what the number would be by chance, many times; None where that is not asked."""
        return None
