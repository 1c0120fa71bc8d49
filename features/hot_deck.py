"""The donor of a track without features: one whole row of the catalogue, chosen by a hash.

A whole row keeps what belongs together together (loud tracks stay energetic), and a donor of the
same artist keeps about half of what can be known of a track without hearing it.

*The choice.* The donors of a group (an artist, a genre, the whole catalogue) stand in the order of
their ids; a track takes number ⌊u · size⌋ of them, u from the hash of its seed. Scaling u keeps
most choices when the catalogue grows: a new donor moves on average a third of the choices in its
own groups and none elsewhere, where a remainder would move nearly all. Rendezvous hashing would
move fewer still, but has to look at every donor for every track: for the global group that is
tracks × catalogue. Here it is one join on (group, number), whatever the size.
"""

from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from features.name_key import normalised
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, UNIT_INTERVAL_FEATURES

FEATURE_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(UNIT_INTERVAL_FEATURES, (0.0, 1.0)),
    "loudness": (-60.0, 5.0),  # dB
    "tempo": (1.0, 300.0),  # beats per minute; the catalogue writes 0 for unknown
    "key": (0, 11),
    "mode": (0, 1),
    "time_signature": (3, 7),  # beats per bar; the catalogue writes 0 for unknown
}
# Enough that a row is no copy, and small: real tempos stand at whole numbers (128.0), and a jitter
# that smears them is what a classifier finds first (see docs/SYNTHETIC_FEATURES_GUIDE.md).
UNIT_INTERVAL_JITTER = 0.05  # times x · (1 − x): at most ±0.0125
LOUDNESS_JITTER = 0.2  # dB
TEMPO_JITTER = 0.05  # beats per minute

_GLOBAL_GROUP = "global"


def find_donors(tracks: DataFrame, catalogue: DataFrame) -> DataFrame:
    """Give every track its donor.

    ``tracks`` has ``artist_name``, ``genre`` and ``donor_uniform`` (0–1), among others;
    ``catalogue`` the columns of ``bronze.kaggle_tracks_bronze``. The result has the columns of
    ``tracks`` and ``donor_level`` (``artist``, ``genre``, ``global``; null where the catalogue has
    no donor at all), ``donor_track_id`` and ``donor``, a struct of the twelve features.
    """
    members = _group_members(catalogue)
    # Bounded by the catalogue (tens of thousands of artists), never by the tracks.
    sizes = F.broadcast(members.groupBy("group").agg(F.count("*").alias("size")))
    artist_sizes = sizes.select(
        F.col("group").alias("artist_group"), F.col("size").alias("_artists")
    )
    genre_sizes = sizes.select(F.col("group").alias("genre_group"), F.col("size").alias("_genres"))
    whole_rows = _whole_rows(catalogue)
    global_size = whole_rows.agg(F.nullif(F.count("*"), F.lit(0)).alias("_all"))

    placed = (
        tracks.withColumn("artist_group", _artist_group(F.col("artist_name")))
        .withColumn("genre_group", _genre_group(F.col("genre")))
        .join(artist_sizes, on="artist_group", how="left")
        .join(genre_sizes, on="genre_group", how="left")
        .crossJoin(F.broadcast(global_size))
    )
    from_artist, from_genre = F.col("_artists").isNotNull(), F.col("_genres").isNotNull()
    size = F.coalesce("_artists", "_genres", "_all")
    numbered = placed.select(
        *tracks.columns,
        F.when(from_artist, "artist")
        .when(from_genre, "genre")
        .when(F.col("_all").isNotNull(), "global")
        .alias("donor_level"),
        F.when(from_artist, F.col("artist_group"))
        .when(from_genre, F.col("genre_group"))
        .otherwise(F.lit(_GLOBAL_GROUP))
        .alias("group"),
        F.floor(F.col("donor_uniform") * size).alias("donor_number"),
    )
    with_ids = numbered.join(members, on=["group", "donor_number"], how="left")
    return with_ids.join(whole_rows, on="donor_track_id", how="left").select(
        *tracks.columns, "donor_level", "donor_track_id", "donor"
    )


def jittered(name: str, uniform: Column) -> Column:
    """Give feature ``name`` of ``donor``, moved by a little that ``uniform`` (0–1) says.

    On the unit interval the step is at most ``UNIT_INTERVAL_JITTER`` · x · (1 − x), so a value
    never leaves the interval and an exact 0 or 1 stays.
    """
    value = F.col("donor").getField(name)
    if name not in CONTINUOUS_FEATURES:
        return value
    step = {
        "loudness": F.lit(LOUDNESS_JITTER),
        "tempo": F.lit(TEMPO_JITTER),
    }.get(name, UNIT_INTERVAL_JITTER * value * (1.0 - value))
    low, high = FEATURE_RANGES[name]
    return F.greatest(F.least(value + (2.0 * uniform - 1.0) * step, F.lit(high)), F.lit(low))


def _group_members(catalogue: DataFrame) -> DataFrame:
    """Give (group, donor_number) → donor_track_id; numbers from 0 in the order of ids."""
    # Exploded first and named after: the same plan in every branch, so that Spark computes it once.
    artists = F.split(F.coalesce("artists", F.lit("")), ";")
    names = F.concat(F.array(F.lit(_GLOBAL_GROUP), F.col("track_genre")), artists)
    group = (
        F.when(F.col("position") == 0, F.col("name"))
        .when(F.col("position") == 1, _genre_group(F.col("name")))
        .otherwise(_artist_group(F.col("name")))
    )
    by_id = Window.partitionBy("group").orderBy("donor_track_id")
    return (
        catalogue.where(_has_all_features())
        .select(
            F.col("track_id").alias("donor_track_id"),
            F.posexplode(names).alias("position", "name"),
        )
        .select(group.alias("group"), "donor_track_id")
        .where(F.col("group").isNotNull())
        .distinct()
        .withColumn("donor_number", F.row_number().over(by_id).cast("long") - 1)
    )


def _whole_rows(catalogue: DataFrame) -> DataFrame:
    """Give donor_track_id → donor, the struct of its twelve features."""
    return (
        catalogue.where(_has_all_features())
        .groupBy(F.col("track_id").alias("donor_track_id"))
        # Rows of one id have the same features; if not, min still takes one whole row.
        .agg(F.min(F.struct(*FEATURE_NAMES)).alias("donor"))
    )


def _has_all_features() -> Column:
    """Say whether a catalogue row has all twelve features, each in its range."""
    return reduce(
        and_, (F.col(name).between(low, high) for name, (low, high) in FEATURE_RANGES.items())
    )


def _artist_group(artist: Column) -> Column:
    """Give the group of an artist's name; null where there is none."""
    name = normalised(artist)
    return F.when(name != "", F.concat(F.lit("artist:"), name))


def _genre_group(genre: Column) -> Column:
    """Give the group of a genre; the catalogue writes 'hip-hop' where others write 'hip hop'."""
    name = F.translate(normalised(genre), "-", " ")
    return F.when(name != "", F.concat(F.lit("genre:"), name))
