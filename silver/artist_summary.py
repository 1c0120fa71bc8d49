"""Every artist that a person ever played, once."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from schemas.summary_schemas import ARTIST_SUMMARY
from silver.exact_numbers import DECIMALS
from silver.play_summaries import artist_key, summarised, top


def artist_summary(listening: DataFrame) -> DataFrame:
    """Give one row a person and artist of ``silver.listening_with_features``.

    An artist is a name, normalised; plays that name none have no row, but are part of the
    listening that shares are of.
    """
    of_artists = summarised(
        listening.withColumn("artist_key", artist_key()),
        of=("artist_key", "user_id"),
        kinds=("track", "artist_name", "genre", "day"),
        sums={
            "skip_known_plays": F.col("skipped").isNotNull().cast("long"),
            "skipped_plays": F.col("skipped").cast("long"),
        },
    )
    all_counted = F.sum("counted_plays").over(Window.partitionBy("user_id"))
    columns = {
        "artist_name": F.col("best_artist_name.name"),
        "share_of_listening": F.round(F.try_divide("counted_plays", all_counted), DECIMALS),
        "active_days": F.col("unique_days"),
        **top("track"),
        "genre": F.col("best_genre.name"),
        "skip_rate": F.round(F.try_divide("skipped_plays", "skip_known_plays"), DECIMALS),
    }
    return (
        of_artists.withColumns(columns)
        .where(F.col("artist_key").isNotNull())
        .select(*ARTIST_SUMMARY.given.names)
    )
