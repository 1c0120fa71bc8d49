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
from features.hot_deck import find_donors, jittered
from schemas.bronze_schemas import SYNTHETIC_FEATURES
from schemas.common_columns import AUDIO_FEATURES, UNIT_INTERVAL_FEATURES

GENERATOR_VERSION = "1"


def synthetic_features(tracks: DataFrame, catalogue: DataFrame) -> DataFrame:
    """Make the twelve audio features of every track of ``tracks``.

    ``tracks``: one row per ``track_key``, with ``track_id`` (may be null), ``track_name``,
    ``artist_name``, ``genre`` (may be null). ``catalogue``: rows of
    ``bronze.kaggle_tracks_bronze``, possibly none. The result has one row per track with the
    columns of ``bronze.my_tracks_features_bronze_synthetic``: loudness in dB, tempo in beats per
    minute, ``donor_track_id`` and ``donor_level`` null where ``method`` is ``copula``.

    The seed is the track id, or the track key where there is none.
    """
    seed = F.coalesce("track_id", "track_key")
    seeded = tracks.select(
        "track_key",
        "track_id",
        "track_name",
        "artist_name",
        F.col("genre").cast("string"),
        hash_uniforms(seed, "donor").alias("donor_uniforms"),
    ).withColumn("donor_uniform", F.col("donor_uniforms")[0])
    has_donor = F.col("donor_level").isNotNull()
    with_donors = find_donors(seeded, catalogue).withColumn(
        # Null where a donor was found: nothing then is drawn in vain.
        "copula_uniforms",
        F.when(~has_donor, hash_uniforms(seed, "copula")),
    )
    with_both = copula_features(with_donors, uniforms="copula_uniforms", result="modelled")

    features = []
    for position, feature in enumerate(AUDIO_FEATURES, start=1):
        from_donor = jittered(feature.name, F.col("donor_uniforms")[position])
        value = F.when(has_donor, from_donor).otherwise(F.col("modelled").getField(feature.name))
        if feature.dataType == DoubleType():
            value = _as_spotify_writes(feature.name, value)
        features.append(value.cast(feature.dataType).alias(feature.name))
    return with_both.select(
        "track_key",
        "track_id",
        "track_name",
        "artist_name",
        *features,
        F.lit("synthetic").alias("source"),
        F.when(has_donor, "hot_deck").otherwise("copula").alias("method"),
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
