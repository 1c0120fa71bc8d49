"""One row a real play, enriched: the table that every answer is made from."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from schemas.silver_schemas import LISTENING_WITH_FEATURES
from silver.time_columns import with_local_time, with_sessions

COUNTED_FROM_MILLISECONDS = 30_000


def listening_with_features(
    plays: DataFrame, features: DataFrame, timezone: str, others: DataFrame | None = None
) -> DataFrame:
    """Join plays with features and say when they were.

    ``plays`` comes from ``silver.plays.distinct_plays``, ``features`` (by track_key, with genre
    and duration_ms) from ``features.preference.track_features``; ``timezone`` is an IANA name.
    Where ``plays`` are not all that a person played, ``others`` (user_id, track_key, played_at)
    are the rest; between the two must lie 30 minutes of silence, so that no session holds both.
    """
    known = features.withColumnRenamed("duration_ms", "catalogue_duration_ms")
    enriched = (
        _with_first_play(plays, others)
        .join(known, on="track_key", how="left")
        .withColumn("duration_ms", F.coalesce("duration_ms", "catalogue_duration_ms"))
        .withColumn("skipped", _skipped())
        .withColumn(
            "is_counted",
            F.coalesce(F.col("ms_played") >= COUNTED_FROM_MILLISECONDS, F.lit(True)),
        )
    )
    timed = with_sessions(with_local_time(enriched, timezone))
    return timed.select(*LISTENING_WITH_FEATURES.column_names)


def _with_first_play(plays: DataFrame, others: DataFrame | None) -> DataFrame:
    of_track = Window.partitionBy("user_id", "track_key").orderBy("played_at", "play_id")
    is_first = F.row_number().over(of_track) == 1
    if others is None:
        return plays.withColumn("first_play", is_first)
    met = others.groupBy("user_id", "track_key").agg(F.min("played_at").alias("met_at"))
    is_new = F.coalesce(F.col("played_at") < F.col("met_at"), F.lit(True))
    return (
        plays.join(met, on=["user_id", "track_key"], how="left")
        .withColumn("first_play", is_first & is_new)
        .drop("met_at")
    )


def _skipped() -> Column:
    """Old exports leave ``skipped`` null; there the forward button says it."""
    by_button = F.col("reason_end") == "fwdbtn"
    return F.coalesce("skipped", by_button)
