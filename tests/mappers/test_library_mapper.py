"""What the API sends of a library, as rows: local files, episodes, what was taken down."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mappers.api_items import LEFT_OUT
from mappers.library_mapper import (
    album_track_rows,
    playlist_item_rows,
    playlist_rows,
    saved_album_rows,
    saved_track_rows,
    top_item_rows,
    tracks_of_saved_albums,
)
from mappers.values import Json

SAVED_AT, NOON = "2026-03-02T12:00:00Z", datetime(2026, 3, 2, 12, tzinfo=UTC)
ARTIST = {"id": "artist", "name": "The Band", "images": [{"url": "https://image"}]}
ALBUM = {"id": "album", "name": "Songs", "available_markets": ["DE"], "artists": [ARTIST]}
TRACK = {
    "id": "track",
    "uri": "spotify:track:track",
    "type": "track",
    "name": "Song",
    "artists": [ARTIST, {"id": "guest", "name": "Guest"}],
    "album": ALBUM,
    "duration_ms": 200_000,
    "external_ids": {"isrc": "QZ1"},
    "popularity": 7,
}
LOCAL = {
    "id": None,
    "uri": "spotify:local:Me:Tape:Hum:61",
    "type": "track",
    "name": "Hum",
    "artists": [{"id": None, "name": "Me"}],
    "album": {"id": None, "name": "Tape"},
    "duration_ms": 61_000,
}
EPISODE = {
    "id": "episode",
    "uri": "spotify:episode:episode",
    "type": "episode",
    "name": "One",
    "show": {"id": "show", "name": "The Show"},
}


def saved(**what: Any) -> Json:
    return {"added_at": SAVED_AT, **what}


def entry(item: Json | None, added_at: str | None = SAVED_AT, name: str = "item") -> Json:
    return {"added_at": added_at, "added_by": {"id": "someone"}, "is_local": False, name: item}


def less_left_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {each: less_left_out(inner) for each, inner in value.items() if each not in LEFT_OUT}
    return [less_left_out(each) for each in value] if isinstance(value, list) else value


def recorded(shared_data: Path, name: str) -> list[Json]:
    """Return the items of a recorded answer as the client does: less those that are null."""
    answer = json.loads((shared_data / "api" / name).read_text("utf-8"))
    return [each for each in answer["items"] if each is not None]


def test_a_saved_track_is_described_by_its_columns_and_whole() -> None:
    (row,) = saved_track_rows([saved(track=TRACK)], "me")

    item = json.loads(row.pop("item"))
    assert row == {
        "user_id": "me",
        "track_id": "track",
        "added_at": NOON,
        "track_name": "Song",
        "artist_id": "artist",
        "artist_name": "The Band",
        "album_id": "album",
        "album_name": "Songs",
        "duration_ms": 200_000,
        "isrc": "QZ1",
    }
    assert item == less_left_out(saved(track=TRACK))
    assert "https://image" not in str(item)


@pytest.mark.parametrize(
    "nothing", [saved(track=None), saved(track={"id": None}), {"track": TRACK}, saved()]
)
def test_a_saved_item_that_names_no_track_has_no_row(nothing: Json) -> None:
    assert saved_track_rows([nothing], "me") == []


def test_nothing_that_was_removed_in_2026_is_needed() -> None:
    bare = {"id": "track", "name": "Song"}

    (row,) = saved_track_rows([saved(track=bare)], "me")

    assert (row["track_name"], row["artist_name"], row["isrc"]) == ("Song", None, None)


def test_the_tracks_of_an_album_stand_in_a_table_of_their_own() -> None:
    tracks = [{"id": "track", "name": "Song", "disc_number": 1, "track_number": 4}, None]
    item = saved(album={**ALBUM, "tracks": {"items": tracks, "next": None}})

    (album,) = saved_album_rows([item], "me")
    by_album = tracks_of_saved_albums([item])
    (track,) = album_track_rows(by_album["album"] or [], "album", "me")

    assert "tracks" not in json.loads(album["item"])["album"]
    assert (album["album_id"], album["added_at"], album["artist_name"]) == (
        "album",
        NOON,
        "The Band",
    )
    assert (track["album_id"], track["track_id"], track["track_number"]) == ("album", "track", 4)


@pytest.mark.parametrize("tracks", [{}, {"tracks": {"items": [], "next": "https://next"}}])
def test_tracks_that_did_not_all_come_with_their_album_are_to_be_asked_for(tracks: Json) -> None:
    assert tracks_of_saved_albums([saved(album={**ALBUM, **tracks})]) == {"album": None}


@pytest.mark.parametrize("items", ["items", "tracks"])
def test_a_playlist_is_the_persons_own_or_somebody_elses(items: str) -> None:
    playlist = {"id": "p", "name": "Mix", "snapshot_id": "s", items: {"total": 3}}

    own, other, nobodys = playlist_rows(
        [{**playlist, "owner": {"id": "spotify-me"}}, {**playlist, "owner": {"id": "x"}}, playlist],
        "me",
        "spotify-me",
    )

    assert (own["is_own"], other["is_own"], nobodys["is_own"]) == (True, False, False)
    assert (own["total_items"], own["snapshot_id"], own["user_id"]) == (3, "s", "me")


def test_a_playlist_holds_local_files_and_episodes_and_forgets_what_was_taken_down() -> None:
    local, episode, track = playlist_item_rows(
        [entry(LOCAL), entry(None), entry(EPISODE), entry(TRACK, None, "track")], "p", "me"
    )

    assert (local["track_id"], local["uri"], local["artist_name"]) == (None, LOCAL["uri"], "Me")
    assert (episode["media_type"], episode["artist_name"]) == ("episode", "The Show")
    assert (track["track_id"], track["added_at"]) == ("track", None)
    assert [each["position"] for each in (local, episode, track)] == [1, 3, 4]


def test_a_track_that_stands_on_a_playlist_twice_is_two_entries() -> None:
    twice = playlist_item_rows([entry(TRACK), entry(LOCAL), entry(TRACK)], "p", "me")
    once = playlist_item_rows([entry(LOCAL), entry(TRACK)], "p", "me")

    assert len({each["entry_id"] for each in twice}) == 3
    assert {each["entry_id"] for each in once} < {each["entry_id"] for each in twice}


def test_the_recorded_library_keeps_all_that_it_holds(shared_data: Path) -> None:
    tracks, albums = (
        recorded(shared_data, "saved_tracks.json"),
        recorded(shared_data, "saved_albums.json"),
    )

    track_rows, album_rows = saved_track_rows(tracks, "me"), saved_album_rows(albums, "me")

    assert [json.loads(row["item"]) for row in track_rows] == less_left_out(tracks)
    assert len(track_rows) == 48
    assert all(row["artist_id"] and row["album_name"] and row["isrc"] for row in track_rows)
    by_album = tracks_of_saved_albums(albums)
    for item, row in zip(less_left_out(albums), album_rows, strict=True):
        page = item["album"].pop("tracks")
        assert json.loads(row["item"]) == item
        songs = album_track_rows(by_album[row["album_id"]] or [], row["album_id"], "me")
        assert [json.loads(song["item"]) for song in songs] == page["items"]
        assert len(songs) == row["total_tracks"]


@pytest.mark.parametrize("kind", ["tracks", "artists"])
def test_the_recorded_top_lists_keep_all_that_they_hold(shared_data: Path, kind: str) -> None:
    items = recorded(shared_data, f"top_{kind}.json")

    rows = top_item_rows(items, kind, "short_term", "me")

    assert [json.loads(row["item"]) for row in rows] == less_left_out(items)
    assert [row["rank"] for row in rows] == [*range(1, 49)]
    assert all((row["artist_name"] is None) == (kind == "artists") for row in rows)


_ODD: list[Any] = [None, "text", 17, ["x"], [None], {"id": 17}, "half \ud83d", {"name": ["x"]}]


@pytest.mark.parametrize("odd", _ODD)
@pytest.mark.parametrize("name", [*TRACK, "show", "disc_number", "owner", "items", "public"])
def test_a_field_of_another_type_is_null_and_its_item_stays(name: str, odd: Any) -> None:
    track: Json = {**TRACK, name: odd}
    album: Json = {**ALBUM, name: odd}
    keeps_its_id = name != "id"

    rows = [
        *saved_track_rows([saved(track=track)], "me"),
        *saved_album_rows([saved(album=album)], "me"),
        *album_track_rows([track], "album", "me"),
        *playlist_rows([album], "me", "me"),
        *top_item_rows([track], "tracks", "short_term", "me"),
    ]
    rows += playlist_item_rows([entry(track), entry(TRACK) | {name: odd}], "playlist", "me")

    assert len(rows) >= (7 if keeps_its_id else 1)
    for row in rows:
        assert all(isinstance(each, str | int | datetime | None) for each in row.values())
        "".join(each for each in row.values() if isinstance(each, str)).encode()


@pytest.mark.parametrize("odd", _ODD)
def test_an_item_that_is_none_is_left_out(odd: Any) -> None:
    items = [saved(track=odd, album=odd), saved(track=TRACK, album=ALBUM) | {"added_at": odd}]

    assert saved_track_rows(items, "me") == saved_album_rows(items, "me") == []
    assert album_track_rows([TRACK], "album", "me")
