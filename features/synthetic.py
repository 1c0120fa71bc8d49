"""Features for tracks that nobody measured: plausible, repeatable, and never evidence.

With a catalogue, a donor's whole row (``features.hot_deck``); without one, a Gaussian copula
(``features.copula``). Both draw from a hash of the track's id alone, so the same track gets the
same bytes on every machine, whatever the partitioning or the order of rows.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType

from features.copula import copula_features
from features.hash_uniforms import hash_uniforms
from features.hot_deck import jittered, with_donors
from schemas.bronze_schemas import SYNTHETIC_FEATURES
from schemas.common_columns import AUDIO_FEATURES, FEATURE_NAMES, UNIT_INTERVAL_FEATURES

GENERATOR_VERSION = "1"


def synthetic_features(tracks: DataFrame, catalogue: DataFrame, donors: DataFrame) -> DataFrame:
    """Make the twelve audio features of every track of ``tracks``.

    ``tracks``: one row per ``track_key``, with ``track_id`` (may be null), ``track_name``,
    ``artist_name``, ``genre`` (may be null). ``catalogue``: ``silver.catalogue_tracks``, possibly
    none; ``donors``: its ``silver.feature_donors``, looked into when the function is called. The
    result has one row per track with the columns of
    ``bronze.my_tracks_features_bronze_synthetic``: loudness in dB, tempo in beats per minute,
    ``donor_track_id`` and ``donor_level`` null where ``method`` is ``copula``.

    The seed is the track id, or the track key where there is none.
    """
    seed = F.coalesce("track_id", "track_key")
    seeded = tracks.withColumn("genre", F.col("genre").cast("string"))
    if donors.isEmpty():
        seeded = seeded.withColumn("uniforms", hash_uniforms(seed, "copula"))
        filled = copula_features(seeded, uniforms="uniforms", result="made").withColumns(
            {
                "method": F.lit("copula"),
                "donor_track_id": F.lit(None).cast("string"),
                "donor_level": F.lit(None).cast("string"),
            }
        )
        values = {name: F.col("made").getField(name) for name in FEATURE_NAMES}
    else:
        seeded = seeded.withColumn("uniforms", hash_uniforms(seed, "donor"))
        seeded = seeded.withColumn("donor_uniform", F.col("uniforms")[0])
        filled = with_donors(seeded, catalogue, donors).withColumn("method", F.lit("hot_deck"))
        values = {
            name: jittered(name, F.col("uniforms")[position])
            for position, name in enumerate(FEATURE_NAMES, start=1)
        }
    features = []
    for feature in AUDIO_FEATURES:
        value = values[feature.name]
        if feature.dataType == DoubleType():
            value = _as_spotify_writes(feature.name, value)
        features.append(value.cast(feature.dataType).alias(feature.name))
    return filled.select(
        "track_key",
        "track_id",
        "track_name",
        "artist_name",
        *features,
        F.lit("synthetic").alias("source"),
        "method",
        "donor_track_id",
        "donor_level",
        F.lit(GENERATOR_VERSION).alias("generator_version"),
    ).select(*SYNTHETIC_FEATURES.column_names)


def _as_spotify_writes(name: str, value: Column) -> Column:
    """Round as Spotify does: three decimals, three significant digits below 0.1.

    Rounding also keeps a difference in the last bit of a machine's arithmetic out of the table.
    Four decimals throughout would not do: half of all instrumentalness lies below 0.0001.
    """
    if name not in UNIT_INTERVAL_FEATURES:
        return F.round(value, 3)
    rounded = F.when(value >= 0.1, F.round(value, 3))
    for decimals in range(4, 8):
        rounded = rounded.when(value >= 10.0 ** (2 - decimals), F.round(value, decimals))
    return rounded.otherwise(F.round(value, 8))
