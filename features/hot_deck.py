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

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from features.name_key import genre_key, normalised
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, UNIT_INTERVAL_FEATURES
from schemas.silver_schemas import FEATURE_DONORS

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

_GLOBAL, _GENRE, _ARTIST = "global", "genre:", "artist:"


def feature_donors(catalogue: DataFrame) -> DataFrame:
    """Give ``silver.feature_donors`` for ``silver.catalogue_tracks``: every group's donors."""
    donors = catalogue.where("is_donor").select("track_id")
    of_artists = F.transform("artist_keys", lambda name: F.concat(F.lit(_ARTIST), name))
    groups = F.concat(F.array(F.concat(F.lit(_GENRE), "genre_key")), of_artists)
    in_groups = (
        # Each row of a donor tells a genre of its own.
        catalogue.join(donors, on="track_id", how="left_semi")
        .select("track_id", F.explode(groups).alias("donor_group"))
        .distinct()
    )
    in_all = donors.withColumn("donor_group", F.lit(_GLOBAL))
    in_group = Window.partitionBy("donor_group")
    return (
        in_groups.unionByName(in_all)
        .withColumn("donor_track_id", F.col("track_id"))
        .withColumn(
            "donor_number", F.row_number().over(in_group.orderBy("track_id")).cast("long") - 1
        )
        .withColumn("group_size", F.count("*").over(in_group))
        .select(*FEATURE_DONORS.column_names)
    )


def with_donors(tracks: DataFrame, catalogue: DataFrame, donors: DataFrame) -> DataFrame:
    """Give every track its donor.

    ``tracks`` has ``artist_name``, ``genre`` and ``donor_uniform`` (0–1), among others;
    ``catalogue`` is ``silver.catalogue_tracks``, ``donors`` its ``silver.feature_donors``, with at
    least one. The result has the columns of ``tracks`` and ``donor_level`` (``artist``, ``genre``,
    ``global``), ``donor_track_id`` and ``donor``, a struct of the twelve features.
    """
    sizes = donors.where(F.col("donor_number") == 0).select("donor_group", "group_size")
    artist_sizes = sizes.select(
        F.col("donor_group").alias("artist_group"), F.col("group_size").alias("_artists")
    )
    genre_sizes = sizes.select(
        F.col("donor_group").alias("genre_group"), F.col("group_size").alias("_genres")
    )
    everybody = sizes.where(F.col("donor_group") == _GLOBAL).select(
        F.col("group_size").alias("_all")
    )
    from_artist, from_genre = F.col("_artists").isNotNull(), F.col("_genres").isNotNull()
    size = F.coalesce("_artists", "_genres", "_all")
    numbered = (
        tracks.withColumn("artist_group", _artist_group(F.col("artist_name")))
        .withColumn("genre_group", _genre_group(F.col("genre")))
        .join(artist_sizes, on="artist_group", how="left")
        .join(genre_sizes, on="genre_group", how="left")
        .crossJoin(F.broadcast(everybody))
        .select(
            *tracks.columns,
            F.when(from_artist, "artist")
            .when(from_genre, "genre")
            .otherwise("global")
            .alias("donor_level"),
            F.when(from_artist, F.col("artist_group"))
            .when(from_genre, F.col("genre_group"))
            .otherwise(_GLOBAL)
            .alias("donor_group"),
            F.floor(F.col("donor_uniform") * size).alias("donor_number"),
        )
    )
    numbers = donors.select("donor_group", "donor_number", "donor_track_id")
    whole_rows = catalogue.where("is_donor").select(
        F.col("track_id").alias("donor_track_id"), F.struct(*FEATURE_NAMES).alias("donor")
    )
    return (
        numbered.join(numbers, on=["donor_group", "donor_number"], how="inner")
        .join(whole_rows, on="donor_track_id", how="inner")
        .select(*tracks.columns, "donor_level", "donor_track_id", "donor")
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


def _artist_group(artist: Column) -> Column:
    """Give the group of an artist's name; null where there is none."""
    name = normalised(artist)
    return F.when(name != "", F.concat(F.lit(_ARTIST), name))


def _genre_group(genre: Column) -> Column:
    """Give the group of a genre; null where there is none."""
    name = genre_key(genre)
    return F.when(name != "", F.concat(F.lit(_GENRE), name))
