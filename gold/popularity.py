"""How popular the tracks were that a person played, as far as the catalogue knows."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from silver.exact_numbers import DECIMALS

LEAST_KNOWN_SHARE = 0.5
"""A mean over fewer of the plays would tell of the catalogue rather than of the person."""

POPULARITY_SUMS = ("popularity_sum", "popularity_known_plays")


def with_popularity(listening: DataFrame, tracks: DataFrame, catalogue: DataFrame) -> DataFrame:
    """Add ``popularity`` (0-100, null where not known) to ``silver.listening_with_features``.

    ``tracks``: ``silver.tracks`` of the same people; ``catalogue``: ``silver.catalogue_tracks``. A
    recording is found by its id or its name, and of several releases the most popular stands: the
    catalogue gives the others next to nothing.
    """
    known = catalogue.where(F.col("popularity").isNotNull()).select(
        F.explode(F.concat(F.array(_id_lookup()), "name_keys")).alias("lookup"), "popularity"
    )
    asked = tracks.select(
        "track_key", F.explode(F.array_compact(F.array(_id_lookup(), "track_key"))).alias("lookup")
    ).distinct()
    popularities = (
        asked.join(known, on="lookup", how="inner")
        .groupBy("track_key")
        .agg(F.max("popularity").alias("popularity"))
    )
    # No more than the catalogue has: broadcast, so that the plays need not move.
    return listening.join(F.broadcast(popularities), on="track_key", how="left")


def popularity_sums() -> dict[str, Column]:
    """Give the sums over plays that ``mainstream`` is made of, by ``POPULARITY_SUMS``."""
    counted = F.when(F.col("is_counted"), F.col("popularity")).cast("long")
    sums = (F.coalesce(counted, F.lit(0)), counted.isNotNull().cast("long"))
    return dict(zip(POPULARITY_SUMS, sums, strict=True))


def mainstream() -> dict[str, Column]:
    """Give mainstream_score, its status and reason.

    Over the columns counted_plays and ``POPULARITY_SUMS``. The score is the mean
    popularity (0-100) of the counted plays whose popularity is known; null with
    ``too_few_data`` where these are less than half of all.
    """
    known, counted = F.col("popularity_known_plays"), F.col("counted_plays")
    is_enough = (counted > 0) & (known >= counted * LEAST_KNOWN_SHARE)
    reason = F.format_string(
        "popularity known of %d of %d counted plays; half of them needed", known, counted
    )
    return {
        "mainstream_score": F.when(is_enough, F.round(F.col("popularity_sum") / known, DECIMALS)),
        "status": F.when(is_enough, "ok").otherwise("too_few_data"),
        "reason": F.when(~is_enough, reason),
    }


def _id_lookup() -> Column:
    """An id as something to ask by; no name can look like it, since names hold a '|'."""
    return F.concat(F.lit("id:"), F.col("track_id"))
