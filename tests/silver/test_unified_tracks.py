"""A person's library and listening as one table, a row for each track in either."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.decision_schemas import EXCLUSIONS
from schemas.library_schemas import (
    ALBUM_TRACKS,
    PLAYLIST_ITEMS,
    PLAYLISTS,
    SAVED_ALBUMS,
    SAVED_TRACKS,
)
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.table import Table
from tests.models import compute
from tests.silver.histories import NOON, after_noon

pytestmark = pytest.mark.heavy

Row = dict[str, Any]


def play(seconds: float = 0, **values: Any) -> Row:
    return {
        "user_id": "me",
        "played_at": after_noon(seconds),
        "track_key": "artist|song",
        "track_id": "s1",
        "track_name": "Song",
        "artist_name": "Artist",
        "album_name": "Album",
        "ms_played": 60_000,
        "hour_of_day": 12,
        "season": "spring",
        **values,
    }


def saved(track_id: str = "s1", title: str = "Song", **values: Any) -> Row:
    return {
        "user_id": "me",
        "track_id": track_id,
        "track_name": title,
        "artist_name": "Artist",
        "album_name": "Album",
        "duration_ms": 200_000,
        "added_at": NOON,
        **values,
    }


def saved_album(album_id: str = "a1", **values: Any) -> Row:
    return {"user_id": "me", "album_id": album_id, "album_name": "Album", **values}


def on_album(track_id: str, title: str, album_id: str = "a1", **values: Any) -> Row:
    return {
        "user_id": "me",
        "album_id": album_id,
        "track_id": track_id,
        "track_name": title,
        "artist_name": "Artist",
        **values,
    }


def excluded(kind: str, item_key: str) -> Row:
    return {"user_id": "me", "kind": kind, "item_key": item_key}


def unified(inputs: dict[Table, list[Row]]) -> list[Row]:
    numbered = {
        table.full_name: [{"play_id": str(place)} | row for place, row in enumerate(rows)]
        if table is LISTENING_WITH_FEATURES
        else rows
        for table, rows in inputs.items()
    }
    rows = compute("unified_tracks", numbered)
    return sorted(rows, key=lambda row: (row["user_id"], row["track_key"]))


def test_plays_of_a_track_are_added_up() -> None:
    (row,) = unified(
        {
            LISTENING_WITH_FEATURES: [
                play(0, ms_played=29_999, skipped=True, hour_of_day=3, season="winter"),
                play(100, ms_played=30_000, skipped=False, hour_of_day=22, season="autumn"),
                play(200, ms_played=None, duration_ms=180_000, hour_of_day=0, season="winter"),
                play(300, ms_played=1, skipped=True, hour_of_day=4, season="summer"),
            ]
        }
    )

    assert (row["plays"], row["counted_plays"]) == (4, 2)
    assert row["heard_ms"] == 29_999 + 30_000 + 180_000 + 1
    assert (row["skip_known_plays"], row["skipped_plays"]) == (3, 2)
    assert (row["first_played_at"], row["last_played_at"]) == (after_noon(100), after_noon(200))
    assert (row["played_hours"], row["played_seasons"]) == (2**22 + 2**0, 2**3 + 2**0)
    assert (row["saved_at"], row["saved_albums"], row["playlist_ids"]) == (None, 0, [])
    assert row["is_excluded"] is False


def test_a_track_heard_for_moments_only_was_never_played() -> None:
    (row,) = unified({LISTENING_WITH_FEATURES: [play(ms_played=5_000)]})

    assert (row["plays"], row["counted_plays"], row["played_hours"]) == (1, 0, 0)
    assert (row["first_played_at"], row["last_played_at"]) == (None, None)


def test_a_saved_track_never_played_has_a_row() -> None:
    (row,) = unified({SAVED_TRACKS: [saved(title="Song - 2011 Remaster")]})

    assert row["track_key"] == "artist|song - 2011 remaster"
    assert (row["artist_key"], row["work_key"]) == ("artist", "artist|song")
    assert (row["track_id"], row["duration_ms"], row["album_name"]) == ("s1", 200_000, "Album")
    assert (row["plays"], row["counted_plays"], row["heard_ms"]) == (0, 0, 0)
    assert (row["saved_at"], row["valence"], row["is_excluded"]) == (NOON, None, False)


def test_a_saved_track_is_the_recording_that_was_played() -> None:
    """By its id, whatever it is called there; else by its name. Its own id is the one to play."""
    by_id, by_name = unified(
        {
            LISTENING_WITH_FEATURES: [
                play(track_id="s1", track_key="artist|another name"),
                play(1, track_id="b0", track_key="artist|song"),
            ],
            SAVED_TRACKS: [saved("s1", "A name"), saved("x9", "Song")],
        }
    )

    assert (by_id["track_key"], by_id["track_id"]) == ("artist|another name", "s1")
    assert (by_name["track_key"], by_name["track_id"]) == ("artist|song", "x9")
    assert by_id["saved_at"] == by_name["saved_at"] == NOON


def test_a_track_without_a_name_stands_by_its_id() -> None:
    (row,) = unified({SAVED_TRACKS: [saved(title="", artist_name=None)]})

    assert (row["track_key"], row["artist_key"], row["work_key"]) == ("id:s1", None, None)


def test_what_was_removed_from_the_library_is_cleaned_unless_it_was_played() -> None:
    gone = NOON + timedelta(days=1)
    rows = unified(
        {
            LISTENING_WITH_FEATURES: [play()],
            SAVED_TRACKS: [saved(removed_at=gone), saved("s2", "Orphan", removed_at=gone)],
            SAVED_ALBUMS: [saved_album(removed_at=gone), saved_album("a2")],
            ALBUM_TRACKS: [
                on_album("s3", "Of an album gone"),
                on_album("s4", "Gone", "a2", removed_at=gone),
                on_album("s5", "There", "a2"),
            ],
        }
    )

    assert [(row["track_name"], row["saved_at"], row["saved_albums"]) for row in rows] == [
        ("Song", None, 0),
        ("There", None, 1),
    ]


def test_albums_and_own_playlists_are_counted_per_recording() -> None:
    def on_playlist(playlist_id: str, track_id: str, title: str = "Song", **more: Any) -> Row:
        return {
            **saved(track_id, title),
            "playlist_id": playlist_id,
            "media_type": "track",
            **more,
        }

    (row,) = unified(
        {
            SAVED_ALBUMS: [saved_album("a1"), saved_album("a2")],
            ALBUM_TRACKS: [on_album("s2", "Song", "a1"), on_album("s1", "Song", "a2")],
            PLAYLISTS: [
                {"user_id": "me", "playlist_id": "p1", "is_own": True},
                {"user_id": "me", "playlist_id": "p0", "is_own": True},
                {"user_id": "me", "playlist_id": "p2", "is_own": False},
                {"user_id": "me", "playlist_id": "p3", "is_own": True, "removed_at": NOON},
            ],
            PLAYLIST_ITEMS: [
                on_playlist("p1", "s7"),
                on_playlist("p1", "s1"),
                on_playlist("p0", "s1"),
                on_playlist("p2", "s1"),
                on_playlist("p3", "s1"),
                # Neither saved nor on an album nor played.
                on_playlist("p1", "s8", "On a playlist only"),
            ],
        }
    )

    assert (row["track_name"], row["track_id"]) == ("Song", "s1")
    assert (row["saved_albums"], row["playlist_ids"]) == (2, ["p0", "p1"])


def test_excluded_plays_count_where_there_are_no_others() -> None:
    rows = unified(
        {
            LISTENING_WITH_FEATURES: [
                play(0, is_excluded=True, valence=0.25, feature_source="real"),
                play(9, is_excluded=True, valence=0.25, feature_source="real"),
                play(0, track_key="artist|two", is_excluded=True),
                play(5, track_key="artist|two", is_excluded=False, ms_played=45_000),
            ],
            TRACKS: [
                {
                    "user_id": "me",
                    "track_key": "artist|two",
                    "track_name": "Two",
                    "artist_name": "Artist",
                    "valence": 0.75,
                    "plays": 1,
                    "counted_plays": 1,
                }
            ],
        }
    )

    assert [
        (row["track_name"], row["is_excluded"], row["counted_plays"], row["heard_ms"])
        for row in rows
    ] == [("Song", True, 2, 120_000), ("Two", False, 1, 45_000)]
    assert [row["valence"] for row in rows] == [0.25, 0.75]


@pytest.mark.parametrize(
    ("exclusion", "titles"),
    [
        (("artist", "artist"), ["One", "Two"]),
        (("track", "artist|two"), ["Two"]),
        (("album", "artist|album"), ["One"]),
        (("show", "artist"), []),
    ],
)
def test_what_was_never_played_is_excluded_by_artist_track_or_album(
    exclusion: tuple[str, str], titles: list[str]
) -> None:
    rows = unified(
        {
            SAVED_TRACKS: [
                saved("1", "One"),
                saved("2", "Two", album_name="Other"),
                saved("3", "Three", artist_name="Another"),
            ],
            EXCLUSIONS: [excluded(*exclusion)],
        }
    )

    assert len(rows) == 3
    assert sorted(row["track_name"] for row in rows if row["is_excluded"]) == sorted(titles)


def test_each_person_has_a_library_of_their_own() -> None:
    rows = unified(
        {
            LISTENING_WITH_FEATURES: [play(user_id="you", track_key="artist|other name")],
            SAVED_TRACKS: [saved(), saved("s2", user_id="you")],
        }
    )

    assert [(row["user_id"], row["track_key"], row["plays"]) for row in rows] == [
        ("me", "artist|song", 0),
        ("you", "artist|other name", 1),
        ("you", "artist|song", 0),
    ]
