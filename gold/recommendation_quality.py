"""How well each way of ranking foretold a person's weeks from what was before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from gold.ranking_inputs import CANDIDATE_COLUMNS, catalogue_candidates, memory_sums
from gold.ranking_terms import HALF_LIVES, memory_name
from schemas.recommendation_schemas import RECOMMENDATION_QUALITY
from silver.exact_numbers import whole

if TYPE_CHECKING:
    import pandas as pd

MOST_WEEKS = 26
_A_MONDAY = "1970-01-05"
_DAYS = 7


def recommendation_quality(listening: DataFrame, catalogue: DataFrame) -> DataFrame:
    """Give one row a person, task and model: rolling weekly hold-out in time.

    ``listening``: ``silver.listening_with_features``; ``catalogue``: ``silver.catalogue_tracks``.
    The last 26 local weeks (from Monday) with plays are held out one by one, less the newest, which
    may not be over. A person's rows depend on that person and the catalogue alone.

    Python gets of a person: a row a track and week for 26 weeks and a row a track for all before,
    so tracks heard and half a year's plays at most, and the catalogue's tracks by artists they
    heard.
    """
    in_weeks = _by_track_and_week(listening)
    offered = catalogue_candidates(catalogue, listening).select("user_id", *CANDIDATE_COLUMNS)
    evaluated = (
        in_weeks.groupBy("user_id")
        .cogroup(offered.groupBy("user_id"))
        .applyInPandas(_evaluate, RECOMMENDATION_QUALITY.given)
    )
    return evaluated.select(*RECOMMENDATION_QUALITY.given.names)


def _evaluate(rows: pd.DataFrame, offered: pd.DataFrame) -> pd.DataFrame:
    # Imported by the workers alone: what it needs takes a second.
    from gold.rolling_holdout import evaluate

    found = evaluate(rows, offered, str(rows["user_id"].iloc[0]))
    return found.reindex(columns=RECOMMENDATION_QUALITY.given.names)


def _by_track_and_week(listening: DataFrame) -> DataFrame:
    """Add up plays by track and week; the weeks before the held-out ones become one."""
    day = F.date_diff(F.col("local_date"), F.lit(_A_MONDAY).cast("date"))
    week = F.floor(day / _DAYS)
    counted = F.col("is_counted").cast("int")
    # A track has one genre; as a part of the key it need not be sorted to find the least.
    of_track = ("user_id", "track_key", "track_id", "genre")
    by_week = (
        listening.select(*of_track, day.alias("day"), week.alias("week"), counted.alias("counted"))
        .groupBy(*of_track, "week")
        .agg(
            F.sum("counted").alias("plays"),
            F.max(F.when(F.col("counted") == 1, F.col("day"))).alias("last_day"),
            *memory_sums((F.col("week") + 1) * _DAYS - F.col("day"), F.col("counted")),
        )
    )
    of_person = Window.partitionBy("user_id")
    from_newest = F.dense_rank().over(of_person.orderBy(F.desc("week")))
    # The newest week comes on top of those held out.
    first = F.min(F.when(F.col("from_newest") <= MOST_WEEKS + 1, F.col("week"))).over(of_person)
    ranked = by_week.withColumn("from_newest", from_newest).withColumn("first", first)
    # What lies before the first week is remembered up to its end, as that week's own plays are.
    return (
        ranked.withColumn("before", F.greatest(F.col("first") - F.col("week"), F.lit(0)))
        .groupBy(*of_track, F.greatest("week", F.col("first") - 1).alias("week"))
        .agg(
            F.sum("plays").alias("plays"),
            F.max("last_day").alias("last_day"),
            *(
                _remembered(each, _DAYS * F.greatest(F.col("before") - 1, F.lit(0)))
                for each in HALF_LIVES
            ),
        )
    )


def _remembered(half_life: int, days: Column) -> Column:
    name = memory_name(half_life)
    kept = whole(F.col(name) * F.pow(F.lit(2.0), -days / half_life))
    return F.sum(kept).alias(name)
