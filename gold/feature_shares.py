"""On what the features under a number rest: one set of aggregate expressions for all of gold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

LEAST_GROUNDED_SHARE = 0.5
SOURCE_OF_SHARE = {
    "measured_share": "real",
    "catalogue_share": "kaggle",
    "synthetic_share": "synthetic",
}
"""The ``feature_source`` that each of the share columns counts."""

GROUNDED_SOURCES = ("real", "kaggle")
"""Sources whose values are a track's own."""


def feature_shares(weight: Column | None = None) -> list[Column]:
    """Give aggregates ``measured_share``, ``catalogue_share`` and ``synthetic_share``, each 0-1.

    For ``groupBy(...).agg(*feature_shares())`` over rows that have ``feature_source``. Rows without
    one have no features and do not count. The three add up to 1, or are null where no row has
    features. ``weight`` is what a row counts for (``F.col("plays")`` where a row is a track); rows
    whose weight is null do not count, and without a weight every row counts for one.
    """
    from pyspark.sql import functions as F

    one_row = F.lit(1) if weight is None else weight
    source = F.col("feature_source")
    total = F.sum(F.when(source.isNotNull(), one_row))

    def share(value: str) -> Column:
        of_this_source = F.sum(F.when(source == value, one_row))
        return F.try_divide(F.when(total.isNotNull(), F.coalesce(of_this_source, F.lit(0))), total)

    return [share(source).alias(name) for name, source in SOURCE_OF_SHARE.items()]


def has_valence_and_energy() -> Column:
    """Say whether a play has the features that statistics are made of."""
    from pyspark.sql import functions as F

    return F.expr("valence is not null and energy is not null and feature_source is not null")


def is_grounded() -> Column:
    """Say whether at least half of n has measured or catalogue features.

    Over the columns that ``feature_shares`` makes; null where no row has features. Below half the
    values are mostly copies of other tracks' values, and a number resting on them is withheld.
    """
    from pyspark.sql import functions as F

    return F.col("measured_share") + F.col("catalogue_share") >= LEAST_GROUNDED_SHARE
