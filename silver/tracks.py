"""Every track a person ever played, once."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from schemas.common_columns import FEATURE_NAMES
from schemas.silver_schemas import FEATURE_PROVENANCE, TRACKS

_SAME_FOR_ALL_PLAYS = ("genre", *FEATURE_NAMES, *(each.name for each in FEATURE_PROVENANCE))


def tracks(listening: DataFrame) -> DataFrame:
    """Give one row a person and track of ``silver.listening_with_features``.

    Names are those written most often (of equals the least), so that no order of plays matters.
    """
    by_track = listening.groupBy("user_id", "track_key").agg(
        F.min("track_id").alias("track_id"),
        *(
            F.mode(name, deterministic=True).alias(name)
            for name in ("track_name", "artist_name", "album_name")
        ),
        F.max("duration_ms").alias("duration_ms"),
        *(F.first(name, ignorenulls=True).alias(name) for name in _SAME_FOR_ALL_PLAYS),
        F.count("*").alias("plays"),
        F.count_if("is_counted").alias("counted_plays"),
        F.sum("ms_played").alias("ms_played"),
        F.min("played_at").alias("first_played_at"),
        F.max("played_at").alias("last_played_at"),
    )
    return by_track.select(*TRACKS.given.names)
