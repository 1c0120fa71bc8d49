"""The mood tables from tracks to rows, over one model that is fitted once."""

from collections.abc import Iterator

import numpy as np
import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from sklearn.cluster import KMeans

from gold.mood_cluster_profiles import mood_cluster_profiles
from gold.mood_clusters import mood_clusters
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from tests.gold.mood_samples import blobs, track_rows, tracks_frame

FEATURES, KINDS = blobs(4, 60)
MODEL_COLUMNS = ("cluster_id", "centroid", "scaler_mean", "scaler_scale", "silhouette", "stability")


def empty_profiles(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], MOOD_CLUSTER_PROFILES.given)


def lake(spark: SparkSession) -> DataFrame:
    """Five people: much measured, a little of it, only made up, half of each, no features."""
    nothing = np.full((3, 9), np.nan)
    partly = FEATURES[:1].copy()
    partly[0, CONTINUOUS_FEATURES.index("energy")] = np.nan
    no_tempo = FEATURES[:1].copy()
    no_tempo[0, CONTINUOUS_FEATURES.index("tempo")] = np.nan
    rows = [
        *track_rows(FEATURES[:230], "real"),
        *track_rows(FEATURES[230:], "kaggle", prefix="k", plays=4),
        *track_rows(partly, "real", prefix="partly"),
        *track_rows(no_tempo, "synthetic", prefix="no_tempo"),
        *(track_rows(FEATURES, "real", user="fan", plays=2)[track] for track in (0, 1, 70)),
        *track_rows(FEATURES[:500] + 0.001, "synthetic", user="made_up", prefix="s"),
        *track_rows(FEATURES[:2], "real", user="half"),
        *track_rows(FEATURES[2:4], "synthetic", user="half", prefix="s"),
        *track_rows(nothing, None, user="unknown", prefix="u"),
    ]
    return tracks_frame(spark, rows)


@pytest.fixture(scope="module")
def tables(spark: SparkSession) -> Iterator[tuple[list[Row], list[Row], DataFrame, DataFrame]]:
    tracks = lake(spark)
    # Brought back into the session, as the pipeline reads the table it has written.
    made = mood_cluster_profiles(tracks, empty_profiles(spark))
    assert made.columns == MOOD_CLUSTER_PROFILES.given.names
    rows = made.collect()
    profiles = spark.createDataFrame(rows, MOOD_CLUSTER_PROFILES.given)
    clusters = mood_clusters(tracks, profiles)
    assert clusters.columns == MOOD_CLUSTERS.given.names
    yield rows, clusters.collect(), tracks, profiles


Tables = tuple[list[Row], list[Row], DataFrame, DataFrame]


def of_user(rows: list[Row], user: str) -> list[Row]:
    return sorted(
        (row for row in rows if row["user_id"] == user), key=lambda row: row["cluster_id"]
    )


def test_every_person_has_a_row_for_every_cluster(tables: Tables) -> None:
    profiles, _, _, _ = tables
    assert sorted((row["user_id"], row["cluster_id"]) for row in profiles) == [
        (user, cluster)
        for user in ("fan", "half", "made_up", "me", "unknown")
        for cluster in range(4)
    ]
    assert {row["n_fitted"] for row in profiles} == {240}
    assert {row["k"] for row in profiles} == {4}
    assert {tuple(row["feature_names"]) for row in profiles} == {CONTINUOUS_FEATURES}


def test_types_are_those_of_the_tables(tables: Tables) -> None:
    _, _, tracks, profiles = tables
    made = mood_clusters(tracks, profiles).schema
    declared = MOOD_CLUSTERS.given
    assert [each.dataType for each in made] == [each.dataType for each in declared]


