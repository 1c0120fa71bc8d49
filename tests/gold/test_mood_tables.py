"""The mood tables from tracks to rows, over one model that is fitted once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engines.arrow import arrow_schema
from gold.mood import mood_fit
from gold.mood.mood_model import MODEL_COLUMNS, fingerprint_of
from gold.statistics.reasons import NO_FEATURES, few_grounded_plays
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from schemas.silver_schemas import TRACKS
from tests.gold.mood_samples import blobs, fit_quickly, track_rows
from tests.models import compute

pytestmark = pytest.mark.heavy

Row = dict[str, Any]
Rows = list[Row]

FEATURES, KINDS = blobs(4, 60)
OF_MODEL = [each.name for each in MODEL_COLUMNS]


def mood_cluster_profiles(tracks: Rows, before: Rows | None = None, **models: Rows) -> Rows:
    inputs = {"silver.tracks": tracks, "gold.mood_cluster_profiles": before or []}
    return compute("mood_cluster_profiles", {**inputs, **models})


def mood_clusters(tracks: Rows, profiles: Rows) -> Rows:
    return compute(
        "mood_clusters", {"silver.tracks": tracks, "gold.mood_cluster_profiles": profiles}
    )


def lake() -> Rows:
    """Five people: much measured, a little of it, only made up, half of each, no features."""
    nothing = np.full((3, 9), np.nan)
    partly = FEATURES[:1].copy()
    partly[0, CONTINUOUS_FEATURES.index("energy")] = np.nan
    no_tempo = FEATURES[:1].copy()
    no_tempo[0, CONTINUOUS_FEATURES.index("tempo")] = np.nan
    return [
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


@pytest.fixture(scope="module")
def profiles() -> Rows:
    return mood_cluster_profiles(lake())


@pytest.fixture(scope="module")
def clusters(profiles: Rows) -> Rows:
    return mood_clusters(lake(), profiles)


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a model is fitted."""

    def fit_mood_model(*_: object) -> None:
        raise AssertionError("a model was fitted")

    monkeypatch.setattr(mood_fit, "fit_mood_model", fit_mood_model)


@pytest.fixture(scope="module", autouse=True)
def quick_fits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        fit_quickly(monkeypatch)
        yield


def of_user(rows: Rows, user: str) -> Rows:
    return sorted(
        (row for row in rows if row["user_id"] == user), key=lambda row: row["cluster_id"]
    )


def test_columns_are_those_of_the_tables(profiles: Rows, clusters: Rows) -> None:
    assert {tuple(row) for row in profiles} == {tuple(MOOD_CLUSTER_PROFILES.given_names)}
    assert {tuple(row) for row in clusters} == {tuple(MOOD_CLUSTERS.given_names)}


def test_every_person_has_a_row_for_every_cluster(profiles: Rows) -> None:
    assert sorted((row["user_id"], row["cluster_id"]) for row in profiles) == [
        (user, cluster)
        for user in ("fan", "half", "made_up", "me", "unknown")
        for cluster in range(4)
    ]
    assert {row["n_fitted"] for row in profiles} == {240}
    assert {row["k"] for row in profiles} == {4}
    assert {tuple(row["feature_names"]) for row in profiles} == {CONTINUOUS_FEATURES}


def test_plays_of_a_person_by_hand(profiles: Rows, clusters: Rows) -> None:
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


def test_shares_of_sources_are_weighted_by_plays(profiles: Rows, clusters: Rows) -> None:
    mine = [row for row in clusters if row["user_id"] == "me" and row["cluster_id"] is not None]
    for profile in of_user(profiles, "me"):
        members = [row for row in mine if row["cluster_id"] == profile["cluster_id"]]
        plays = sum(row["plays"] for row in members)
        catalogue = sum(row["plays"] for row in members if row["feature_source"] == "kaggle")
        assert (profile["tracks"], profile["plays"]) == (len(members), plays)
        assert profile["catalogue_share"] == pytest.approx(catalogue / plays, abs=1e-6)
        everything = sum(row["plays"] for row in mine)
        assert profile["share_of_plays"] == pytest.approx(plays / everything, abs=1e-6)


def test_a_person_of_made_up_features_is_withheld(profiles: Rows, clusters: Rows) -> None:
    made_up = of_user(profiles, "made_up")
    assert {row["status"] for row in made_up} == {"withheld"}
    assert {row["share_of_plays"] for row in made_up} == {None}
    assert {row["reason"] for row in made_up} == {
        "0 % of plays have measured or catalogue features, under 50 %"
    }
    assert {row["synthetic_share"] for row in made_up if row["tracks"]} == {1.0}
    assert [row["centroid"] for row in made_up] == [
        row["centroid"] for row in of_user(profiles, "me")
    ]
    places = [row for row in clusters if row["user_id"] == "made_up"]
    assert {(row["feature_source"], row["status"]) for row in places} == {("synthetic", "ok")}


