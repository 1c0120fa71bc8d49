"""What each mood cluster sounds like, how real it is, and how much each person plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from gold.feature_shares import (
    GROUNDED_SOURCES,
    SOURCE_OF_SHARE,
    feature_shares,
    is_grounded,
)
from gold.mood_clusters import has_all_features, with_nearest_cluster
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from silver.exact_numbers import DECIMALS
from writers.local_rows import local_frame

if TYPE_CHECKING:
    from gold.mood_model import Floats, MoodModel, PreviousClusters

MOST_FITTED_TRACKS = 10_000
NO_MODEL = -1
_SHARES = tuple(SOURCE_OF_SHARE)
# Columns that differ from person to person; all others are the model's, the same for everybody.
_PERSONAL = (
    "user_id",
    "tracks",
    "plays",
    "share_of_plays",
    *_SHARES,
    "status",
    "reason",
)
_OF_MODEL = [each for each in MOOD_CLUSTER_PROFILES.given if each.name not in _PERSONAL]


def mood_cluster_profiles(tracks: DataFrame, previous: DataFrame) -> DataFrame:
    """Fit one model for the whole lake and count each person's plays in its clusters.

    ``tracks``: ``silver.tracks`` of everybody, one row per person and track. ``previous``: this
    table as the run before left it, or empty; it lends the clusters their identities. Gives
    ``MOOD_CLUSTER_PROFILES``: for every person a row per cluster, or one row with cluster -1 where
    there are too few tracks for a model. A new model touches every row.

    The model is fitted on tracks with measured or catalogue features, never on synthetic ones,
    which are copies of others: each track once, however many people play it; at most 10,000, those
    with the smallest hash of their key. Tracks that were first met in the lake's newest month wait
    for the next one, so that a model stands for a month and does not tremble with every play. This
    bounded sample is all that is brought to the driver, and the fit runs when the function is
    called.

    A person whose plays have measured or catalogue features in less than half is ``withheld``: no
    share of plays, while the numbers of the model stay.
    """
    # Scientific libraries take a second to import; most runs fit no model.
    from gold.mood_model import fit_mood_model

    fitted_before = _newest_month(tracks)
    sample = _fitted_sample(tracks.where(_is_fitted(fitted_before)))
    model = fit_mood_model(sample, _previous_clusters(previous))
    return _profiles_of_people(tracks, _model_rows(tracks, model, fitted_before))


def profiles_of_model(tracks: DataFrame, profiles: DataFrame) -> DataFrame:
    """Count people's plays in the clusters of a model that stands.

    ``tracks``: ``silver.tracks`` of these people. ``profiles``: rows of ``MOOD_CLUSTER_PROFILES``,
    whoever's; the model is taken from them. Gives the rows of these people.
    """
    names = [each.name for each in _OF_MODEL]
    return _profiles_of_people(tracks, profiles.select(*names).dropDuplicates(["cluster_id"]))


def _is_fitted(fitted_before: str | None) -> Column:
    """Say whether a row of ``silver.tracks`` is of those that the model is fitted on."""
    met = F.date_format("first_played_at", "yyyy-MM")
    in_time = F.lit(True) if fitted_before is None else met < fitted_before
    return in_time & F.col("feature_source").isin(*GROUNDED_SOURCES) & has_all_features()


def _profiles_of_people(tracks: DataFrame, clusters: DataFrame) -> DataFrame:
    """Give the rows of the people in ``tracks`` for the model in ``clusters``."""
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
        .withColumn("reason", F.coalesce(_reason_of_person(), "model_reason"))
        .withColumn("status", _status())
        .select(*MOOD_CLUSTER_PROFILES.given.names)
    )


def _reason_of_person() -> Column:
    percent = F.floor(F.col("grounded_share") * 100).cast("string")
    return F.when(
        F.col("model_status") != "too_few_data",
        F.when(F.col("all_plays").isNull(), "no play has audio features").when(
            ~F.col("grounded"),
            F.concat(percent, F.lit(" % of plays have measured or catalogue features, under 50 %")),
        ),
    )


def _status() -> Column:
    return (
        F.when(F.col("model_status") == "too_few_data", "too_few_data")
        .when(F.col("all_plays").isNull(), "too_few_data")
        .when(~F.col("grounded"), "withheld")
        .otherwise(F.col("model_status"))
    )


def _newest_month(tracks: DataFrame) -> str | None:
    """Give the month of the last play, YYYY-MM; None where no track was met before it."""
    (span,) = tracks.agg(
        F.date_format(F.min("first_played_at"), "yyyy-MM").alias("first"),
        F.date_format(F.max("last_played_at"), "yyyy-MM").alias("newest"),
    ).collect()
    newest: str | None = span["newest"]
    return None if span["first"] == newest else newest


def _fitted_sample(usable: DataFrame) -> Floats:
    """Bring the bounded sample to the driver: tracks × features, in the order of the key."""
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
    from gold.mood_model import NO_PREVIOUS, PreviousClusters

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


def _model_rows(tracks: DataFrame, model: MoodModel, fitted_before: str | None) -> DataFrame:
    """Give the model as a frame: the columns of the table that no person changes."""
    columns = StructType(_OF_MODEL)
    of_model: dict[str, object] = {
        "n_fitted": model.n_fitted,
        "ids_used": model.ids_used,
        "fitted_before": fitted_before,
        "model_status": model.status,
        "model_reason": model.reason,
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
    return local_frame(tracks.sparkSession, rows, columns)
