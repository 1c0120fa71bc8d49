"""What the Web API tells of a library → rows of the library's bronze tables.

A row holds what ``item`` says as columns, and ``item`` itself; when it was seen is for the importer
to say. Where an item names nothing, as does what was taken down, there is no row for it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from mappers.api_items import Json, as_text
from writers.row_ids import hash_of


def saved_track_rows(items: Iterable[Json], user_id: str) -> list[Json]:
    """Give rows of ``bronze.saved_tracks_bronze``."""
    return [
        {
            "user_id": user_id,
            "track_id": item["track"]["id"],
            "added_at": _instant(item["added_at"]),
            **_track_columns(item["track"]),
            "album_id": _album(item["track"]).get("id"),
            "album_name": _album(item["track"]).get("name"),
            "isrc": _external_id(item["track"], "isrc"),
            "item": as_text(item),
        }
        for item in items
        if _is_saved(item, "track")
    ]


def saved_album_rows(items: Iterable[Json], user_id: str) -> list[Json]:
    """Give rows of ``bronze.saved_albums_bronze``."""
    rows = []
    for item in items:
        if _is_saved(item, "album"):
            album = {name: value for name, value in item["album"].items() if name != "tracks"}
            row = {
                "user_id": user_id,
                "album_id": album["id"],
                "added_at": _instant(item["added_at"]),
                "album_name": album.get("name"),
                **_artist_columns(album),
                "album_type": album.get("album_type"),
                "release_date": album.get("release_date"),
                "total_tracks": album.get("total_tracks"),
                "upc": _external_id(album, "upc"),
                "item": as_text({**item, "album": album}),
            }
            rows.append(row)
    return rows


def tracks_told_with_albums(items: Iterable[Json]) -> dict[str, list[Json] | None]:
    """Give by album id the tracks that came with a saved album; None where not all of them did."""
    albums = (item["album"] for item in items if _is_saved(item, "album"))
    return {album["id"]: _tracks_told_with(album) for album in albums}


def album_track_rows(tracks: Iterable[Json], album_id: str, user_id: str) -> list[Json]:
    """Give rows of ``bronze.album_tracks_bronze`` from the tracks of one album."""
    return [
        {
            "user_id": user_id,
            "album_id": album_id,
            "track_id": track["id"],
            "disc_number": track.get("disc_number"),
            "track_number": track.get("track_number"),
            **_track_columns(track),
            "item": as_text(track),
        }
        for track in tracks
        if track and track.get("id")
    ]


def playlist_rows(playlists: Iterable[Json], user_id: str, spotify_user_id: str) -> list[Json]:
    """Give rows of ``bronze.playlists_bronze``, still without the version of their items.

    ``spotify_user_id`` is whom Spotify names as the owner of the person's own playlists.
    """
    rows = []
    for playlist in playlists:
        owner_id = (playlist.get("owner") or {}).get("id")
        row = {
            "user_id": user_id,
            "playlist_id": playlist["id"],
            "playlist_name": playlist.get("name"),
            "description": playlist.get("description"),
            "owner_id": owner_id,
            "is_own": owner_id == spotify_user_id,
            "is_public": playlist.get("public"),
            "is_collaborative": playlist.get("collaborative"),
            # What was `tracks` until February 2026 is `items`.
            "total_items": (playlist.get("items") or playlist.get("tracks") or {}).get("total"),
            "snapshot_id": playlist.get("snapshot_id"),
            "item": as_text(playlist),
        }
        rows.append(row)
    return rows


def playlist_item_rows(entries: Iterable[Json], playlist_id: str, user_id: str) -> list[Json]:
    """Give rows of ``bronze.playlist_items_bronze`` from all entries of one playlist, in order."""
    alike: Counter[str] = Counter()
    rows = []
    for position, entry in enumerate(entries, start=1):
        # What was `track` until February 2026 is `item`.
        track = entry.get("item") or entry.get("track")
        if not track:
            continue
        identity = f"{track.get('uri') or track.get('id')}|{entry.get('added_at')}"
        alike[identity] += 1
        added_at = entry.get("added_at")
        row = {
            "user_id": user_id,
            "playlist_id": playlist_id,
            "entry_id": hash_of(f"{identity}|{alike[identity]}"),
            "position": position,
            "added_at": _instant(added_at) if added_at else None,
            "added_by": (entry.get("added_by") or {}).get("id"),
            "media_type": track.get("type"),
            "is_local": entry.get("is_local"),
            "uri": track.get("uri"),
            "track_id": track.get("id"),
            **_track_columns(track),
            "album_name": _album(track).get("name"),
            "isrc": _external_id(track, "isrc"),
            "item": as_text(entry),
        }
        if track.get("type") == "episode":
            row["artist_name"] = (track.get("show") or {}).get("name")
        rows.append(row)
    return rows


def top_item_rows(items: Iterable[Json], kind: str, term: str, user_id: str) -> list[Json]:
    """Give rows of ``bronze.top_items_bronze`` from one list, the most played first."""
    return [
        {
            "user_id": user_id,
            "kind": kind,
            "term": term,
            "item_id": item["id"],
            "rank": rank,
            "item_name": item.get("name"),
            **_artist_columns(item),
            "item": as_text(item),
        }
        for rank, item in enumerate(items, start=1)
    ]


def _is_saved(item: Json, what: str) -> bool:
    return bool(item.get("added_at") and item.get(what) and item[what].get("id"))


def _tracks_told_with(album: Json) -> list[Json] | None:
    page = album.get("tracks") or {}
    tracks: list[Json] | None = page.get("items")
    return None if tracks is None or page.get("next") else tracks


def _track_columns(track: Json) -> Json:
    return {
        "track_name": track.get("name"),
        **_artist_columns(track),
        "duration_ms": track.get("duration_ms"),
    }


def _artist_columns(of: Json) -> Json:
    artists: Sequence[Json] = of.get("artists") or [{}]
    return {"artist_id": artists[0].get("id"), "artist_name": artists[0].get("name")}


def _album(track: Json) -> Json:
    return track.get("album") or {}


def _external_id(of: Json, name: str) -> str | None:
    value: str | None = (of.get("external_ids") or {}).get(name)
    return value


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
