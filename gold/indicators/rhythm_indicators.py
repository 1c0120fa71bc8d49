"""The indicators of when somebody listens: at night, how regularly, how late at weekends."""

import numpy as np

from gold.indicators.indicator import Indicator
from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_estimators import (
    Estimator,
    interdaily_stability,
    intradaily_variability,
    midpoint_shift,
    ratio,
    relative_amplitude,
)
from gold.indicators.requirements import Requirements

NIGHT_HOURS = 5


class NightShare(Indicator):
    name = "night_share"
    unit = "%"
    requirements = Requirements(days=28, lengths=True)

    def estimate(self, days: DaySums) -> Estimator:
        return ratio(100 * days.heard_ms[:, :NIGHT_HOURS].sum(axis=1), days.heard)


class RegularityIndicator(Indicator):
    requirements = Requirements(covered_days=14, days=14, lengths=True)
    is_by_calendar = True


class InterdailyStability(RegularityIndicator):
    name = "regularity_interdaily_stability"
    unit = "0-1"

    def estimate(self, days: DaySums) -> Estimator:
        return interdaily_stability(days.calendar_hours)


class IntradailyVariability(RegularityIndicator):
    name = "regularity_intradaily_variability"
    unit = "0 a slow wave, 2 noise"

    def estimate(self, days: DaySums) -> Estimator:
        follows = np.diff(days.calendar, prepend=days.calendar[:1] - 1) == 1
        return intradaily_variability(days.calendar_hours, follows)


class RelativeAmplitude(RegularityIndicator):
    name = "regularity_relative_amplitude"
    unit = "0-1"

    def estimate(self, days: DaySums) -> Estimator:
        return relative_amplitude(days.calendar_hours)


class SocialJetlag(Indicator):
    name = "social_jetlag"
    unit = "h"
    requirements = Requirements(weekends=4, lengths=True)
    is_distance = True

    def estimate(self, days: DaySums) -> Estimator:
        return midpoint_shift(days.heard_ms, days.is_weekend)
