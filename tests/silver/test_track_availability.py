"""Whether Spotify still plays a track, since when not, and where it moved."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.library_schemas import PLAYLIST_ITEMS, SAVED_TRACKS
from schemas.table import Table
from tests.models import compute
from tests.silver.histories import NOON

pytestmark = pytest.mark.heavy

Row = dict[str, Any]


def day(number: float) -> Any:
    return NOON + timedelta(days=number)


def check(
    first: float, last: float | None = None, *, playable: bool | None = True, **others: Any
) -> Row:
    """Return an answer that was given from one day to another."""
    return {
        "user_id": "me",
        "track_id": "t1",
        "market": "DE",
        "is_playable": playable,
        "reason": "market" if playable is False else None,
        "first_checked_at": day(first),
        "last_checked_at": day(first if last is None else last),
        **others,
    }


def availability(checks: list[Row], inputs: dict[Table, list[Row]] | None = None) -> list[Row]:
    tables = {AVAILABILITY_CHECKS: checks, **(inputs or {})}
    rows = compute("track_availability", {table.full_name: rows for table, rows in tables.items()})
    return sorted(rows, key=lambda row: (row["user_id"], row["track_id"]))


def test_a_playable_track() -> None:
    assert availability([check(0, 40)]) == [
        {
            "user_id": "me",
            "track_id": "t1",
            "market": "DE",
            "is_available": True,
            "reason": None,
            "first_unavailable_at": None,
            "last_checked_at": day(40),
            "moved_to_track_id": None,
        }
    ]


def test_unavailable_since_the_first_check_after_the_last_playable_one() -> None:
    (row,) = availability(
        [
            check(0, 10, playable=False),
            check(30, 60),
            check(90, 120, playable=False, reason="product"),
            check(150, playable=False, reason="not_found"),
        ]
    )

    assert (row["is_available"], row["reason"]) == (False, "not_found")
    assert (row["first_unavailable_at"], row["last_checked_at"]) == (day(90), day(150))


def test_a_track_that_came_back_is_available() -> None:
    (row,) = availability([check(0, playable=False), check(30)])

    assert (row["is_available"], row["reason"], row["first_unavailable_at"]) == (True, None, None)


def test_what_was_not_said_changes_nothing() -> None:
    silent = check(60, 90, playable=None)

    assert availability([silent]) == []
    (row,) = availability([check(0, 5), check(30, playable=False), silent])
    assert (row["is_available"], row["first_unavailable_at"]) == (False, day(30))
    assert row["last_checked_at"] == day(30)


def test_the_country_of_the_last_check_counts_for_all_tracks_of_a_person() -> None:
    rows = availability(
        [
            check(0, playable=False),
            check(1, track_id="t2"),
            check(50, market="US"),
            check(60, market="DE", user_id="you", playable=False),
        ]
    )

    assert [(row["user_id"], row["track_id"], row["is_available"]) for row in rows] == [
        ("me", "t1", True),
        ("you", "t1", False),
    ]


def test_a_track_that_another_is_played_for_is_available_there() -> None:
    (row,) = availability([check(0, other_track_id="t9")])

    assert (row["is_available"], row["moved_to_track_id"]) == (True, "t9")


def test_an_unavailable_track_moved_to_the_same_recording_that_can_be_played() -> None:
    rows = availability(
        [
            check(0, playable=False, isrc="A"),
            check(0, track_id="t2", isrc="A", playable=False),
            check(0, track_id="t3", isrc="A", other_track_id="t0"),
            check(0, track_id="t4", isrc="A"),
            check(0, track_id="t5", isrc="B", playable=False),
            check(0, track_id="t6", isrc=None, playable=False),
            check(0, track_id="t7", isrc=None),
            check(0, track_id="t8", isrc="B", user_id="you"),
        ]
    )

    assert [(row["track_id"], row["moved_to_track_id"]) for row in rows] == [
        ("t1", "t0"),
        ("t2", "t0"),
        ("t3", "t0"),
        ("t4", None),
        ("t5", None),
        ("t6", None),
        ("t7", None),
        ("t8", None),
    ]


def test_what_a_search_found_goes_before_what_was_checked() -> None:
    rows = availability(
        [
            check(0, playable=False, isrc="A", found_track_id="t9"),
            check(0, track_id="t2", isrc="A"),
            # It can be played again.
            check(0, track_id="t3", playable=False, found_track_id="t9"),
            check(1, track_id="t3"),
        ]
    )

    assert [(row["track_id"], row["moved_to_track_id"]) for row in rows] == [
        ("t1", "t9"),
        ("t2", None),
        ("t3", None),
    ]


@pytest.mark.parametrize("table", [SAVED_TRACKS, PLAYLIST_ITEMS])
def test_the_recording_of_an_id_that_is_known_no_more(table: Table) -> None:
    """What says that there is no such track does not say which it was: the library does."""
    item = {"user_id": "me", "track_id": "t1", "isrc": "A"}
    checks = [check(0, playable=False, reason="not_found"), check(0, track_id="t2", isrc="A")]

    gone, _ = availability(checks, {table: [item, item | {"user_id": "you", "isrc": "B"}]})

    assert gone["moved_to_track_id"] == "t2"
    before = check(-9, isrc="A")
    gone, _ = availability([before, *checks])
    assert (gone["moved_to_track_id"], gone["first_unavailable_at"]) == ("t2", day(0))