def test_half_measured_is_enough(profiles: Rows) -> None:
    assert {row["status"] for row in of_user(profiles, "half")} == {"ok"}


def test_just_under_half_is_withheld_and_says_how_much(profiles: Rows) -> None:
    tracks = [
        *track_rows(FEATURES[:1], "real", plays=29),
        *track_rows(FEATURES[1:2], "synthetic", prefix="s", plays=71),
        # Without all features a track counts for neither.
        *track_rows(np.full((1, 9), np.nan), "real", prefix="n", plays=500),
    ]
    found = mood_cluster_profiles(tracks, mood_model=profiles)
    assert {row["reason"] for row in found} == {few_grounded_plays(29, 100, "of plays")}
    assert few_grounded_plays(29, 100, "of plays") == (
        "29 % of plays have measured or catalogue features, under 50 %"
    )


def test_a_person_without_features_has_too_few_data(profiles: Rows, clusters: Rows) -> None:
    unknown = of_user(profiles, "unknown")
    assert {(row["status"], row["reason"], row["plays"]) for row in unknown} == {
        ("too_few_data", NO_FEATURES, 0)
    }
    assert {row["share_of_plays"] for row in unknown} == {None}
    assert [row for row in clusters if row["user_id"] == "unknown"] == []


def test_a_track_that_lacks_a_feature_has_no_cluster(clusters: Rows) -> None:
    (partly,) = [row for row in clusters if row["track_key"].startswith("partly")]
    assert (partly["cluster_id"], partly["label"], partly["distance"]) == (None, None, None)
    assert (partly["status"], partly["reason"]) == (
        "too_few_data",
        "some audio features are missing",
    )
    (no_tempo,) = [row for row in clusters if row["track_key"].startswith("no_tempo")]
    assert (no_tempo["status"], no_tempo["reason"]) == ("ok", None)


def test_every_feature_but_tempo_is_needed_for_a_cluster(profiles: Rows) -> None:
    (whole,) = track_rows(FEATURES[:1])
    tracks = [whole | {"track_key": name, name: None} for name in CONTINUOUS_FEATURES]
    placed = {row["track_key"]: row["cluster_id"] for row in mood_clusters(tracks, profiles)}
    assert [name for name, cluster in placed.items() if cluster is not None] == ["tempo"]
    counted = mood_cluster_profiles(tracks, mood_model=model_rows(profiles))
    assert sum(row["tracks"] for row in counted) == 1


def test_an_unknown_tempo_counts_as_the_mean(profiles: Rows) -> None:
    (track,) = track_rows(FEATURES[:1])
    mean = profiles[0]["scaler_mean"][CONTINUOUS_FEATURES.index("tempo")]
    tracks = [track | {"track_key": str(tempo), "tempo": tempo} for tempo in (None, 0.0, mean)]
    distances = {row["distance"] for row in mood_clusters(tracks, profiles)}
    assert len(distances) == 1


def test_every_track_is_placed_as_scikit_learn_does(profiles: Rows, clusters: Rows) -> None:
    from sklearn.cluster import KMeans

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


# Another mean and scale for each feature; powers of two, so that z-scores are exact.
SCALE = np.exp2(np.arange(9, dtype=np.float64))
MEAN = 3 * SCALE


def test_a_track_belongs_to_the_nearest_centre_and_of_two_to_the_lower_id() -> None:
    """500 tracks at whole z-scores, so that many are as near to one centre as to another."""
    random = np.random.default_rng(3)
    z_scores = random.integers(0, 3, (500, 9)).astype(np.float64)
    centres = random.integers(0, 3, (6, 9)).astype(np.float64)
    scaler = {"scaler_mean": MEAN.tolist(), "scaler_scale": SCALE.tolist()}
    model = [
        scaler | {"cluster_id": number, "centroid": centre, "label": "", "model_status": "ok"}
        for number, centre in enumerate(centres.tolist())
    ]
    tracks = track_rows(MEAN + z_scores * SCALE)
    for track, tempo in zip(tracks, z_scores[:, -1], strict=True):
        # Unknown, which counts as the mean.
        track["tempo"] = track["tempo"] if tempo else 0.0
    squared = ((z_scores[:, None] - centres) ** 2).sum(axis=2)
    expected = squared.argmin(axis=1).tolist()
    assert sum((squared == squared.min(axis=1)[:, None]).sum(axis=1) > 1) > 50

    rows = [each | {"user_id": "me", "tracks": 0, "plays": 0, "status": "ok"} for each in model]
    placed = {row["track_key"]: row["cluster_id"] for row in mood_clusters(tracks, rows)}
    assert [placed[track["track_key"]] for track in tracks] == expected
    counted = mood_cluster_profiles(tracks, mood_model=model)
    assert {row["cluster_id"]: row["tracks"] for row in counted} == {
        number: expected.count(number) for number in range(len(centres))
    }


