"""Which features a track gets: by id, else by name, from the first source that has them."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from features.name_key import name_key
from schemas.common_columns import FEATURE_NAMES

_PROVENANCE = ("feature_source", "feature_provider", "feature_match", "feature_donor_level")
_BY_ID, _BY_NAME = 0, 1


def track_features(
    tracks: DataFrame, tables: Mapping[str, DataFrame], preference: Sequence[str]
) -> DataFrame:
    """Give what the sources know of every track that some source knows.

    ``tracks``: track_key, track_id, a row for every id a recording is known by (null where it has
    none). ``tables``: the bronze tables of ``real`` and ``synthetic`` features and
    ``silver.catalogue_tracks`` as ``kaggle``, by these names; one that ``preference`` does not name
    may be left out. Result: one row a track_key with
    the twelve features, feature_source, feature_provider, feature_match and feature_donor_level,
    all null where no source in ``preference`` has features, and the catalogue's genre and
    duration_ms.

    An id wins over a name within one source only: a source earlier in ``preference`` wins by name
    over a later one by id. Of several genres the least by name stands, so that it is always the
    same.
    """
    rank = {source: place for place, source in enumerate(preference)}
    readers = {"real": _real, "synthetic": _synthetic, "kaggle": _kaggle}
    offers = reduce(
        DataFrame.unionByName,
        (_offers(readers[source](table), source, rank) for source, table in tables.items()),
    )
    wanted = F.explode(F.array(_id_lookup(F.col("track_id")), F.col("track_key"))).alias("lookup")
    best = (
        tracks.select("track_key", wanted)
        .where(F.col("lookup").isNotNull())
        .distinct()
        .join(offers, on="lookup", how="inner")
        .groupBy("track_key")
        .agg(
            F.min(F.when(F.col("offer.source_rank").isNotNull(), F.col("offer"))).alias("best"),
            F.min("fact").alias("fact"),
        )
    )
    return best.select(
        "track_key",
        *(F.col(f"best.{name}") for name in FEATURE_NAMES + _PROVENANCE),
        F.col("fact.genre").alias("genre"),
        F.col("fact.duration_ms").alias("duration_ms"),
    )


def tracks_without_features(tracks: DataFrame, known: DataFrame) -> DataFrame:
    """Give one row a track_key of those ``tracks`` for which ``known`` has no features.

    ``tracks``: track_key, track_id, track_name, artist_name, several rows a track_key allowed; the
    least id and names stand for all. ``known`` comes from ``track_features``. Result: track_key,
    track_id, track_name, artist_name, genre (null: what the catalogue does not know has none yet).
    """
    measured = known.where(F.col("feature_source").isNotNull()).select("track_key")
    missing = tracks.join(measured, on="track_key", how="left_anti")
    return missing.groupBy("track_key").agg(
        F.min("track_id").alias("track_id"),
        F.min("track_name").alias("track_name"),
        F.min("artist_name").alias("artist_name"),
        F.lit(None).cast("string").alias("genre"),
    )


def _offers(table: DataFrame, source: str, rank: dict[str, int]) -> DataFrame:
    """Give (lookup, offer, fact): a row for every id and name that ``table`` can be asked by."""
    asked = F.concat(
        F.array(F.struct(_id_lookup(F.col("by_id")).alias("lookup"), F.lit(_BY_ID).alias("match"))),
        F.transform(
            "by_name", lambda name: F.struct(name.alias("lookup"), F.lit(_BY_NAME).alias("match"))
        ),
    )
    by_lookup = table.withColumn("asked", F.explode(asked)).where(F.col("asked.lookup").isNotNull())
    match = F.col("asked.match")
    offer = F.struct(
        F.lit(rank.get(source)).cast("int").alias("source_rank"),
        match.alias("match_rank"),
        "tie",
        *FEATURE_NAMES,
        F.lit(source).alias("feature_source"),
        F.col("provider").alias("feature_provider"),
        F.when(match == _BY_ID, "id").otherwise("name").alias("feature_match"),
        F.col("donor_level").alias("feature_donor_level"),
    )
    fact = F.when(
        F.lit(source == "kaggle"), F.struct(match.alias("match_rank"), "genre", "duration_ms")
    )
    return by_lookup.select(
        F.col("asked.lookup").alias("lookup"), offer.alias("offer"), fact.alias("fact")
    )


def _id_lookup(track_id: Column) -> Column:
    """An id as something to ask by; no name can look like it, since names hold a '|'."""
    return F.concat(F.lit("id:"), track_id)


def _real(table: DataFrame) -> DataFrame:
    """Of several answers the newest stands."""
    age = F.lit(2**62) - F.unix_micros("fetched_at")
    return table.select(
        F.concat_ws("|", F.lpad(age.cast("string"), 20, "0"), "source", "track_id").alias("tie"),
        F.col("track_id").alias("by_id"),
        F.array(name_key(F.col("artist_name"), F.col("track_name"))).alias("by_name"),
        F.col("source").alias("provider"),
        F.lit(None).cast("string").alias("donor_level"),
        *FEATURE_NAMES,
        F.lit(None).cast("string").alias("genre"),
        F.lit(None).cast("bigint").alias("duration_ms"),
    ).where(_has_features())


def _synthetic(table: DataFrame) -> DataFrame:
    """Every recording has a row of its own, if any: another's that shares an id is not asked."""
    return table.select(
        F.col("track_key").alias("tie"),
        F.lit(None).cast("string").alias("by_id"),
        F.array("track_key").alias("by_name"),
        F.col("method").alias("provider"),
        "donor_level",
        *FEATURE_NAMES,
        F.lit(None).cast("string").alias("genre"),
        F.lit(None).cast("bigint").alias("duration_ms"),
    ).where(_has_features())


def _kaggle(table: DataFrame) -> DataFrame:
    """Of several tracks of one name the most popular; 0 in tempo or metre means unknown."""
    unpopularity = F.lit(100) - F.coalesce("popularity", F.lit(0))
    known = {name: F.col(name) for name in FEATURE_NAMES}
    for name in ("tempo", "time_signature"):
        known[name] = F.when(F.col(name) > 0, F.col(name))
    return table.select(
        F.concat_ws("|", F.lpad(unpopularity.cast("string"), 3, "0"), "track_id").alias("tie"),
        F.col("track_id").alias("by_id"),
        F.col("name_keys").alias("by_name"),
        F.lit("kaggle").alias("provider"),
        F.lit(None).cast("string").alias("donor_level"),
        *(value.alias(name) for name, value in known.items()),
        F.col("track_genre").alias("genre"),
        "duration_ms",
    ).where(_has_features())


def _has_features() -> Column:
    return F.col("valence").isNotNull() & F.col("energy").isNotNull()
