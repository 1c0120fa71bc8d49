"""What of the catalogue is worked out once, when it arrives: keys to find its tracks by."""

from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from features.hot_deck import FEATURE_RANGES
from features.name_key import genre_key, name_key, normalised
from schemas.common_columns import FEATURE_NAMES
from schemas.silver_schemas import CATALOGUE_TRACKS


def catalogue_tracks(catalogue: DataFrame) -> DataFrame:
    """Give ``silver.catalogue_tracks`` for rows of ``bronze.kaggle_tracks_bronze``.

    One row of a track that has all twelve features is its ``is_donor``, whatever its genres.
    """
    artists = F.split(F.coalesce("artists", F.lit("")), ";")
    # Rows of one id have the same features; if not, the least stands for all.
    of_track = Window.partitionBy("track_id").orderBy(
        F.desc("is_whole"), F.struct(*FEATURE_NAMES), "track_genre"
    )
    return (
        catalogue.withColumn("artists_of_it", artists)
        .withColumn(
            "artist_keys", F.array_remove(F.transform("artists_of_it", normalised), F.lit(""))
        )
        # A track of several artists is found under each of them: an album has one of them only.
        .withColumn(
            "name_keys",
            F.array_compact(
                F.transform("artists_of_it", lambda each: name_key(each, F.col("track_name")))
            ),
        )
        .withColumn("genre_key", genre_key(F.col("track_genre")))
        .withColumn("is_whole", F.coalesce(_has_all_features(), F.lit(False)))
        .withColumn("is_donor", F.col("is_whole") & (F.row_number().over(of_track) == 1))
        .select(*CATALOGUE_TRACKS.column_names)
    )


def _has_all_features() -> Column:
    """Say whether a row has all twelve features, each in its range."""
    return reduce(
        and_, (F.col(name).between(low, high) for name, (low, high) in FEATURE_RANGES.items())
    )