def test_centres_in_natural_units_are_the_means_of_the_members(
    profiles: Rows, clusters: Rows
) -> None:
    for profile in of_user(profiles, "me"):
        members = [
            row["energy"]
            for row in clusters
            if row["user_id"] == "me"
            and row["feature_source"] in ("real", "kaggle")
            and row["cluster_id"] == profile["cluster_id"]
        ]
        assert profile["mean_energy"] == pytest.approx(np.mean(members), abs=1e-5)


def test_too_few_tracks_leave_a_row_that_says_so() -> None:
    tracks = [*track_rows(FEATURES[:50], plays=2), *track_rows(FEATURES, "synthetic", user="other")]
    profiles = mood_cluster_profiles(tracks)
    me, other = sorted(profiles, key=lambda row: row["user_id"])
    assert (me["cluster_id"], me["status"], me["n_fitted"]) == (-1, "too_few_data", 50)
    assert (me["tracks"], me["plays"], me["share_of_plays"]) == (50, 100, None)
    assert me["reason"].startswith("50 tracks have measured or catalogue features")
    assert (other["status"], other["plays"], other["synthetic_share"]) == ("too_few_data", 240, 1)
    clusters = mood_clusters(tracks, profiles)
    assert {
        (row["cluster_id"], row["label"], row["status"], row["reason"]) for row in clusters
    } == {(None, None, "too_few_data", "there is no model yet: see mood_cluster_profiles")}
    assert len(clusters) == 290


def test_noise_is_placed_but_not_named() -> None:
    tracks = track_rows(np.random.default_rng(1).random((220, 9)))
    profiles = mood_cluster_profiles(tracks)
    assert {row["status"] for row in profiles} == {"no_skill"}
    assert {row["label"] for row in profiles} == {None}
    said = mood_clusters(tracks, profiles)
    assert {(row["label"], row["status"]) for row in said} == {(None, "no_skill")}
    assert {row["reason"] for row in said} == {"no clearer than chance: see mood_cluster_profiles"}
    assert {row["cluster_id"] for row in said} == {row["cluster_id"] for row in profiles}


def test_no_tracks_no_rows() -> None:
    assert mood_cluster_profiles([]) == []
    assert mood_clusters([], []) == []


# The model, and when it is fitted.


def model_rows(profiles: Rows) -> Rows:
    """Return the model that stands."""
    found = compute("standing_mood_model", {"gold.mood_cluster_profiles": profiles})
    return sorted(found, key=lambda row: row["cluster_id"])


def mood_model(tracks: Rows, before: Rows) -> Rows:
    found = compute("mood_model", {"silver.tracks": tracks, "gold.mood_cluster_profiles": before})
    return sorted(found, key=lambda row: row["cluster_id"])


def test_the_standing_model_is_what_all_peoples_rows_say(profiles: Rows) -> None:
    standing = model_rows(profiles)
    assert [list(row) for row in standing] == [OF_MODEL] * 4
    for user in ("me", "unknown"):
        assert standing == [
            {name: row[name] for name in OF_MODEL} for row in of_user(profiles, user)
        ]
    assert model_rows([]) == []


@pytest.mark.usefixtures("no_fit")
def test_the_model_stands_while_its_sample_is_the_same(profiles: Rows) -> None:
    shuffled = [row | {"plays": 7} for row in reversed(lake())]
    synthetic = track_rows(np.random.default_rng(5).random((500, 9)), "synthetic", prefix="made")
    assert mood_model([*shuffled, *synthetic], profiles) == model_rows(profiles)


@pytest.mark.usefixtures("no_fit")
def test_a_model_of_too_few_tracks_stands_too() -> None:
    before = {
        "user_id": "me",
        "cluster_id": -1,
        "ids_used": 3,
        "model_status": "too_few_data",
        "sample_fingerprint": fingerprint_of(FEATURES[:50]),
    }
    (row,) = mood_model(track_rows(FEATURES[:50]), [before])
    assert (row["cluster_id"], row["ids_used"], row["centroid"], row["k"]) == (-1, 3, None, None)


@pytest.mark.usefixtures("no_fit")
def test_a_month_without_new_tracks_changes_only_the_month(profiles: Rows) -> None:
    later = datetime(2024, 3, 5, tzinfo=UTC)
    again = mood_model([row | {"last_played_at": later} for row in lake()], profiles)
    assert {row["fitted_before"] for row in model_rows(profiles)} == {None}
    assert again == [row | {"fitted_before": "2024-03"} for row in model_rows(profiles)]


