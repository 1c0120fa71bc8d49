import numpy as np
import pytest

from gold.mood.mood_fit import MIN_TRACKS, MoodModel, fit_mood_model
from gold.mood.mood_names import MATCH_DISTANCE, PreviousClusters, Scaler
from schemas.common_columns import CONTINUOUS_FEATURES
from tests.gold.mood_samples import Floats, blobs, fit_quickly

pytestmark = pytest.mark.heavy

VALENCE = CONTINUOUS_FEATURES.index("valence")
ENERGY = CONTINUOUS_FEATURES.index("energy")
TEMPO = CONTINUOUS_FEATURES.index("tempo")


@pytest.fixture
def quick_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    fit_quickly(monkeypatch)


def scaler_of(model: MoodModel) -> Scaler:
    assert model.scaler is not None
    return model.scaler


def assigned(model: MoodModel, features: Floats) -> list[int]:
    z_scores = scaler_of(model).z_scores(features)
    centres = np.array([each.centroid for each in model.clusters])
    squared = ((z_scores[:, None, :] - centres[None]) ** 2).sum(axis=2)
    return [model.clusters[row].cluster_id for row in squared.argmin(axis=1)]


def remembered(model: MoodModel) -> PreviousClusters:
    centres = np.array([each.centroid for each in model.clusters])
    return PreviousClusters(
        tuple(each.cluster_id for each in model.clusters),
        scaler_of(model).natural_units(centres),
        model.ids_used,
    )


@pytest.mark.parametrize("planted", [4, 5])
def test_planted_clusters_are_found(planted: int) -> None:
    from sklearn.metrics import adjusted_rand_score

    features, kinds = blobs(planted, 80)
    model = fit_mood_model(features)
    assert model.status == "ok"
    assert model.reason is None
    assert len(model.clusters) == planted
    assert adjusted_rand_score(kinds, assigned(model, features)) > 0.95
    assert model.scores is not None
    assert model.scores.silhouette > model.scores.null_silhouette
    assert model.scores.stability > 0.95


@pytest.mark.usefixtures("quick_fits")
@pytest.mark.parametrize("noise", ["uniform", "shuffled"])
def test_noise_has_no_skill_in_nearly_all_draws(noise: str) -> None:
    statuses = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        features = random.random((240, 9))
        if noise == "shuffled":
            features = random.permuted(blobs(5, 48, seed)[0], axis=0)
        model = fit_mood_model(features)
        statuses.append(model.status)
        if model.status == "no_skill":
            assert model.reason is not None
            assert [each.label for each in model.clusters] == [None] * len(model.clusters)
            assert [each.label_purity for each in model.clusters] == [None] * len(model.clusters)
    assert statuses.count("no_skill") >= 7


