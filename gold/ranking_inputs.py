"""What Spark adds up for the rankings: how present tracks are, and which tracks could be new."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from gold.ranking_terms import BILLION, HALF_LIVES, MAINSTREAM_POPULARITY, memory_name
from silver.exact_numbers import whole

CANDIDATE_COLUMNS = ("name_key", "artist", "name_keys", "track_id", "popularity", "track_genre")
"""What is needed of ``catalogue_candidates`` to rank them."""


def memory_sums(age_days: Column, plays: Column) -> list[Column]:
    """Give aggregates ``memory_7`` …: the sum over plays of 2^(-age / half-life), in billionths.

    ``plays`` is what a row counts for.
    """
    return [
        F.sum(whole(plays * BILLION * F.pow(F.lit(2.0), -age_days / half_life))).alias(
            memory_name(half_life)
        )
        for half_life in HALF_LIVES
    ]


def artist_of(track_key: Column) -> Column:
    """Give the artist part of a track's key, normalised; an id for a track without a name."""
    return F.substring_index(track_key, "|", 1)


def catalogue_candidates(catalogue: DataFrame, heard: DataFrame) -> DataFrame:
    """Give for each person the catalogue's rows by artists they heard, and those of its mainstream.

    ``catalogue``: ``silver.catalogue_tracks``; ``heard``: user_id and track_key of what people
    heard, however often. Adds ``user_id``, ``name_key`` (the first of the row's names, by its first
    artist) and ``artist`` to the catalogue's columns; popularity has no nulls. At most the
    catalogue itself for each person, each row once. A row says nothing of when it was heard.
    """
    named = (
        catalogue.withColumn("name_key", F.get("name_keys", F.lit(0)))
        .where(F.col("name_key").isNotNull())
        .withColumn("popularity", F.coalesce("popularity", F.lit(0)))
        .withColumn("artist", artist_of(F.col("name_key")))
    )
    is_mainstream = F.col("popularity") >= MAINSTREAM_POPULARITY
    # Named anew, so that it is another column than that of the frame which these come from.
    user_id = F.col("user_id").alias("user_id")
    artists = heard.select(user_id, artist_of(F.col("track_key")).alias("artist")).distinct()
    people = heard.select(user_id).distinct()
    by_known_artist = named.where(~is_mainstream).join(artists, on="artist", how="inner")
    mainstream = named.where(is_mainstream).crossJoin(F.broadcast(people))
    return by_known_artist.unionByName(mainstream)
