"""The genre of a play: its track's, else its artist's."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.name_key import normalised
from silver.artist_genres import UNCLASSIFIED


def with_artist_genre(listening: DataFrame, genres: DataFrame) -> DataFrame:
    """Fill ``genre`` of ``silver.listening_with_features`` where the catalogue lacks the track.

    ``genres``: ``silver.artist_genres``. Unclassified artists leave it null. The columns are those
    of ``listening``.
    """
    known = genres.where(F.col("genre") != UNCLASSIFIED).select(
        "artist_key", F.col("genre").alias("artist_genre")
    )
    return (
        listening.withColumn("artist_key", normalised(F.col("artist_name")))
        .join(known, on="artist_key", how="left")
        .withColumn("genre", F.coalesce("genre", "artist_genre"))
        .select(*listening.columns)
    )
