"""How much a person plays each genre."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from schemas.summary_schemas import GENRE_ANALYSIS
from silver.artist_genres import UNCLASSIFIED
from silver.play_summaries import summarised, top


def genre_analysis(listening: DataFrame) -> DataFrame:
    """Give one row a person and genre of ``silver.listening_with_features``.

    Plays of no known genre are ``unclassified``, so that the percentages add up to 100.
    """
    genre = F.coalesce("genre", F.lit(UNCLASSIFIED))
    of_genres = summarised(
        listening.withColumn("genre", genre),
        of=("genre", "user_id"),
        kinds=("track", "artist", "day"),
    )
    all_counted = F.sum("counted_plays").over(Window.partitionBy("user_id"))
    columns = {
        "percentage_of_total_listening": F.round(
            F.try_divide(F.col("counted_plays") * 100, all_counted), 6
        ),
        "active_days": F.col("unique_days"),
        **top("artist"),
    }
    return of_genres.withColumns(columns).select(*GENRE_ANALYSIS.given.names)