def test_another_value_of_any_track_is_fitted_again_with_lasting_ids(profiles: Rows) -> None:
    tracks = lake()
    tracks[0] = tracks[0] | {"valence": tracks[0]["valence"] - 0.001}
    renumbered = [row | {"cluster_id": 7 - row["cluster_id"], "ids_used": 8} for row in profiles]
    again = mood_model(tracks, renumbered)
    assert [row["cluster_id"] for row in again] == [4, 5, 6, 7]
    assert {row["ids_used"] for row in again} == {8}
    assert {row["sample_fingerprint"] for row in again} != {
        row["sample_fingerprint"] for row in profiles
    }
    before = {7 - row["cluster_id"]: row["mean_valence"] for row in model_rows(profiles)}
    for row in again:
        assert row["mean_valence"] == pytest.approx(before[row["cluster_id"]], abs=1e-3)


def test_a_model_without_a_fingerprint_is_fitted_again_to_the_same(profiles: Rows) -> None:
    again = mood_model(lake(), [row | {"sample_fingerprint": None} for row in profiles])
    assert again == model_rows(profiles)


def test_one_persons_rows_by_the_standing_model_are_those_among_everybodys(profiles: Rows) -> None:
    fan = [row for row in lake() if row["user_id"] == "fan"]
    everybody = [{name: row[name] for name in EVERY_TRACK} for row in lake()]
    for instead in ({"mood_model": model_rows(profiles)}, {"every_track": everybody}):
        found = mood_cluster_profiles(fan, profiles, **instead)
        assert of_user(found, "fan") == of_user(profiles, "fan")
        assert len(found) == 4


EVERY_TRACK = (
    *("track_key", "feature_source", *CONTINUOUS_FEATURES),
    *("first_played_at", "last_played_at"),
)


# What the model is fitted on.

JANUARY, FEBRUARY = datetime(2024, 1, 31, 23, 59, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)


def a_track(key: str, **values: Any) -> Row:
    of_track = {"track_key": key, "user_id": "me", "plays": 1, "feature_source": "real"}
    heard = {"first_played_at": JANUARY, "last_played_at": FEBRUARY}
    return of_track | dict.fromkeys(CONTINUOUS_FEATURES, 0.5) | heard | values


def sample(*tracks: Row) -> dict[str, Row]:
    rows = compute("fitted_sample", {"silver.tracks": tracks})
    assert len({row["track_key"] for row in rows}) == len(rows)
    return {row["track_key"]: row for row in rows}


def test_tracks_are_fitted_on_once_their_month_is_over() -> None:
    assert sample(a_track("old"), a_track("new", first_played_at=FEBRUARY)).keys() == {"old"}
    # Who plays the newest month does not matter.
    new = a_track("new", user_id="other", first_played_at=FEBRUARY)
    assert sample(a_track("old", last_played_at=JANUARY), new).keys() == {"old"}


def test_in_the_first_month_all_tracks_are_fitted_on() -> None:
    assert sample(a_track("a", first_played_at=FEBRUARY)).keys() == {"a"}
    month = {"first_played_at": JANUARY, "last_played_at": JANUARY}
    assert sample(a_track("a", **month), a_track("b", **month)).keys() == {"a", "b"}


def test_only_measured_and_catalogue_tracks_with_all_features_but_tempo_are_fitted_on() -> None:
    tracks = [
        a_track("real"),
        a_track("catalogue", feature_source="kaggle"),
        a_track("made up", feature_source="synthetic"),
        a_track("nothing", feature_source=None),
        *(a_track(f"no {name}", **{name: None}) for name in CONTINUOUS_FEATURES),
    ]
    assert sample(*tracks).keys() == {"real", "catalogue", "no tempo"}


def test_of_a_track_with_several_values_the_measured_then_the_least_are_taken() -> None:
    found = sample(
        a_track("a", user_id="1", feature_source="kaggle", danceability=0.1),
        a_track("a", user_id="2", danceability=0.4, energy=0.2),
        a_track("a", user_id="3", danceability=0.3, energy=0.9, tempo=90.0),
        a_track("a", user_id="4", danceability=0.3, energy=0.9, tempo=None),
    )
    assert [found["a"][name] for name in ("danceability", "energy", "tempo")] == [0.3, 0.9, None]
    assert list(found["a"]) == ["track_key", *CONTINUOUS_FEATURES]


def test_at_most_ten_thousand_tracks_are_fitted_on_those_of_the_smallest_md5() -> None:
    keys = [f"artist|title {number}" for number in range(10_020)]
    rows = pa.Table.from_pylist([a_track(key) for key in keys], arrow_schema(TRACKS.columns))
    found = compute("fitted_sample", {"silver.tracks": rows})
    by_hash = sorted(keys, key=lambda key: md5(key.encode()).hexdigest())
    assert {row["track_key"] for row in found} == set(by_hash[:10_000])
