"""How numbers come out the same whatever the order, the number of partitions or the machine.

Fractions are added up as whole millionths, and results are rounded to six decimals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

MILLION = 1_000_000
DECIMALS = 6


def whole(value: Column) -> Column:
    """Give the nearest whole number, of two the even one: ``F.round`` makes texts on its way."""
    from pyspark.sql import functions as F

    return F.rint(value).cast("long")


def millionths(value: Column) -> Column:
    """Give ``value`` in whole millionths."""
    return whole(value * MILLION)


def rounded(value: float) -> float | None:
    """Give ``value`` as a table holds it; None for NaN."""
    return None if value != value else round(float(value), DECIMALS)
