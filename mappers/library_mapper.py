"""A library as the Web API returns it → rows of the library's bronze tables.

A row holds the fields of ``item`` as columns, and ``item`` itself; the importer adds when it was
seen. Items without a name or id, such as those taken down, have no row; a value of an unexpected
type is null. Where Spotify shows another track in a market, the row has the id of the one that is
in the library, as far as Spotify says it.
"""

from collections import Counter
from collections.abc import Iterable

from mappers.api_items import as_storable_text, id_of, object_of, objects_of
from mappers.values import Json, flag, instant, small_whole, whole
from mappers.values import storable_text as text
from writers.row_ids import hash_of


def saved_track_rows(items: Iterable[Json], user_id: str) -> list[Json]:
    """Return rows of ``bronze.saved_tracks_bronze``."""
    return [
        {
            "user_id": user_id,
            "track_id": id_in_library(item["track"]),
            "added_at": instant(item["added_at"]),
            **_track_columns(item["track"]),
            "album_id": id_of(item["track"].get("album")),
            "album_name": text(object_of(item["track"].get("album")).get("name")),
            "isrc": _external_id(item["track"], "isrc"),
            "item": as_storable_text(item),
        }
        for item in items
        if _is_saved(item, "track")
    ]


def saved_album_rows(items: Iterable[Json], user_id: str) -> list[Json]:
    """Return rows of ``bronze.saved_albums_bronze``."""
    rows = []
    for item in items:
        if _is_saved(item, "album"):
            album = {name: value for name, value in item["album"].items() if name != "tracks"}
            row = {
                "user_id": user_id,
                "album_id": album["id"],
                "added_at": instant(item["added_at"]),
                "album_name": text(album.get("name")),
                **_artist_columns(album),
                "album_type": text(album.get("album_type")),
                "release_date": text(album.get("release_date")),
                "total_tracks": small_whole(album.get("total_tracks")),
                "upc": _external_id(album, "upc"),
                "item": as_storable_text({**item, "album": album}),
            }
            rows.append(row)
    return rows


def tracks_of_saved_albums(items: Iterable[Json]) -> dict[str, list[Json] | None]:
    """Return by album id the tracks that came with a saved album; None where some are missing."""
    albums = (item["album"] for item in items if _is_saved(item, "album"))
    return {album["id"]: _tracks_sent_with(album) for album in albums}


def album_track_rows(tracks: Iterable[Json], album_id: str, user_id: str) -> list[Json]:
    """Return rows of ``bronze.album_tracks_bronze`` from the tracks of one album."""
    return [
        {
            "user_id": user_id,
            "album_id": album_id,
            "track_id": track["id"],
            "disc_number": small_whole(track.get("disc_number")),
            "track_number": small_whole(track.get("track_number")),
            **_track_columns(track),
            "item": as_storable_text(track),
        }
        for track in tracks
        if id_of(track)
    ]


def playlist_rows(playlists: Iterable[Json], user_id: str, spotify_user_id: str) -> list[Json]:
    """Return rows of ``bronze.playlists_bronze``, still without the version of their items.

    ``spotify_user_id`` is whom Spotify names as the owner of the person's own playlists.
    """
    rows = []
    for playlist in playlists:
        if id_of(playlist) is None:
            continue
        owner_id = id_of(playlist.get("owner"))
        row = {
            "user_id": user_id,
            "playlist_id": playlist["id"],
            "playlist_name": text(playlist.get("name")),
            "description": text(playlist.get("description")),
            "owner_id": owner_id,
            "is_own": owner_id == spotify_user_id,
            "is_public": flag(playlist.get("public")),
            "is_collaborative": flag(playlist.get("collaborative")),
            # What was `tracks` until February 2026 is `items`.
            "total_items": small_whole(
                object_of(playlist.get("items") or playlist.get("tracks")).get("total")
            ),
            "snapshot_id": text(playlist.get("snapshot_id")),
            "item": as_storable_text(playlist),
        }
        rows.append(row)
    return rows


def playlist_item_rows(entries: Iterable[Json], playlist_id: str, user_id: str) -> list[Json]:
    """Return rows of ``bronze.playlist_items_bronze`` from all entries of a playlist, in order."""
    alike: Counter[str] = Counter()
    rows = []
    for position, entry in enumerate(entries, start=1):
        track = shown_track(entry)
        if not track:
            continue
        own = _in_library(track)
        identity = str(text(f"{own.get('uri') or own.get('id')}|{entry.get('added_at')}"))
        alike[identity] += 1
        row = {
            "user_id": user_id,
            "playlist_id": playlist_id,
            "entry_id": hash_of(f"{identity}|{alike[identity]}"),
            "position": position,
            "added_at": instant(entry.get("added_at")),
            "added_by": id_of(entry.get("added_by")),
            "media_type": text(track.get("type")),
            "is_local": flag(entry.get("is_local")),
            "uri": text(own.get("uri")),
            "track_id": id_in_library(track),
            **_track_columns(track),
            "album_name": text(object_of(track.get("album")).get("name")),
            "isrc": _external_id(track, "isrc"),
            "item": as_storable_text(entry),
        }
        if track.get("type") == "episode":
            row["artist_name"] = text(object_of(track.get("show")).get("name"))
        rows.append(row)
    return rows


def top_item_rows(items: Iterable[Json], kind: str, term: str, user_id: str) -> list[Json]:
    """Return rows of ``bronze.top_items_bronze`` from one list, the most played first."""
    return [
        {
            "user_id": user_id,
            "kind": kind,
            "term": term,
            "item_id": item["id"],
            "rank": rank,
            "item_name": text(item.get("name")),
            **_artist_columns(item),
            "item": as_storable_text(item),
        }
        for rank, item in enumerate(items, start=1)
        if id_of(item)
    ]


def shown_track(entry: Json) -> Json:
    """Return the track of an item of the saved tracks or of a playlist; an empty one for none."""
    # What was `track` until February 2026 is `item`.
    return object_of(entry.get("item") or entry.get("track"))


def id_in_library(track: Json) -> str | None:
    """Return the id of the track that is in the library, whichever Spotify shows in its place."""
    return id_of(_in_library(track))


def _in_library(track: Json) -> Json:
    original = object_of(track.get("linked_from"))
    return track if id_of(original) is None else original


def _is_saved(item: Json, what: str) -> bool:
    return instant(item.get("added_at")) is not None and id_of(item.get(what)) is not None


def _tracks_sent_with(album: Json) -> list[Json] | None:
    page = object_of(album.get("tracks"))
    is_whole = isinstance(page.get("items"), list) and not page.get("next")
    return objects_of(page["items"]) if is_whole else None


def _track_columns(track: Json) -> Json:
    return {
        "track_name": text(track.get("name")),
        **_artist_columns(track),
        "duration_ms": whole(track.get("duration_ms")),
    }


def _artist_columns(of: Json) -> Json:
    artists = of.get("artists")
    # Only of the first entry: where that is not an artist, the next one does not replace it.
    first = object_of(artists[0]) if isinstance(artists, list) and artists else {}
    return {"artist_id": id_of(first), "artist_name": text(first.get("name"))}


def _external_id(of: Json, name: str) -> str | None:
    return text(object_of(of.get("external_ids")).get(name))
