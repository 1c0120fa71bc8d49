"""The mood cluster of every track a person played that has features."""

from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTERS
from silver.exact_numbers import DECIMALS

_MAY_BE_UNKNOWN = "tempo"


def has_all_features() -> Column:
    """Say whether a track can be placed: every continuous feature but tempo is known."""
    needed = [F.col(name).isNotNull() for name in CONTINUOUS_FEATURES if name != _MAY_BE_UNKNOWN]
    return reduce(lambda one, other: one & other, needed, F.col("feature_source").isNotNull())


def with_nearest_cluster(tracks: DataFrame, clusters: DataFrame) -> DataFrame:
    """Add the nearest cluster: ``cluster_id``, ``label`` and ``distance`` (Euclidean, z-scores).

    ``clusters`` has one row a cluster: cluster_id, label, centroid (z-scores), scaler_mean and
    scaler_scale, in the order of ``CONTINUOUS_FEATURES``. Of two centres equally near the lower id
    wins. An unknown tempo (null or 0) counts as the mean, as in the fit. All three are null where
    there are no clusters or the track lacks another feature.

    The rows, six at most, are read at once: as literals Spark compiles them, which is ten times
    faster than a lambda over a column of centres.
    """
    rows = clusters.select(
        "cluster_id", "label", "centroid", "scaler_mean", "scaler_scale"
    ).collect()
    if not rows:
        return tracks.withColumns(
            {
                "cluster_id": F.lit(None).cast("int"),
                "label": F.lit(None).cast("string"),
                "distance": F.lit(None).cast("double"),
            }
        )
    candidates = [
        F.struct(
            _squared_distance(row).alias("squared"),
            F.lit(row["cluster_id"]).alias("cluster_id"),
            F.lit(row["label"]).cast("string").alias("label"),
        )
        for row in rows
    ]
    return (
        tracks.withColumn("nearest", F.when(has_all_features(), F.array_min(F.array(*candidates))))
        .withColumn("cluster_id", F.col("nearest.cluster_id"))
        .withColumn("label", F.col("nearest.label"))
        .withColumn("distance", F.round(F.sqrt("nearest.squared"), DECIMALS))
        .drop("nearest")
    )


def _squared_distance(cluster: Row) -> Column:
    terms: list[Column] = []
    for position, name in enumerate(CONTINUOUS_FEATURES):
        mean, scale = cluster["scaler_mean"][position], cluster["scaler_scale"][position]
        value = F.col(name)
        if name == _MAY_BE_UNKNOWN:
            value = F.coalesce(F.nullif(value, F.lit(0.0)), F.lit(mean))
        offset = (value - mean) / scale - cluster["centroid"][position]
        terms.append(offset * offset)
    return reduce(add, terms)


def mood_clusters(tracks: DataFrame, profiles: DataFrame) -> DataFrame:
    """Place every track in the nearest cluster of the lake's one model.

    ``tracks``: ``silver.tracks``, one row per person and track. ``profiles``:
    ``gold.mood_cluster_profiles`` made from the same tracks. Gives ``MOOD_CLUSTERS``, one row per
    person and track that has a feature source. A synthetic track is placed too, and its
    ``feature_source`` says that the place was borrowed with the features.

    Status: ``too_few_data`` without a model or without all features (no cluster then),
    ``no_skill`` where the model is no better than chance (a cluster, but no label), else ``ok``.
    """
    clusters = profiles.where(F.col("cluster_id") >= 0).dropDuplicates(["cluster_id"])
    placed = with_nearest_cluster(tracks.where(F.col("feature_source").isNotNull()), clusters)
    reason = (
        F.when(~has_all_features(), "some audio features are missing")
        .when(F.col("cluster_id").isNull(), "there is no model yet: see mood_cluster_profiles")
        .when(F.col("label").isNull(), "no clearer than chance: see mood_cluster_profiles")
    )
    status = (
        F.when(F.col("cluster_id").isNull(), "too_few_data")
        .when(F.col("label").isNull(), "no_skill")
        .otherwise("ok")
    )
    return (
        placed.withColumn("status", status)
        .withColumn("reason", reason)
        .select(*MOOD_CLUSTERS.given.names)
    )
