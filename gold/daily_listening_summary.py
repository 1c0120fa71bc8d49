"""What a person heard on each day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from gold.listening_hour import (
    average_listening_hour,
    clock_sums,
    listening_hour_concentration,
)
from gold.popularity import mainstream, popularity_sums, with_popularity
from schemas.summary_schemas import DAILY_LISTENING_SUMMARY
from silver.exact_numbers import DECIMALS
from silver.play_summaries import is_new_track, summarised, top


def daily_listening_summary(
    listening: DataFrame, tracks: DataFrame, catalogue: DataFrame
) -> DataFrame:
    """Give one row a person and local date of ``silver.listening_with_features``.

    ``tracks``: ``silver.tracks`` of the same people; ``catalogue``: ``silver.catalogue_tracks``,
    which tells popularities. Genre diversity is the effective number of genres, e^H (Hill 1973;
    Jost 2006); of few plays it falls short of what more of the same listening would show.
    """
    plays = with_popularity(listening, tracks, catalogue).withColumn("date", F.col("local_date"))
    of_days = summarised(
        # A day's plays are brought together once; every sum is then made where they are.
        plays.repartition("date", "user_id"),
        of=("date", "user_id"),
        kinds=("track", "artist", "genre", "session"),
        sums={
            **clock_sums(),
            **popularity_sums(),
            "new_tracks": is_new_track(),
        },
    )
    columns = {
        "sessions": F.col("unique_sessions"),
        "genre_diversity_score": F.round(F.exp("genre_entropy"), DECIMALS),
        "average_listening_hour": average_listening_hour(),
        "listening_hour_concentration": listening_hour_concentration(),
        **mainstream(),
        **top("artist"),
        **top("track"),
        **top("genre"),
    }
    return of_days.withColumns(columns).select(*DAILY_LISTENING_SUMMARY.given.names)
