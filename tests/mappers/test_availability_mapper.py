"""What an answer on a track says on whether it can be played, and what it does not say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mappers.availability_mapper import availability_row, not_found_row, playable_id
from schemas.availability_schemas import AVAILABILITY_CHECKS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(track: dict[str, Any], track_id: str = "asked", market: str = "DE") -> dict[str, Any]:
    return availability_row(track_id, track, "me", market, NOON)


def test_a_playable_track() -> None:
    shown = {"id": "asked", "is_playable": True, "external_ids": {"isrc": "QZDEM0000001"}}

    assert row(shown) == {
        "user_id": "me",
        "track_id": "asked",
        "market": "DE",
        "is_playable": True,
        "reason": None,
        "other_track_id": None,
        "isrc": "QZDEM0000001",
        "found_track_id": None,
        "searched_at": None,
        "first_checked_at": NOON,
        "last_checked_at": NOON,
    }
    assert sorted(row(shown)) == sorted(AVAILABILITY_CHECKS.column_names)


def test_another_track_in_its_place() -> None:
    found = row({"id": "shown", "is_playable": True, "linked_from": {"id": "asked"}})

    assert (found["track_id"], found["other_track_id"]) == ("asked", "shown")


@pytest.mark.parametrize("reason", ["market", "product", "explicit", "a word of tomorrow"])
def test_a_restricted_track(reason: str) -> None:
    found = row({"id": "asked", "is_playable": False, "restrictions": {"reason": reason}})

    assert (found["is_playable"], found["reason"]) == (False, reason)


@pytest.mark.parametrize(
    "track",
    [
        {"id": "asked"},
        {"id": "asked", "is_playable": None},
        {"id": "asked", "is_playable": "no"},
        {"id": "asked", "is_playable": 0, "restrictions": [], "external_ids": None},
        {"id": ["odd"], "restrictions": {"reason": {"deep": []}}},
        {},
    ],
)
def test_what_is_not_said_is_not_known(track: dict[str, Any]) -> None:
    found = row(track)

    assert (found["is_playable"], found["other_track_id"], found["isrc"]) == (None, None, None)


def test_an_id_that_is_known_no_more() -> None:
    found = not_found_row("asked", "me", "", NOON)

    assert (found["is_playable"], found["reason"]) == (False, "not_found")
    assert (found["market"], found["other_track_id"]) == ("account", None)


def test_a_recording_is_found_where_it_can_be_played() -> None:
    def track(track_id: Any, isrc: Any = "qzdem0000001", *, playable: Any = True) -> dict[str, Any]:
        return {"id": track_id, "is_playable": playable, "external_ids": {"isrc": isrc}}

    found = [
        track("asked"),
        track("gone", playable=False),
        track("unknown", playable=None),
        track("another recording", "QZDEM0000002"),
        track("no code", None),
        track(None),
        track("first"),
        track("second"),
    ]

    assert playable_id(found, "QZDEM0000001", "asked") == "first"
    assert playable_id(found[:6], "QZDEM0000001", "asked") is None


def test_recorded_answers(shared_data: Path) -> None:
    """Of 96 tracks of 2026 all but one are playable; plays say nothing."""

    def rows(name: str) -> list[dict[str, Any]]:
        answer = json.loads((shared_data / "api" / name).read_text(encoding="utf-8"))
        tracks = [each.get("track", each) for each in answer["items"]]
        return [row(each, each["id"], "") for each in tracks]

    found = [*rows("saved_tracks.json"), *rows("top_tracks.json")]
    gone = [each for each in found if not each["is_playable"]]

    assert len(found) == 96
    assert [(each["track_id"], each["reason"]) for each in gone] == [
        ("17abRyAYKiIm2B46H2jrix", "market")
    ]
    assert all(each["isrc"] and each["other_track_id"] is None for each in found)
    assert {each["is_playable"] for each in rows("recently_played_tracks.json")} == {None}
