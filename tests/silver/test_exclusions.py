"""Which plays a person's exclusions mark, and what that leaves of first plays and sessions."""

from typing import Any

import pytest

from tests.silver.histories import NOON, after_noon, listening, record


def _marked(exclusion: tuple[str, str, str], *records: dict[str, Any]) -> list[str]:
    """Return the ids of the plays that are excluded."""
    person, kind, key = exclusion
    rows = listening(
        *records,
        exclusions=[
            {
                "user_id": person,
                "kind": kind,
                "item_key": key,
                "source": "page",
                "excluded_at": NOON,
            }
        ],
    )
    for row in rows:
        assert not (row["is_excluded"] and (row["is_counted"] or row["first_play"]))
    return sorted(row["play_id"] for row in rows if row["is_excluded"])


def song(title: str, artist: str, **values: Any) -> dict[str, Any]:
    return record(track_name=title, artist_name=artist, album_artist_name=artist, **values)


SONGS = (
    song("One", "ABBA", record_id="a", album_name="Arrival"),
    song("Two", "abba ", record_id="b", album_name="ARRIVAL", played_at=after_noon(600)),
    song("One", "ABBA", record_id="c", album_name="Gold", played_at=after_noon(9000)),
    song("One", "Other", record_id="d", album_name="Arrival", played_at=after_noon(20000)),
    song("One", "ABBA", record_id="e", user_id="you"),
)


@pytest.mark.parametrize(
    ("exclusion", "marked"),
    [
        (("me", "artist", "abba"), ["a", "b", "c"]),
        (("me", "track", "abba|one"), ["a", "c"]),
        (("me", "album", "abba|arrival"), ["a", "b"]),
        (("you", "artist", "abba"), ["e"]),
        # A show is no artist, and a key is no part of another.
        (("me", "show", "abba"), []),
        (("me", "artist", "abb"), []),
        (("me", "album", "abba"), []),
    ],
)
def test_plays_are_excluded_by_artist_track_or_album(
    exclusion: tuple[str, str, str], marked: list[str]
) -> None:
    assert _marked(exclusion, *SONGS) == marked


def test_the_names_are_those_that_the_play_shows() -> None:
    # Account data know neither album nor id: the API's record of the same play does.
    told = (
        song("One", "ABBA", source="account", record_id="k"),
        song("One", "ABBA", source="api", record_id="l", album_name="Arrival", ms_played=None),
    )

    assert len(_marked(("me", "album", "abba|arrival"), *told)) == 1


def test_of_plays_that_count_the_first_is_the_first() -> None:
    rows = listening(
        record(record_id="a", album_name="Arrival"),
        record(record_id="b", album_name="Gold", played_at=after_noon(9000)),
        exclusions=[
            {
                "user_id": "me",
                "kind": "album",
                "item_key": "artist|arrival",
                "source": "page",
                "excluded_at": NOON,
            }
        ],
    )

    assert {row["play_id"]: row["first_play"] for row in rows} == {"a": False, "b": True}
