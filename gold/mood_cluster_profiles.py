"""What each mood cluster sounds like, how real it is, and how much each person plays it."""

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from gold.feature_shares import feature_shares, is_grounded
from gold.mood_clusters import has_all_features, with_nearest_cluster
from gold.mood_model import (
    DECIMALS,
    NO_PREVIOUS,
    Floats,
    MoodModel,
    PreviousClusters,
    fit_mood_model,
)
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES

MOST_FITTED_TRACKS = 10_000
NO_MODEL = -1
_SHARES = ("measured_share", "catalogue_share", "synthetic_share")
# Columns that differ from person to person; all others are the model's, the same for everybody.
_PERSONAL = ("user_id", "tracks", "plays", "share_of_plays", *_SHARES)


def mood_cluster_profiles(tracks: DataFrame, previous: DataFrame) -> DataFrame:
    """Fit one model for the whole lake and count each person's plays in its clusters.

    ``tracks``: ``silver.tracks`` of everybody, one row per person and track. ``previous``: this
    table as the run before left it, or empty; it lends the clusters their identities. Gives
    ``MOOD_CLUSTER_PROFILES``: for every person a row per cluster, or one row with cluster -1 where
    there are too few tracks for a model. The table is replaced as a whole: a new model touches
    every row.

    The model is fitted on tracks with measured or catalogue features, never on synthetic ones,
    which are copies of others: each track once, however many people play it; at most 10,000, those
    with the smallest hash of their key. This bounded sample is all that is brought to the driver,
    and the fit runs when the function is called.

    A person whose plays have measured or catalogue features in less than half is ``withheld``: no
    share of plays, while the numbers of the model stay.
    """
    model = fit_mood_model(_fitted_sample(tracks), _previous_clusters(previous))
    clusters = _model_rows(tracks, model)
    by_cluster = (
        with_nearest_cluster(
            tracks.where(F.col("feature_source").isNotNull()),
            clusters.where(F.col("cluster_id") != NO_MODEL),
        )
        .groupBy("user_id", F.coalesce("cluster_id", F.lit(NO_MODEL)).alias("cluster_id"))
        .agg(
            F.count("*").alias("tracks"),
            F.sum("plays").alias("plays"),
            *feature_shares(F.col("plays")),
        )
    )
    plays_with_features = F.when(has_all_features(), F.col("plays"))
    people = (
        tracks.groupBy("user_id")
        .agg(F.sum(plays_with_features).alias("all_plays"), *feature_shares(plays_with_features))
        .withColumn("grounded", is_grounded())
        .withColumn("grounded_share", F.col("measured_share") + F.col("catalogue_share"))
        .drop(*_SHARES)
    )
    may_share = F.col("grounded") & (F.col("cluster_id") != NO_MODEL)
    share_of_plays = F.round(F.coalesce("plays", F.lit(0)) / F.col("all_plays"), DECIMALS)
    return (
        people.crossJoin(F.broadcast(clusters))
        .join(by_cluster, on=["user_id", "cluster_id"], how="left")
        .withColumn("share_of_plays", F.when(may_share, share_of_plays))
        .withColumns({name: F.coalesce(name, F.lit(0)) for name in ("tracks", "plays")})
        .withColumns({name: F.round(name, DECIMALS) for name in _SHARES})
        .withColumn("reason", F.coalesce(_reason_of_person(), "reason"))
        .withColumn("status", _status())
        .select(*MOOD_CLUSTER_PROFILES.column_names)
    )


def _reason_of_person() -> Column:
    percent = F.floor(F.col("grounded_share") * 100).cast("string")
    return F.when(
        F.col("status") != "too_few_data",
        F.when(F.col("all_plays").isNull(), "no play has audio features").when(
            ~F.col("grounded"),
            F.concat(percent, F.lit(" % of plays have measured or catalogue features, under 50 %")),
        ),
    )


def _status() -> Column:
    return (
        F.when(F.col("status") == "too_few_data", "too_few_data")
        .when(F.col("all_plays").isNull(), "too_few_data")
        .when(~F.col("grounded"), "withheld")
        .otherwise(F.col("status"))
    )


def _fitted_sample(tracks: DataFrame) -> Floats:
    """Bring the bounded sample to the driver: tracks × features, in the order of the key."""
    usable = tracks.where(F.col("feature_source").isin("real", "kaggle") & has_all_features())
    keys = (
        usable.select("track_key")
        .distinct()
        .orderBy(F.xxhash64("track_key"), "track_key")
        .limit(MOST_FITTED_TRACKS)
    )
    # One track may have other values for another person: measured ones first, then the least.
    values = F.struct((F.col("feature_source") != "real").alias("worse"), *CONTINUOUS_FEATURES)
    sample = (
        usable.join(F.broadcast(keys), on="track_key", how="left_semi")
        .groupBy("track_key")
        .agg(F.min(values).alias("values"))
        .select("track_key", "values.*")
        .toPandas()
        .sort_values("track_key")
    )
    return sample[list(CONTINUOUS_FEATURES)].to_numpy(dtype=np.float64)


def _previous_clusters(previous: DataFrame) -> PreviousClusters:
    """Read the model of the run before: six rows at most, the same for every person."""
    rows = previous.select(
        "cluster_id", "ids_used", *(f"mean_{name}" for name in CONTINUOUS_FEATURES)
    ).dropDuplicates(["cluster_id"])
    found = sorted(rows.collect(), key=lambda row: row["cluster_id"])
    if not found:
        return NO_PREVIOUS
    centred = [row for row in found if row["cluster_id"] != NO_MODEL]
    centres = [[row[f"mean_{name}"] for name in CONTINUOUS_FEATURES] for row in centred]
    return PreviousClusters(
        cluster_ids=tuple(row["cluster_id"] for row in centred),
        centres=np.array(centres, dtype=np.float64).reshape(-1, len(CONTINUOUS_FEATURES)),
        ids_used=max(row["ids_used"] for row in found),
    )


def _model_rows(tracks: DataFrame, model: MoodModel) -> DataFrame:
    """Give the model as a frame: the columns of the table that no person changes."""
    columns = StructType(
        [each for each in MOOD_CLUSTER_PROFILES.columns if each.name not in _PERSONAL]
    )
    of_model: dict[str, object] = {
        "n_fitted": model.n_fitted,
        "ids_used": model.ids_used,
        "status": model.status,
        "reason": model.reason,
    }
    if model.scaler is None or model.scores is None:
        rows = [of_model | {"cluster_id": NO_MODEL}]
    else:
        of_model |= vars(model.scores) | {
            "feature_names": list(CONTINUOUS_FEATURES),
            "scaler_mean": model.scaler.mean.tolist(),
            "scaler_scale": model.scaler.scale.tolist(),
            "k": len(model.clusters),
        }
        rows = []
        for cluster in model.clusters:
            natural = model.scaler.natural_units(cluster.centroid).round(DECIMALS).tolist()
            means = zip(CONTINUOUS_FEATURES, natural, strict=True)
            rows.append(
                of_model
                | {f"mean_{name}": value for name, value in means}
                | {
                    "cluster_id": cluster.cluster_id,
                    "label": cluster.label,
                    "label_purity": cluster.label_purity,
                    "centroid": cluster.centroid.tolist(),
                }
            )
    ordered = [tuple(row.get(name) for name in columns.names) for row in rows]
    return tracks.sparkSession.createDataFrame(ordered, columns)
