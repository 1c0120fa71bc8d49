"""The mean time of day, taken around the clock: midnight lies between 23 h and 1 h, not noon."""

from math import pi

from pyspark.sql import Column
from pyspark.sql import functions as F

from silver.exact_numbers import DECIMALS, MILLION, millionths

LEAST_CONCENTRATION = 0.2
"""Plays spread evenly over 20 of the 24 hours have as much; below, no hour is a middle."""

_DAY_SECONDS = 24 * 60 * 60


def clock_sums() -> dict[str, Column]:
    """Give the sums over plays that ``average_listening_hour`` is made of.

    A counted play stands on the clock where it ended, local time. Columns: played_at, is_counted,
    utc_offset_minutes.
    """
    local_seconds = F.unix_seconds("played_at") + F.col("utc_offset_minutes") * 60
    angle = F.pmod(local_seconds, F.lit(_DAY_SECONDS)) * (2 * pi / _DAY_SECONDS)
    return {
        "clock_cos": F.when(F.col("is_counted"), millionths(F.cos(angle))),
        "clock_sin": F.when(F.col("is_counted"), millionths(F.sin(angle))),
    }


def listening_hour_concentration() -> Column:
    """Give the mean resultant length R, 0 (all around the clock) to 1 (all at one time).

    Over the columns clock_cos, clock_sin and counted_plays. Mardia and Jupp 2000, Directional
    Statistics, 2.3.
    """
    length = F.hypot("clock_cos", "clock_sin") / MILLION
    return F.least(F.round(F.try_divide(length, F.col("counted_plays")), DECIMALS), F.lit(1.0))


def average_listening_hour() -> Column:
    """Give the circular mean of the local time, in hours from 0 to below 24.

    Null where ``LEAST_CONCENTRATION`` is not reached: of plays at 8 h and at 20 h no hour is the
    middle.
    """
    hours = F.atan2("clock_sin", "clock_cos") * (24 / (2 * pi))
    # Rounded within the circle: a hair before midnight is 0 h, not 24 h.
    around = F.pmod(F.round(F.pmod(hours, F.lit(24.0)), DECIMALS), F.lit(24.0))
    return F.when(listening_hour_concentration() >= LEAST_CONCENTRATION, around)