def test_plays_of_a_person_by_hand(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    fan = of_user(profiles, "fan")
    place = {row["track_key"]: row["cluster_id"] for row in clusters if row["user_id"] == "fan"}
    assert place["t00000"] == place["t00001"] != place["t00070"]
    assert [row["status"] for row in fan] == ["ok"] * 4
    by_cluster = {row["cluster_id"]: row for row in fan}
    both, single = by_cluster[place["t00000"]], by_cluster[place["t00070"]]
    assert (both["tracks"], both["plays"], both["share_of_plays"]) == (2, 4, 0.666667)
    assert (single["tracks"], single["plays"], single["share_of_plays"]) == (1, 2, 0.333333)
    assert (both["measured_share"], both["catalogue_share"], both["synthetic_share"]) == (1, 0, 0)
    others = [row for row in fan if row["cluster_id"] not in place.values()]
    assert [(row["tracks"], row["plays"], row["share_of_plays"]) for row in others] == [
        (0, 0, 0.0)
    ] * 2
    assert {row["measured_share"] for row in others} == {None}


def test_shares_of_sources_are_weighted_by_plays(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    mine = [row for row in clusters if row["user_id"] == "me" and row["cluster_id"] is not None]
    for profile in of_user(profiles, "me"):
        members = [row for row in mine if row["cluster_id"] == profile["cluster_id"]]
        plays = sum(row["plays"] for row in members)
        catalogue = sum(row["plays"] for row in members if row["feature_source"] == "kaggle")
        assert (profile["tracks"], profile["plays"]) == (len(members), plays)
        assert profile["catalogue_share"] == pytest.approx(catalogue / plays, abs=1e-6)
        everything = sum(row["plays"] for row in mine)
        assert profile["share_of_plays"] == pytest.approx(plays / everything, abs=1e-6)


def test_a_person_of_made_up_features_is_withheld(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    made_up = of_user(profiles, "made_up")
    assert {row["status"] for row in made_up} == {"withheld"}
    assert {row["share_of_plays"] for row in made_up} == {None}
    assert {row["reason"] for row in made_up} == {
        "0 % of plays have measured or catalogue features, under 50 %"
    }
    assert [row["centroid"] for row in made_up] == [
        row["centroid"] for row in of_user(profiles, "me")
    ]
    places = [row for row in clusters if row["user_id"] == "made_up"]
    assert {(row["feature_source"], row["status"]) for row in places} == {("synthetic", "ok")}


def test_half_measured_is_enough(tables: Tables) -> None:
    assert {row["status"] for row in of_user(tables[0], "half")} == {"ok"}


def test_a_person_without_features_has_too_few_data(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    unknown = of_user(profiles, "unknown")
    assert {(row["status"], row["reason"], row["plays"]) for row in unknown} == {
        ("too_few_data", "no play has audio features", 0)
    }
    assert {row["share_of_plays"] for row in unknown} == {None}
    assert [row for row in clusters if row["user_id"] == "unknown"] == []


def test_a_track_that_lacks_a_feature_has_no_cluster(tables: Tables) -> None:
    _, clusters, _, _ = tables
    (partly,) = [row for row in clusters if row["track_key"].startswith("partly")]
    assert (partly["cluster_id"], partly["label"], partly["distance"]) == (None, None, None)
    assert (partly["status"], partly["reason"]) == (
        "too_few_data",
        "some audio features are missing",
    )
    (no_tempo,) = [row for row in clusters if row["track_key"].startswith("no_tempo")]
    assert (no_tempo["status"], no_tempo["reason"]) == ("ok", None)


def test_spark_places_every_track_as_scikit_learn_does(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    mine = of_user(profiles, "me")
    centres = np.array([row["centroid"] for row in mine])
    mean, scale = np.array(mine[0]["scaler_mean"]), np.array(mine[0]["scaler_scale"])
    z_scores = (FEATURES - mean) / scale
    reference = KMeans(n_clusters=4, init=centres, n_init=1, max_iter=1).fit(centres)
    reference.cluster_centers_ = centres
    expected = reference.predict(z_scores)
    distances = reference.transform(z_scores).min(axis=1)
    placed = {row["track_key"]: row for row in clusters if row["user_id"] == "me"}
    keys = [f"t{row:05d}" for row in range(230)] + [f"k{row:05d}" for row in range(10)]
    assert [placed[key]["cluster_id"] for key in keys] == [int(each) for each in expected]
    assert [placed[key]["distance"] for key in keys] == pytest.approx(distances, abs=1e-5)
    labels = {row["cluster_id"]: row["label"] for row in mine}
    assert all(placed[key]["label"] == labels[placed[key]["cluster_id"]] for key in keys)


def test_centres_in_natural_units_are_the_means_of_the_members(tables: Tables) -> None:
    profiles, clusters, _, _ = tables
    for profile in of_user(profiles, "me"):
        members = [
            row["energy"]
            for row in clusters
            if row["user_id"] == "me"
            and row["feature_source"] in ("real", "kaggle")
            and row["cluster_id"] == profile["cluster_id"]
        ]
        assert profile["mean_energy"] == pytest.approx(np.mean(members), abs=1e-5)


def test_synthetic_tracks_and_the_order_of_rows_change_no_centre(
    spark: SparkSession, tables: Tables
) -> None:
    profiles, _, tracks, _ = tables
    strange = np.random.default_rng(5).random((500, 9))
    synthetic = tracks_frame(spark, track_rows(strange, "synthetic", prefix="made"))
    shuffled = tracks.union(synthetic).orderBy(F.rand(seed=3)).repartition(5)
    again = mood_cluster_profiles(shuffled, empty_profiles(spark)).collect()
    assert [[row[name] for name in MODEL_COLUMNS] for row in of_user(again, "me")] == [
        [row[name] for name in MODEL_COLUMNS] for row in of_user(profiles, "me")
    ]
    assert of_user(again, "fan") == of_user(profiles, "fan")


def test_ids_go_on_from_the_table_of_the_run_before(spark: SparkSession, tables: Tables) -> None:
    _, _, tracks, profiles = tables
    renumbered = profiles.withColumn("cluster_id", 7 - F.col("cluster_id")).withColumn(
        "ids_used", F.lit(8)
    )
    again = mood_cluster_profiles(tracks, renumbered).where("user_id = 'me'").collect()
    found = {row["cluster_id"]: row["mean_valence"] for row in again}
    before = {row["cluster_id"]: row["mean_valence"] for row in of_user(tables[0], "me")}
    assert found == {7 - cluster: value for cluster, value in before.items()}
    assert {row["ids_used"] for row in again} == {8}


def test_too_few_tracks_leave_a_row_that_says_so(spark: SparkSession) -> None:
    few = [*track_rows(FEATURES[:50], plays=2), *track_rows(FEATURES, "synthetic", user="other")]
    tracks = tracks_frame(spark, few)
    profiles = mood_cluster_profiles(tracks, empty_profiles(spark))
    me, other = sorted(profiles.collect(), key=lambda row: row["user_id"])
    assert (me["cluster_id"], me["status"], me["n_fitted"]) == (-1, "too_few_data", 50)
    assert (me["tracks"], me["plays"], me["share_of_plays"]) == (50, 100, None)
    assert me["reason"].startswith("50 tracks have measured or catalogue features")
    assert (other["status"], other["plays"], other["synthetic_share"]) == ("too_few_data", 240, 1)
    clusters = mood_clusters(tracks, profiles)
    said = clusters.select("cluster_id", "label", "status", "reason").distinct().collect()
    assert [tuple(row) for row in said] == [
        (None, None, "too_few_data", "there is no model yet: see mood_cluster_profiles")
    ]
    assert clusters.count() == 290


def test_noise_is_placed_but_not_named(spark: SparkSession) -> None:
    noise = np.random.default_rng(1).random((220, 9))
    tracks = tracks_frame(spark, track_rows(noise))
    profiles = mood_cluster_profiles(tracks, empty_profiles(spark))
    rows = profiles.collect()
    assert {row["status"] for row in rows} == {"no_skill"}
    assert {row["label"] for row in rows} == {None}
    said = mood_clusters(tracks, profiles).collect()
    assert {(row["label"], row["status"]) for row in said} == {(None, "no_skill")}
    assert {row["reason"] for row in said} == {"no clearer than chance: see mood_cluster_profiles"}
    assert {row["cluster_id"] for row in said} == {row["cluster_id"] for row in rows}


def test_nothing_gives_nothing(spark: SparkSession) -> None:
    nothing = tracks_frame(spark, [])
    profiles = mood_cluster_profiles(nothing, empty_profiles(spark))
    assert profiles.count() == 0
    assert mood_clusters(nothing, profiles).count() == 0
