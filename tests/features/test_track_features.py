"""Features come by id, else by name, from the first source that has them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.bronze_schemas import KAGGLE_TRACKS, MY_TRACKS_FEATURES, SYNTHETIC_FEATURES
from schemas.common_columns import FEATURE_NAMES
from schemas.silver_schemas import CATALOGUE_TRACKS, TRACK_NAMES
from tests.features.samples import SOUND, catalogue_row, measured_row, name_row, synthetic_row
from tests.models import Rows, compute

pytestmark = pytest.mark.heavy

Row = dict[str, Any]

ALL = ("real", "synthetic", "kaggle")


def track_features(
    names: Rows,
    preference: tuple[str, ...] = ALL,
    real: Rows = (),
    synthetic: Rows = (),
    kaggle: Rows = (),
) -> dict[str, Row]:
    """Return the rows of ``track_features`` by track."""
    inputs = {
        TRACK_NAMES.full_name: names,
        MY_TRACKS_FEATURES.full_name: real,
        SYNTHETIC_FEATURES.full_name: synthetic,
        CATALOGUE_TRACKS.full_name: compute("catalogue_tracks", {KAGGLE_TRACKS.full_name: kaggle}),
    }
    ranks: dict[str, Any] = {
        f"{source}_rank": preference.index(source) if source in preference else None
        for source in ALL
    }
    rows = compute("track_features", inputs, **ranks)
    assert len({row["track_key"] for row in rows}) == len(rows), "one row a track"
    return {row["track_key"]: row for row in rows}


def provenance(row: Row) -> tuple[str | None, ...]:
    return row["feature_source"], row["feature_provider"], row["feature_match"]


@pytest.mark.parametrize(
    ("preference", "source"),
    [
        (("real", "synthetic", "kaggle"), "real"),
        (("kaggle", "real", "synthetic"), "kaggle"),
        (("synthetic", "real", "kaggle"), "synthetic"),
        (("synthetic", "kaggle"), "synthetic"),
        (("kaggle", "synthetic"), "kaggle"),
        (("synthetic",), "synthetic"),
        (("real",), "real"),
    ],
)
def test_the_first_source_in_the_preference_that_has_them_wins(
    preference: tuple[str, ...], source: str
) -> None:
    found = track_features(
        [name_row("a|song", "i")],
        preference,
        real=[measured_row("i", valence=0.1)],
        synthetic=[synthetic_row("a|song", track_id="i", valence=0.2)],
        kaggle=[catalogue_row("i", valence=0.3)],
    )

    row = found["a|song"]
    assert row["feature_source"] == source
    assert row["valence"] == {"real": 0.1, "synthetic": 0.2, "kaggle": 0.3}[source]


def test_each_source_says_who_provided_its_features() -> None:
    found = track_features(
        [name_row("a|one", "i"), name_row("a|two", "j"), name_row("a|three", "k")],
        real=[measured_row("i", source="spotify")],
        synthetic=[synthetic_row("a|two", method="hot_deck", donor_level="genre")],
        kaggle=[catalogue_row("k")],
    )

    assert {key: (*provenance(row), row["feature_donor_level"]) for key, row in found.items()} == {
        "a|one": ("real", "spotify", "id", None),
        "a|two": ("synthetic", "hot_deck", "name", "genre"),
        "a|three": ("kaggle", "kaggle", "id", None),
    }


@pytest.mark.parametrize("source", ALL)
def test_every_feature_comes_from_the_column_of_its_name(source: str) -> None:
    found = track_features(
        [name_row("a|song", "i")],
        (source,),
        real=[measured_row("i")],
        synthetic=[synthetic_row("a|song")],
        kaggle=[catalogue_row("i")],
    )

    row = found["a|song"]
    assert row["feature_source"] == source

    assert {name: row[name] for name in FEATURE_NAMES} == SOUND


def test_an_id_wins_over_a_name_and_a_name_over_nothing() -> None:
    catalogue = [
        catalogue_row("i", artists="X", track_name="Other", valence=0.1, popularity=1),
        catalogue_row("j", artists="A", track_name="Song", valence=0.2, popularity=99),
        catalogue_row("k", artists="B;A", track_name="Duet", valence=0.3),
    ]

    found = track_features(
        [name_row("a|song", "i"), name_row("a|duet"), name_row("a|unknown", "z")],
        kaggle=catalogue,
    )

    assert set(found) == {"a|song", "a|duet"}
    song, duet = found["a|song"], found["a|duet"]
    assert (song["valence"], *provenance(song)) == (0.1, "kaggle", "kaggle", "id")
    assert (duet["valence"], *provenance(duet)) == (0.3, "kaggle", "kaggle", "name")


def test_an_earlier_source_by_name_wins_over_a_later_one_by_id() -> None:
    found = track_features(
        [name_row("a|song", "i")],
        real=[measured_row("other", artist_name="A ", track_name="SONG", valence=0.1)],
        kaggle=[catalogue_row("i", valence=0.2)],
    )

    row = found["a|song"]
    assert (row["valence"], *provenance(row)) == (0.1, "real", "reccobeats", "name")


def test_a_recording_is_found_by_any_of_its_ids_and_by_the_name_of_its_key() -> None:
    names = [
        name_row("a|song", "i"),
        name_row("a|song", "j", name_key="a|song - remaster"),
    ]

    by_id = track_features(names, kaggle=[catalogue_row("j")])
    by_other_name = track_features(
        names, kaggle=[catalogue_row("z", artists="A", track_name="Song - Remaster")]
    )

    assert provenance(by_id["a|song"]) == ("kaggle", "kaggle", "id")
    assert by_other_name == {}


def test_a_track_that_is_only_an_id_is_found_by_it() -> None:
    found = track_features([name_row("id:i", "i")], kaggle=[catalogue_row("i")])

    assert provenance(found["id:i"]) == ("kaggle", "kaggle", "id")


def test_synthetic_features_are_those_of_the_track_and_not_of_another_that_shares_its_id() -> None:
    found = track_features(
        [name_row("a|song", "i"), name_row("a|other", "i")],
        synthetic=[synthetic_row("a|song", track_id="i")],
    )

    assert set(found) == {"a|song"}


def test_asked_but_not_known_is_no_feature() -> None:
    unknown = measured_row("i", status="not_known", valence=None, energy=None)

    found = track_features([name_row("a|song", "i")], real=[unknown], kaggle=[catalogue_row("i")])

    assert found["a|song"]["feature_source"] == "kaggle"


@pytest.mark.parametrize("missing", ["valence", "energy"])
def test_a_row_without_valence_or_energy_has_no_features(missing: str) -> None:
    found = track_features(
        [name_row("a|song", "i")],
        real=[measured_row("i", **{missing: None})],
        synthetic=[synthetic_row("a|song", **{missing: None})],
        kaggle=[catalogue_row("i", **{missing: None})],
    )

    assert found == {}


def test_of_several_answers_the_newest_stands() -> None:
    year = {n: datetime(n, 1, 1, tzinfo=UTC) for n in (1960, 2023, 2024)}
    found = track_features(
        [name_row("a|song", "i")],
        real=[
            measured_row("i", fetched_at=year[2023], valence=0.1, source="spotify"),
            measured_row("i", fetched_at=year[2024], valence=0.2, source="reccobeats"),
            measured_row("i", fetched_at=year[1960], valence=0.3),
        ],
    )

    assert found["a|song"]["valence"] == 0.2


def test_zero_in_tempo_and_metre_means_unknown() -> None:
    found = track_features(
        [name_row("a|b", "i")], kaggle=[catalogue_row("i", tempo=0.0, time_signature=0)]
    )

    assert (found["a|b"]["tempo"], found["a|b"]["time_signature"]) == (None, None)


def test_the_genre_is_known_also_where_the_catalogue_is_no_source_of_features() -> None:
    found = track_features(
        [name_row("a|b", "i")],
        preference=("real",),
        kaggle=[
            catalogue_row("i", track_genre="rock", duration_ms=5),
            catalogue_row("i", track_genre="pop", duration_ms=6),
        ],
    )

    row = found["a|b"]
    assert (row["genre"], row["duration_ms"], row["feature_source"]) == ("pop", 6, None)


def test_genre_and_length_are_taken_beside_features_from_elsewhere() -> None:
    found = track_features(
        [name_row("a|b", "i")],
        real=[measured_row("i", valence=0.1)],
        kaggle=[catalogue_row("i", track_genre="rock", duration_ms=5)],
    )

    row = found["a|b"]
    assert (row["valence"], row["feature_source"]) == (0.1, "real")
    assert (row["genre"], row["duration_ms"]) == ("rock", 5)


def test_genre_and_length_come_by_id_before_a_lesser_genre_by_name() -> None:
    found = track_features(
        [name_row("a|b", "i")],
        kaggle=[
            catalogue_row("i", track_genre="rock", duration_ms=5),
            catalogue_row("j", artists="A", track_name="B", track_genre="ambient", duration_ms=4),
        ],
    )

    assert (found["a|b"]["genre"], found["a|b"]["duration_ms"]) == ("rock", 5)


def test_of_several_tracks_of_a_name_the_most_popular_stands_whatever_their_order() -> None:
    same_name = [
        catalogue_row(f"{n}", artists="A", track_name="B", popularity=n % 3, valence=(9 - n) / 10)
        for n in range(9)
    ]
    unknown = catalogue_row("u", artists="A", track_name="B", popularity=None, valence=0.0)

    for order in ([unknown, *same_name], [*same_name[::-1], unknown]):
        assert track_features([name_row("a|b")], kaggle=order)["a|b"]["valence"] == 0.7
