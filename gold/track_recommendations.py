"""What to play next, each with its place, a reason and the shift in sound to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructType

from gold.ranking_inputs import CANDIDATE_COLUMNS, catalogue_candidates, memory_sums
from schemas.recommendation_schemas import TASKS, TRACK_RECOMMENDATIONS
from schemas.table import column

if TYPE_CHECKING:
    import pandas as pd

_OF_TRACK = (
    *("track_id", "track_name", "artist_name", "genre", "feature_source"),
    *("valence", "energy", "speechiness", "instrumentalness"),
)
_A_DAY = 86_400
_MONTHS = 12
_MONTHS_OF_SEASON = 3
# The catalogue's own spelling of a name is looked up after the lists are made.
_LISTED_GENRE = column("listed_genre", StringType(), "genre of the catalogue's row")
_LISTS = StructType([*TRACK_RECOMMENDATIONS.given, _LISTED_GENRE])


def track_recommendations(
    listening: DataFrame,
    tracks: DataFrame,
    catalogue: DataFrame,
    catalogue_names: DataFrame,
    quality: DataFrame,
) -> DataFrame:
    """Give one row a person, purpose and rank, as of the person's newest play.

    ``listening``: ``silver.listening_with_features``; ``tracks``: ``silver.tracks`` of the same
    people; ``catalogue``: ``silver.catalogue_tracks``; ``catalogue_names``:
    ``bronze.kaggle_tracks_bronze``, for the names as people write them; ``quality``:
    ``gold.recommendation_quality`` of the same people.

    - *repeat* and *discover* are ranked by the model that ships; where none is better than a random
      list the 28-day decayed frequency ranks, and every row is ``no_skill``.
    - *rediscover*: 10 plays and more, none for 180 days, the most played first.
    - *calm*, *lift*, *focus*: 20 of the person's own tracks with measured or catalogue features, in
      steps from the mean of the last 7 days' plays to a target; ``withheld`` where under half of
      these plays' features are measured or from the catalogue.

    Of equal scores the more played (discover: more popular) goes first, then the later heard, then
    the lower track_key. A purpose without a list has one row of rank 0.

    Python gets a row a track of a person, and the catalogue's tracks by artists they heard.
    """
    rows = (
        _history(listening, tracks)
        .join(tracks.select("user_id", "track_key", *_OF_TRACK), ["user_id", "track_key"], "inner")
        .join(F.broadcast(_shipped(quality)), on="user_id", how="left")
    )
    offered = catalogue_candidates(catalogue, tracks).select(
        "user_id", *CANDIDATE_COLUMNS, "valence", "energy"
    )
    lists = (
        rows.groupBy("user_id")
        .cogroup(offered.groupBy("user_id"))
        .applyInPandas(_recommend, _LISTS)
    )
    names = catalogue_names.select(
        "track_id",
        F.col("track_genre").alias("listed_genre"),
        F.col("track_name").alias("listed_name"),
        F.replace("artists", F.lit(";"), F.lit(", ")).alias("listed_artists"),
    )
    return (
        lists.join(F.broadcast(names), on=["track_id", "listed_genre"], how="left")
        .withColumn("track_name", F.coalesce("track_name", "listed_name"))
        .withColumn("artist_name", F.coalesce("artist_name", "listed_artists"))
        .select(*TRACK_RECOMMENDATIONS.given.names)
    )


def _recommend(rows: pd.DataFrame, offered: pd.DataFrame) -> pd.DataFrame:
    # Imported by the workers alone: what it needs takes a second.
    from gold.recommendation_lists import recommend

    found = recommend(rows, offered, str(rows["user_id"].iloc[0]))
    # Arrow makes no text of a column that holds nothing but NaN.
    whole = found.reindex(columns=_LISTS.names).astype(object)
    return whole.where(whole.notna(), None)


def _history(listening: DataFrame, tracks: DataFrame) -> DataFrame:
    """Add up each track's plays, and how long before the person's newest play they were."""
    newest = tracks.groupBy("user_id").agg(F.max("last_played_at").alias("newest"))
    seconds = F.unix_seconds("newest") - F.unix_seconds("played_at")
    # Winter begins in December, so a month later is a season of its own year.
    months = F.year("local_date") * _MONTHS + F.month("local_date")
    is_counted = F.col("counted") == 1
    return (
        listening.join(F.broadcast(newest), on="user_id", how="inner")
        .select(
            *("user_id", "track_key", "track_id", "local_date"),
            F.col("is_counted").cast("int").alias("counted"),
            (F.floor(seconds / _A_DAY) + 1).alias("age"),
            F.floor(months / _MONTHS_OF_SEASON).alias("season"),
            F.unix_date("local_date").alias("day"),
        )
        .groupBy("user_id", "track_key")
        .agg(
            F.collect_set("track_id").alias("track_ids"),
            F.sum("counted").alias("plays"),
            F.count_if(is_counted & (F.col("age") <= 7)).alias("plays_7"),
            F.count_if(is_counted & (F.col("age") <= 28)).alias("plays_28"),
            F.max(F.when(is_counted, F.col("day"))).alias("last_day"),
            (F.min("age") - 1).alias("silent_days"),
            F.max("local_date").alias("last_date"),
            F.mode(F.when(is_counted, F.col("season")), deterministic=True).alias("season_number"),
            *memory_sums(F.col("age"), F.col("counted")),
        )
    )


def _shipped(quality: DataFrame) -> DataFrame:
    """Give of each person which model ships for each task, its status and reason."""
    names = ("model", "status", "reason")
    of_task = [F.max(F.when(F.col("task") == task, F.struct(*names))).alias(task) for task in TASKS]
    return (
        quality.where("ships")
        .groupBy("user_id")
        .agg(*of_task)
        .select(
            "user_id",
            *(F.col(f"{task}.{name}").alias(f"{task}_{name}") for task in TASKS for name in names),
        )
    )
