"""Numbers put into ranges, each told by where it begins."""

from collections.abc import Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F


def of_threshold(number: Column, values: Mapping[int, str | int]) -> Column:
    """Give what ``values`` has for the highest threshold that ``number`` reaches.

    The thresholds ascend. Null below the first of them, and where the number is null.
    """
    value = F.lit(None)
    for threshold, of_range in values.items():
        value = F.when(number >= threshold, of_range).otherwise(value)
    return value