def test_too_few_tracks_give_no_model() -> None:
    model = fit_mood_model(blobs(4, MIN_TRACKS // 4)[0][:-1])
    assert (model.status, model.clusters, model.scaler) == ("too_few_data", (), None)
    assert (
        model.reason
        == "199 tracks have measured or catalogue features; 200 different ones are needed"
    )
    assert fit_mood_model(np.empty((0, 9))).status == "too_few_data"


def test_copies_of_few_tracks_are_too_few() -> None:
    copies = np.tile(blobs(4, 10)[0], (10, 1))
    assert fit_mood_model(copies).status == "too_few_data"


@pytest.mark.usefixtures("quick_fits")
def test_outliers_make_no_cluster_of_their_own() -> None:
    from sklearn.metrics import adjusted_rand_score

    features, kinds = blobs(4, 80)
    features[:3] += 4 * features.std(axis=0)
    model = fit_mood_model(features)
    assert model.status == "ok"
    assert min(np.bincount(assigned(model, features))) >= 0.05 * len(features)
    assert adjusted_rand_score(kinds, assigned(model, features)) > 0.95


@pytest.mark.usefixtures("quick_fits")
def test_clusters_that_are_all_too_small_have_no_skill() -> None:
    features, _ = blobs(1, 240)
    features[:3] += 100 * features.std(axis=0)
    features[3:6] -= 100 * features.std(axis=0)
    features[6:9, :4] += 100 * features[:, :4].std(axis=0)
    model = fit_mood_model(features)
    assert model.status == "no_skill"
    assert model.reason == "no k from 4 to 6 gives clusters of at least 5 % of the tracks"


@pytest.mark.usefixtures("quick_fits")
def test_first_ids_follow_energy_then_valence() -> None:
    model = fit_mood_model(blobs(4, 80)[0])
    assert [each.cluster_id for each in model.clusters] == [0, 1, 2, 3]
    energies = [each.centroid[ENERGY] for each in model.clusters]
    assert energies == sorted(energies)
    assert model.ids_used == 4


@pytest.mark.usefixtures("quick_fits")
def test_labels_are_the_quadrants_of_the_planted_kinds() -> None:
    features, _ = blobs(4, 80)
    model = fit_mood_model(features)
    labels = {each.cluster_id: each.label for each in model.clusters}
    found = {kind: labels[assigned(model, features)[kind * 80]] for kind in range(4)}
    assert found == {
        0: "bright and energetic",
        1: "dark and energetic",
        2: "dark and calm",
        3: "bright and calm",
    }


@pytest.mark.usefixtures("quick_fits")
def test_clusters_in_one_quadrant_get_different_qualifiers() -> None:
    features, _ = blobs(5, 80)
    features[:, [VALENCE, ENERGY]] = 0.2 + 0.1 * features[:, [VALENCE, ENERGY]]
    labels = [each.label for each in fit_mood_model(features).clusters]
    assert len(set(labels)) == len(labels) > 1
    assert all(each is not None and each.startswith("dark and calm, ") for each in labels)


@pytest.mark.usefixtures("quick_fits")
def test_purity_is_the_share_of_members_in_the_quadrant() -> None:
    features, _ = blobs(4, 80)
    # Of the 80 bright and energetic tracks, 20 are moved just over the border to dark.
    features[:80, [VALENCE, ENERGY]] = [0.8, 0.8]
    features[:20, VALENCE] = 0.49
    model = fit_mood_model(features)
    of_first = assigned(model, features)[40]
    assert [assigned(model, features).count(of_first)] == [80]
    purity = {each.cluster_id: each.label_purity for each in model.clusters}
    assert purity[of_first] == 0.75


@pytest.mark.usefixtures("quick_fits")
def test_unknown_tempo_stands_at_the_mean() -> None:
    features, _ = blobs(4, 80)
    unknown, zero = features.copy(), features.copy()
    unknown[::10, TEMPO], zero[::10, TEMPO] = np.nan, 0.0
    one, other = fit_mood_model(unknown), fit_mood_model(zero)
    assert np.array_equal(scaler_of(one).mean, scaler_of(other).mean)
    known = np.delete(features[:, TEMPO], np.s_[::10])
    assert scaler_of(one).mean[TEMPO] == pytest.approx(known.mean(), abs=1e-6)
    assert scaler_of(one).z_scores(unknown)[0, TEMPO] == 0


@pytest.mark.usefixtures("quick_fits")
def test_a_constant_feature_does_no_harm() -> None:
    from sklearn.metrics import adjusted_rand_score

    features, kinds = blobs(4, 80)
    features[:, CONTINUOUS_FEATURES.index("liveness")] = 0.1
    model = fit_mood_model(features)
    assert adjusted_rand_score(kinds, assigned(model, features)) > 0.95


@pytest.mark.usefixtures("quick_fits")
def test_ids_last_when_tracks_are_added_and_the_order_flips() -> None:
    features, kinds = blobs(4, 80)
    first = fit_mood_model(features)
    ids = assigned(first, features)
    grown = np.vstack([features, blobs(4, 30, seed=2)[0]])
    # The two energetic kinds change places in the order of energy.
    grown_kinds = np.concatenate([kinds, np.repeat(np.arange(4), 30)])
    order = [np.mean(grown[grown_kinds == kind, ENERGY]) for kind in (0, 1)]
    shift = 0.03 if order[0] < order[1] else -0.03
    grown[grown_kinds == 0, ENERGY] += shift
    grown[grown_kinds == 1, ENERGY] -= shift
    second = fit_mood_model(grown, remembered(first))
    assert assigned(second, grown)[: len(ids)] == ids
    fresh = assigned(fit_mood_model(grown), grown)[: len(ids)]
    assert fresh != ids
    assert second.ids_used == first.ids_used


@pytest.mark.usefixtures("quick_fits")
def test_a_new_kind_gets_an_id_never_used_before() -> None:
    first = fit_mood_model(blobs(4, 80)[0])
    used = PreviousClusters(remembered(first).cluster_ids, remembered(first).centres, ids_used=9)
    second = fit_mood_model(blobs(5, 80)[0], used)
    assert sorted(each.cluster_id for each in second.clusters) == [0, 1, 2, 3, 9]
    assert second.ids_used == 10


@pytest.mark.usefixtures("quick_fits")
def test_far_centres_are_no_match() -> None:
    features, _ = blobs(4, 80)
    first = fit_mood_model(features)
    away = remembered(first)
    moved = away.centres + 2 * MATCH_DISTANCE * scaler_of(first).scale
    second = fit_mood_model(features, PreviousClusters(away.cluster_ids, moved, 4))
    assert [each.cluster_id for each in second.clusters] == [4, 5, 6, 7]


@pytest.mark.usefixtures("quick_fits")
def test_the_same_rows_give_the_same_model() -> None:
    features, _ = blobs(5, 60)
    one, other = fit_mood_model(features), fit_mood_model(features)
    assert one.scores == other.scores
    for left, right in zip(one.clusters, other.clusters, strict=True):
        assert np.array_equal(left.centroid, right.centroid)
