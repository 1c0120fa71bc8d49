"""One recording has one key, by whatever id or name a source knows it."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.arrow import arrow_rows
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import TRACK_NAMES
from schemas.table import column
from schemas.types import STRING
from tests.models import compute
from tests.properties import at_most

Record = dict[str, Any]

NAMED_RECORDS = [
    column(name, STRING, "") for name in ("name_key", "track_id", "track_name", "artist_name")
]


def track_names(*records: Record) -> dict[str, Record]:
    """Return the rows of ``silver.track_names`` by their name key."""
    rows = compute("track_names", {LISTENING_HISTORY.full_name: records_of(*records)})
    return {row["name_key"]: row for row in rows}


def track_keys(*records: Record) -> dict[str, str]:
    return {key: row["track_key"] for key, row in track_names(*records).items()}


def records_of(*records: Record) -> list[Record]:
    return [{"media_type": "track", **each} for each in records]


def test_the_key_is_the_album_artist_and_title_without_case_and_typography() -> None:
    found = track_names(
        {"track_name": "Don’t  Stop", "album_artist_name": "ABBA ", "artist_name": "Somebody"},
        {"track_name": "don't stop", "artist_name": "Abba"},
    )

    assert found == {
        "abba|don't stop": {
            "name_key": "abba|don't stop",
            "track_key": "abba|don't stop",
            "track_ids": [],
            "track_name": "Don’t  Stop",
            "artist_name": "Abba",
        }
    }


def test_one_id_under_two_names_is_one_recording_also_where_only_named() -> None:
    found = track_keys(
        {"track_id": "i", "track_name": "B side", "album_artist_name": "X"},
        {"track_id": "i", "track_name": "A side", "album_artist_name": "X"},
        {"track_name": "B side", "album_artist_name": "X", "source": "account"},
    )

    assert found == {"x|a side": "x|a side", "x|b side": "x|a side"}


def test_two_ids_of_one_name_are_one_recording() -> None:
    found = track_names(
        {"track_id": "j", "track_name": "Song", "album_artist_name": "X"},
        {"track_id": "i", "track_name": "Song", "album_artist_name": "X"},
        {"track_id": "i", "track_name": "song", "album_artist_name": "X"},
    )

    assert found["x|song"]["track_ids"] == ["i", "j"]
    assert set(found) == {"x|song"}


def test_a_record_with_nothing_but_an_id_finds_its_name_or_keeps_its_id() -> None:
    found = track_names(
        {"track_id": "i", "track_name": "Song", "album_artist_name": "X"},
        {"track_id": "i"},
        {"track_id": "k"},
    )

    assert {key: (row["track_key"], row["track_ids"]) for key, row in found.items()} == {
        "x|song": ("x|song", ["i"]),
        "id:i": ("x|song", ["i"]),
        "id:k": ("id:k", ["k"]),
    }


def test_of_several_ids_the_least_name_stands() -> None:
    found = track_keys(
        {"track_id": "i", "track_name": "B", "artist_name": "X"},
        {"track_id": "i", "track_name": "C", "artist_name": "X"},
        {"track_id": "j", "track_name": "C", "artist_name": "X"},
        {"track_id": "j", "track_name": "A", "artist_name": "X"},
    )

    assert found == {"x|a": "x|a", "x|b": "x|b", "x|c": "x|a"}


def test_what_names_no_track_is_left_out() -> None:
    found = track_names(
        {"artist_name": "X"},
        {"media_type": "unknown"},
        {"media_type": "episode", "track_name": "Episode 1", "track_id": "e"},
        {"media_type": "video", "track_name": "Clip", "track_id": "v"},
        {"media_type": "episode", "track_name": "Clip", "track_id": "e"},
    )

    assert {key: row["track_ids"] for key, row in found.items()} == {"|clip": ["v"]}


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from((None, *values))


RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "track_id": maybe("i", "j", "k"),
            "track_name": maybe("One", "ONE ", "one", "Two", "Three", " "),
            "artist_name": maybe("A", "a", "B"),
            "album_artist_name": maybe("A", "B"),
        }
    ),
    max_size=12,
)


@pytest.mark.heavy
@given(RECORDS, RECORDS)
@at_most(40)
def test_names_are_the_same_from_all_records_and_from_older_names_with_new_records(
    old: list[Record], new: list[Record]
) -> None:
    standing = {TRACK_NAMES.full_name: [*track_names(*old).values()]}
    records = [
        *compute("standing_named_records", standing),
        *compute("named_records", {LISTENING_HISTORY.full_name: records_of(*new)}),
    ]

    found = compute("track_names", {"named_records": arrow_rows(records, NAMED_RECORDS)})

    assert in_order(found) == in_order(track_names(*old, *new).values())


def in_order(rows: Iterable[Record]) -> list[Record]:
    return sorted(rows, key=lambda row: str(row["name_key"]))
