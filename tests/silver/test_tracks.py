"""Every track that a person ever played, once, with the names written most often."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from tests.features.samples import SOUND
from tests.models import compute
from tests.properties import at_most
from tests.silver.histories import NOON, after_noon

pytestmark = pytest.mark.heavy

Row = dict[str, Any]


def play(seconds: float = 0, **values: Any) -> Row:
    row = {
        "user_id": "me",
        "played_at": after_noon(seconds),
        "track_key": "artist|song",
        "track_name": "Song",
        "artist_name": "Artist",
        "artist_key": "artist",
        "album_name": "Album",
        "is_counted": True,
        "first_play": seconds == 0,
    }
    return row | values


def tracks(*plays: Row) -> list[Row]:
    numbered = [{"play_id": str(number)} | each for number, each in enumerate(plays)]
    rows = compute("tracks", {LISTENING_WITH_FEATURES.full_name: numbered})
    return sorted(rows, key=lambda row: (row["user_id"], row["track_key"]))


def test_plays_of_a_track_are_added_up() -> None:
    (row,) = tracks(
        play(0, ms_played=200_000, track_id="j", duration_ms=200),
        play(10, ms_played=1_000, is_counted=False, track_id="i"),
        play(300, ms_played=None, duration_ms=300),
    )

    assert (row["plays"], row["counted_plays"], row["ms_played"]) == (3, 2, 201_000)
    assert (row["first_played_at"], row["last_played_at"]) == (NOON, after_noon(300))
    assert (row["track_id"], row["duration_ms"]) == ("i", 300)


def test_what_no_play_knows_is_null() -> None:
    (row,) = tracks(play(track_name=None, album_name=None), play(9, track_name=None))

    assert (row["track_id"], row["track_name"], row["album_name"]) == (None, None, "Album")
    assert (row["duration_ms"], row["ms_played"]) == (None, None)


def test_the_artist_key_is_that_of_the_name_written_most_often() -> None:
    (row,) = tracks(
        play(0, artist_name="X", artist_key="x"),
        play(1, artist_name="Y", artist_key="y"),
        play(2, artist_name="y", artist_key="y"),
        play(3, artist_name="y", artist_key="y"),
    )

    assert (row["artist_name"], row["artist_key"]) == ("y", "y")


def test_each_person_has_tracks_of_their_own() -> None:
    rows = tracks(
        play(), play(user_id="you"), play(9, user_id="you"), play(track_key="artist|other")
    )

    assert [(row["user_id"], row["track_key"], row["plays"]) for row in rows] == [
        ("me", "artist|other", 1),
        ("me", "artist|song", 1),
        ("you", "artist|song", 2),
    ]


def test_names_are_those_written_most_often() -> None:
    (row,) = tracks(
        play(0, track_name="A song", album_name="B side"),
        play(1, track_name="Song", artist_name="ARTIST", album_name="B side", track_id="i"),
        play(2, track_name="Song", artist_name="artist", album_name=None, track_id="j"),
        play(3, track_name="Song", artist_name="artist", album_name=None),
        play(4, track_name="A song", artist_name="artist", album_name=None),
    )

    assert (row["track_name"], row["artist_name"]) == ("Song", "artist")
    # A play without a name says nothing of it.
    assert row["album_name"] == "B side"


def test_of_names_written_equally_often_the_least_stands() -> None:
    (row,) = tracks(play(0, track_name="b"), play(1, track_name="a"), play(2, track_name="B"))

    assert row["track_name"] == "B"


def test_one_person_does_not_change_the_names_of_another() -> None:
    mine, yours = tracks(
        play(track_name="Song"), *(play(n, track_name="song", user_id="you") for n in range(3))
    )

    assert (mine["track_name"], yours["track_name"]) == ("Song", "song")


def test_features_are_those_of_the_plays() -> None:
    known = {
        **SOUND,
        "genre": "rock",
        "feature_source": "synthetic",
        "feature_provider": "hot_deck",
        "feature_match": "name",
        "feature_donor_level": "artist",
    }

    other, song = tracks(
        play(0, **known),
        play(5, **known),
        play(9, **known, track_name="song"),
        play(0, track_key="artist|other"),
    )

    assert {name: song[name] for name in known} == known
    assert {other[name] for name in known} == {None}


def test_the_columns_are_those_of_the_table() -> None:
    (row,) = tracks(play())

    assert [*row] == TRACKS.given_names


@at_most(15)
@given(
    names=st.lists(st.sampled_from([None, "a", "A", "b"]), min_size=1, max_size=20),
    seed=st.integers(0, 1000),
)
def test_no_order_of_plays_matters(names: list[str | None], seed: int) -> None:
    plays = [play(second, track_name=name) for second, name in enumerate(names)]
    shuffled = random.Random(seed).sample(plays, len(plays))

    (row,) = tracks(*shuffled)

    known = sorted(name for name in names if name is not None)
    assert row["track_name"] == max(known, key=known.count, default=None)
    assert row["plays"] == len(names)
