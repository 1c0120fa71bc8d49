"""What providers tell of a track, as a row of bronze."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mappers.features_mapper import KnownTrack, features_row
from schemas.bronze_schemas import MY_TRACKS_FEATURES
from schemas.common_columns import FEATURE_NAMES

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)
TRACK = KnownTrack("11dFghVXANMlKmJXsNCbNl", "Cut to the Feeling", "Carly Rae Jepsen", 207_959)
FROM_RECCOBEATS = {
    "id": "0a57ee6d-1c1b-4dd0-a4a4-1a9b9a9a2a5e",
    "href": "https://open.spotify.com/track/11dFghVXANMlKmJXsNCbNl",
    "isrc": "USUM71703861",
    "acousticness": 0.0122,
    "danceability": 0.694,
    "energy": 0.91,
    "instrumentalness": 0.00236,
    "key": 8,
    "liveness": 0.0596,
    "loudness": -3.15,
    "mode": 1,
    "speechiness": 0.0439,
    "tempo": 115.0,
    "valence": 0.654,
}


def features(answer: dict[str, Any] | None) -> dict[str, Any]:
    row = features_row(TRACK, "reccobeats", answer, NOW)
    return {name: row[name] for name in FEATURE_NAMES}


def test_the_recorded_answer_of_spotify_lands_with_all_that_it_holds(shared_data: Path) -> None:
    answer = json.loads((shared_data / "api" / "audio_features.json").read_text())

    row = features_row(TRACK, "spotify", answer, NOW)

    assert {name: row[name] for name in FEATURE_NAMES} == {
        name: answer[name] for name in FEATURE_NAMES
    }
    assert (row["source"], row["status"], row["fetched_at"]) == ("spotify", "ok", NOW)


def test_reccobeats_has_all_but_the_time_signature_and_the_isrc() -> None:
    row = features_row(TRACK, "reccobeats", FROM_RECCOBEATS, NOW)

    assert {name for name in FEATURE_NAMES if row[name] is None} == {"time_signature"}
    assert row["isrc"] == "USUM71703861"
    assert (row["source"], row["status"]) == ("reccobeats", "ok")


def test_the_names_are_those_of_the_history() -> None:
    row = features_row(TRACK, "reccobeats", FROM_RECCOBEATS, NOW)

    assert row["track_id"] == TRACK.track_id
    assert (row["track_name"], row["artist_name"]) == ("Cut to the Feeling", "Carly Rae Jepsen")
    assert row["duration_ms"] == 207_959


def test_a_track_that_the_provider_does_not_know_is_kept_as_such() -> None:
    row = features_row(TRACK, "reccobeats", None, NOW)

    assert (row["track_id"], row["status"], row["fetched_at"]) == (TRACK.track_id, "not_known", NOW)
    assert all(row[name] is None for name in FEATURE_NAMES)


@pytest.mark.parametrize("name", ["valence", "energy"])
def test_an_answer_that_nobody_could_use_counts_as_not_known(name: str) -> None:
    row = features_row(TRACK, "reccobeats", FROM_RECCOBEATS | {name: None}, NOW)

    assert row["status"] == "not_known"
    assert all(row[each] is None for each in FEATURE_NAMES)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("danceability", 1.01),
        ("speechiness", -0.1),
        ("liveness", "0.5"),
        ("acousticness", True),
        ("instrumentalness", float("nan")),
        ("loudness", float("-inf")),
        ("key", 12),
        ("key", 2.5),
        ("mode", 2),
        ("tempo", 0.0),
        ("time_signature", 0),
    ],
)
def test_a_value_that_cannot_be_is_null_and_the_others_stay(name: str, sent: Any) -> None:
    expected = features(FROM_RECCOBEATS) | {name: None}

    assert features(FROM_RECCOBEATS | {name: sent}) == expected


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [("key", -1, -1), ("key", 2.0, 2), ("energy", 1, 1.0), ("loudness", 1.5, 1.5)],
)
def test_a_value_at_the_edge_of_its_range_stays(name: str, sent: float, kept: float) -> None:
    value = features(FROM_RECCOBEATS | {name: sent})[name]

    assert (value, type(value)) == (kept, type(kept))


def test_a_row_has_the_columns_of_the_table() -> None:
    for answer in (None, FROM_RECCOBEATS):
        row = features_row(TRACK, "spotify", answer, NOW)

        assert sorted(row) == sorted(MY_TRACKS_FEATURES.column_names)
