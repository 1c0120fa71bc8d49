"""Which plays are of one recording, although sources know it by id, by name or by both.

An export's record has an id and names, account data only names, and Spotify gives one recording
several ids over the years. The key of a recording is its normalised ``album artist|title``, since
that is what every source holds; where one id went by several names, the least of them stands for
all.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.name_key import name_key
from schemas.silver_schemas import TRACK_NAMES

_ID_PREFIX = "id:"


def track_names(named: DataFrame) -> DataFrame:
    """Give every name that a track went by, with its ids and the recording it stands for.

    ``named``: name_key, track_id, track_name, artist_name; a row a record (``with_name_key``), or
    what ``ids_of`` makes of an older result beside the rows that are new since: the outcome is
    the same. Result: the columns of ``silver.track_names``, one row a name_key.
    """
    by_name = named.groupBy("name_key").agg(
        F.array_sort(F.collect_set("track_id")).alias("track_ids"),
        F.min("track_name").alias("track_name"),
        F.min("artist_name").alias("artist_name"),
    )
    told_by_id = by_name.select("name_key", F.explode("track_ids").alias("track_id"))
    a_name = F.when(~F.col("name_key").startswith(_ID_PREFIX), F.col("name_key"))
    renamed = (
        told_by_id.join(
            told_by_id.groupBy("track_id")
            .agg(F.count("*").alias("names"), F.min(a_name).alias("least"))
            .where((F.col("names") > 1) & F.col("least").isNotNull()),
            on="track_id",
            how="inner",
        )
        .groupBy("name_key")
        .agg(F.min("least").alias("least"))
    )
    return (
        by_name.join(renamed, on="name_key", how="left")
        .withColumn("track_key", F.coalesce("least", "name_key"))
        .select(*TRACK_NAMES.column_names)
    )


def ids_of(names: DataFrame) -> DataFrame:
    """Give a row for every id of every name: name_key, track_key, track_id, and the names.

    A name without ids has one row, its track_id null. ``track_names`` can take these rows again.
    """
    return names.select(
        "name_key",
        "track_key",
        F.explode_outer("track_ids").alias("track_id"),
        "track_name",
        "artist_name",
    )


def with_name_key(records: DataFrame) -> DataFrame:
    """Add ``name_key`` to history rows that name a track; all others are left out.

    These are music rows (media_type track or video) with a title or an id.
    """
    artist = F.coalesce("album_artist_name", "artist_name")
    by_name = name_key(artist, F.col("track_name"))
    return (
        records.where(F.col("media_type").isin("track", "video"))
        .withColumn("name_key", F.coalesce(by_name, F.concat(F.lit(_ID_PREFIX), "track_id")))
        .where(F.col("name_key").isNotNull())
    )


def with_track_key(records: DataFrame, names: DataFrame) -> DataFrame:
    """Add ``track_key`` to the rows of ``bronze.listening_history_bronze`` that name a track.

    ``names`` comes from ``track_names`` over at least these rows.
    """
    # Few names stand for another one: broadcast, so that the plays need not move.
    renamed = names.where(F.col("track_key") != F.col("name_key")).select("name_key", "track_key")
    return (
        with_name_key(records)
        .join(F.broadcast(renamed), on="name_key", how="left")
        .withColumn("track_key", F.coalesce("track_key", "name_key"))
        .drop("name_key")
    )
