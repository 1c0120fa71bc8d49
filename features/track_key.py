"""Which plays are of one recording, although sources know it by id, by name or by both.

An export's record has an id and names, account data only names, and Spotify gives one recording
several ids over the years. The key of a recording is its normalised ``album artist|title``, since
that is what every source holds; where one id went by several names, the least of them stands for
all.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.name_key import name_key


def with_track_key(records: DataFrame) -> DataFrame:
    """Add ``track_key`` to the rows of ``bronze.listening_history_bronze`` that name a track.

    Music rows (media_type track or video) with a title or an id stay, all others are left out.
    """
    artist = F.coalesce("album_artist_name", "artist_name")
    named = (
        records.where(F.col("media_type").isin("track", "video"))
        .withColumn("name_key", name_key(artist, F.col("track_name")))
        .withColumn("alias", F.coalesce("name_key", F.concat(F.lit("id:"), "track_id")))
        .where(F.col("alias").isNotNull())
    )
    return (
        named.join(F.broadcast(_renamed(named)), on=["user_id", "alias"], how="left")
        .withColumn("track_key", F.coalesce("canonical", "alias"))
        .drop("name_key", "alias", "canonical")
    )


def _renamed(named: DataFrame) -> DataFrame:
    """Give (user_id, alias, canonical) for the few names and ids that stand for another name."""
    by_id = (
        named.where(F.col("track_id").isNotNull())
        .groupBy("user_id", "track_id")
        .agg(F.min("name_key").alias("canonical"), F.collect_set("alias").alias("aliases"))
        .where((F.size("aliases") > 1) & F.col("canonical").isNotNull())
    )
    return (
        by_id.select("user_id", F.explode("aliases").alias("alias"), "canonical")
        .where(F.col("alias") != F.col("canonical"))
        .groupBy("user_id", "alias")
        .agg(F.min("canonical").alias("canonical"))
    )
