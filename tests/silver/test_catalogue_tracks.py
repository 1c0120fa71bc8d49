"""The catalogue's tracks are found by each of their artists; only whole rows are donors."""

from typing import Any

import pytest

from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_RANGES
from schemas.silver_schemas import CATALOGUE_TRACKS
from tests.features.samples import SOUND, catalogue_row
from tests.models import compute


def catalogue_tracks(*rows: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    found = compute("catalogue_tracks", {KAGGLE_TRACKS.full_name: rows})
    return {(row["track_id"], row["track_genre"]): row for row in found}


def donors(*rows: dict[str, Any]) -> set[tuple[str, str]]:
    return {key for key, row in catalogue_tracks(*rows).items() if row["is_donor"]}


def test_a_track_is_found_under_each_of_its_artists_in_their_order() -> None:
    found = catalogue_tracks(
        catalogue_row("i", artists="Zoë;ABBA ;abba", track_name="Duet", track_genre="Hip-Hop")
    )

    row = found["i", "Hip-Hop"]
    assert row["artist_keys"] == ["zoë", "abba", "abba"]
    assert row["name_keys"] == ["zoë|duet", "abba|duet", "abba|duet"]
    assert row["genre_key"] == "hip hop"


def test_a_track_without_artist_or_title_keeps_its_row() -> None:
    found = catalogue_tracks(
        catalogue_row("no artist", artists=None, track_name="Song"),
        catalogue_row("an empty one", artists="A; ", track_name="Song"),
        catalogue_row("no title", artists="A", track_name=None),
    )

    keys = {key[0]: (row["artist_keys"], row["name_keys"]) for key, row in found.items()}
    assert keys == {
        "no artist": ([], ["|song"]),
        "an empty one": (["a"], ["a|song", "|song"]),
        "no title": (["a"], []),
    }


def test_what_the_catalogue_says_is_unchanged() -> None:
    given = catalogue_row("i", popularity=7, duration_ms=1234, tempo=0.0)

    (row,) = catalogue_tracks(given).values()

    assert [*row] == CATALOGUE_TRACKS.given_names
    assert {name: row[name] for name in given.keys() & row.keys()} == {
        "track_id": "i",
        "track_genre": "rock",
        "popularity": 7,
        "duration_ms": 1234,
        **SOUND,
        "tempo": 0.0,
    }


def test_one_row_only_of_a_track_is_its_donor_the_least_by_features_then_genre() -> None:
    assert donors(
        catalogue_row("same", track_genre="rock"),
        catalogue_row("same", track_genre="pop"),
        catalogue_row("other", track_genre="jazz", valence=0.9),
        catalogue_row("other", track_genre="soul", valence=0.1),
    ) == {("same", "pop"), ("other", "soul")}


def test_a_row_that_is_not_whole_is_no_donor_but_does_not_stand_in_the_way() -> None:
    assert donors(
        catalogue_row("i", track_genre="jazz", tempo=0.0),
        catalogue_row("i", track_genre="rock"),
    ) == {("i", "rock")}


@pytest.mark.parametrize("name", FEATURE_RANGES)
def test_a_donor_has_every_feature_in_its_range(name: str) -> None:
    low, high = FEATURE_RANGES[name]
    step = 0.001 if name in CONTINUOUS_FEATURES else 1

    assert donors(
        catalogue_row("low", **{name: low}),
        catalogue_row("high", **{name: high}),
        catalogue_row("too low", **{name: low - step}),
        catalogue_row("too high", **{name: high + step}),
        catalogue_row("unknown", **{name: None}),
    ) == {("low", "rock"), ("high", "rock")}
