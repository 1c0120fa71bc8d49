"""What a person heard in each month, and how it changed."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from gold.listening_hour import (
    average_listening_hour,
    clock_sums,
    listening_hour_concentration,
)
from gold.popularity import POPULARITY_SUMS, mainstream
from schemas.summary_schemas import MONTHLY_INSIGHTS
from silver.exact_numbers import DECIMALS
from silver.play_summaries import is_new_track, summarised, top

BURN_IN_DAYS = 90
"""In a person's first days with the lake most tracks are new to it, if not to the person."""

HIGH_MAINSTREAM = 70
MODERATE_MAINSTREAM = 50


def monthly_insights(listening: DataFrame, days: DataFrame) -> DataFrame:
    """Give one row a person and local month of ``silver.listening_with_features``.

    ``days``: ``gold.daily_listening_summary`` of the same people. A month that the person's plays
    cover in part, as the first and the last, is not compared with another.
    """
    of_plays = summarised(
        listening.withColumn("month", _month("local_date")),
        of=("month", "user_id"),
        kinds=("track", "artist", "genre", "session"),
        sums={**clock_sums(), "new_tracks": is_new_track()},
    )
    columns = {
        "sessions": F.col("unique_sessions"),
        "average_listening_hour": average_listening_hour(),
        "listening_hour_concentration": listening_hour_concentration(),
        **mainstream(),
        **top("artist"),
        **top("track"),
        **top("genre"),
    }
    months = of_plays.join(_of_days(days), on=["user_id", "month"], how="left")
    return (
        _with_growth(_with_coverage(months))
        .withColumns(columns)
        .withColumn("mainstream_tendency", _tendency(F.col("mainstream_score")))
        .select(*MONTHLY_INSIGHTS.given.names)
    )


def _of_days(days: DataFrame) -> DataFrame:
    """Add up by month what days tell: popularities, active days, the busiest weekday."""
    weekdays = days.groupBy(
        "user_id", _month("date").alias("month"), (F.weekday("date") + 1).alias("weekday")
    ).agg(
        *(F.sum(name).alias(name) for name in ("counted_plays", *POPULARITY_SUMS)),
        # Whole milliseconds: their sum is the same in any order.
        F.sum(F.round(F.col("minutes") * 60_000).cast("long")).alias("heard_ms"),
        F.count_if(F.col("counted_plays") > 0).alias("active_days"),
        F.min("date").alias("first_date"),
        F.max("date").alias("last_date"),
    )
    rank = F.struct(-F.col("counted_plays"), -F.coalesce("heard_ms", F.lit(0)), "weekday")
    best = F.min(F.when(F.col("counted_plays") > 0, rank))
    return weekdays.groupBy("user_id", "month").agg(
        *(F.sum(name).alias(name) for name in ("active_days", *POPULARITY_SUMS)),
        best["weekday"].alias("most_active_weekday"),
        F.min("first_date").alias("first_date"),
        F.max("last_date").alias("last_date"),
    )


def _month(day: str) -> Column:
    return F.date_format(day, "yyyy-MM")


def _with_coverage(months: DataFrame) -> DataFrame:
    """Add what of each month lies between the person's first play and the last."""
    of_person = Window.partitionBy("user_id")
    return (
        months.withColumns(
            {
                "begins": F.to_date(F.concat("month", F.lit("-01"))),
                "person_first": F.min("first_date").over(of_person),
                "person_last": F.max("last_date").over(of_person),
            }
        )
        .withColumn("ends", F.last_day("begins"))
        .withColumn(
            "days_covered",
            F.datediff(F.least("ends", "person_last"), F.greatest("begins", "person_first")) + 1,
        )
        .withColumn("is_complete", F.col("days_covered") == F.day("ends"))
        .withColumn(
            "plays_per_day", F.round(F.col("total_plays") / F.col("days_covered"), DECIMALS)
        )
    )


def _with_growth(months: DataFrame) -> DataFrame:
    """Add plays_growth_rate and discovery_share to months with their coverage."""
    by_time = Window.partitionBy("user_id").orderBy("month")
    plays_before = F.lag("total_plays").over(by_time)
    follows = F.lag("ends").over(by_time) == F.date_sub("begins", 1)
    are_complete = F.col("is_complete") & F.lag("is_complete").over(by_time)
    growth = (F.col("total_plays") / plays_before - 1) * 100
    is_met = F.datediff("begins", "person_first") >= BURN_IN_DAYS
    discovery = F.try_divide("new_tracks", "counted_plays")
    return months.withColumns(
        {
            "plays_growth_rate": F.when(follows & are_complete, F.round(growth, DECIMALS)),
            "discovery_share": F.when(is_met, F.round(discovery, DECIMALS)),
        }
    )


def _tendency(score: Column) -> Column:
    return (
        F.when(score > HIGH_MAINSTREAM, "high")
        .when(score > MODERATE_MAINSTREAM, "moderate")
        .when(score.isNotNull(), "niche")
    )
