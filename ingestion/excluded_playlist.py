"""The playlist "Soundlake: exclude" → ops: what is put there counts in no statistic.

Every run reads it, with one request where nothing changed; the other playlists are read once a day.
What was taken out again counts again. What a person decided on the page is left as it is.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from clients.errors import ApiError, RateLimitedError, SignInError, rate_limited_until
from engines.models import literal
from engines.python_words import name_key, normalised
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import is_over
from ingestion.library_history import Row, merge, present
from ingestion.relinked_tracks import KnownItems
from lake.reader import has_table, open_lake
from mappers.api_items import object_of, objects_of
from mappers.library_mapper import playlist_rows
from schemas.decision_schemas import EXCLUSIONS
from schemas.library_schemas import PLAYLIST_ITEMS, PLAYLISTS
from schemas.silver_schemas import TRACK_NAMES
from schemas.table import Table
from writers.decisions import exclude_by_playlist

EXCLUDE_PLAYLIST = "Soundlake: exclude"
"""Name of the playlist, in any case."""

EXCLUDED = EXCLUSIONS.full_name
"""Name of the step."""

_FIRST_PAGE = 50


def import_exclusions(lake: Lake, session: ApiSession) -> StepResult:
    """Have ``ops.exclusions`` hold what is on the playlist now.

    Where Spotify cannot be asked, what was last read stays excluded.
    """
    timer = StepTimer(EXCLUDED)
    state = session.state
    was_read = state.library_read_at == lake.now
    if not was_read and is_over(state.blocked_until, lake.now):
        try:
            _read_playlist(lake, session)
        except SignInError as error:
            session.sign_in_ended = str(error)
        except RateLimitedError as error:
            session.wait_until(lake, error.until)
            until = rate_limited_until("Spotify", error.until)
            session.notes.append(f"Excluded tracks: {until}; as read before until then")
        except ApiError as error:
            session.notes.append(f"Excluded tracks: {error}; asked again by the next run")
    wanted = _excluded_tracks(lake, session.user_id)
    added, removed = exclude_by_playlist(lake.data_dir, session.user_id, wanted, lake.now)
    if not added and not removed:
        return timer.result("nothing_new")
    lake.has_written = True
    session.notes.append(
        f"Excluded by the playlist {EXCLUDE_PLAYLIST}: {added} more, {removed} count again"
    )
    return timer.result("written", rows_out=added + removed)


def _read_playlist(lake: Lake, session: ApiSession) -> None:
    """Read the playlist where it has another version than the lake, or was not known."""
    spotify, user_id = session.spotify, session.user_id
    known = [each for each in _own_rows(lake, PLAYLISTS, user_id) if _is_excluding(each)]
    if known:
        for row in known:
            version = spotify.playlist_version(row["playlist_id"])
            if version != row["items_snapshot_id"]:
                _keep(lake, session, {**row, "snapshot_id": version})
        return
    named = [each for each in islice(spotify.playlists(), _FIRST_PAGE) if _has_name(each)]
    if named:
        for row in playlist_rows(named, user_id, str(spotify.me().get("id"))):
            if row["is_own"]:
                _keep(lake, session, row)


def _keep(lake: Lake, session: ApiSession, playlist: Row) -> None:
    """Keep a playlist with its items, which are read; the items first, as in the library."""
    playlist_id = playlist["playlist_id"]
    entries = list(session.spotify.playlist_items(playlist_id))
    known = KnownItems(PLAYLIST_ITEMS, _own_rows(lake, PLAYLIST_ITEMS, session.user_id))
    items = known.playlist_item_rows(entries, playlist_id, session.user_id)
    _replace(lake, session, PLAYLIST_ITEMS, playlist_id, items)
    row = {**playlist, "items_snapshot_id": playlist["snapshot_id"], "total_items": len(items)}
    _replace(lake, session, PLAYLISTS, playlist_id, [row])


def _replace(
    lake: Lake, session: ApiSession, table: Table, playlist_id: str, rows: Iterable[Row]
) -> None:
    """Have a table hold these rows of one playlist, with their history."""

    def is_meant(row: Row) -> bool:
        return (row["user_id"], row["playlist_id"]) == (session.user_id, playlist_id)

    held = lake.rows(table)
    merged = merge(table, filter(is_meant, held), rows, lake.now)
    if merged.is_news:
        others = [each for each in held if not is_meant(each)]
        lake.replace_rows(table, [*merged.rows, *others], EXCLUDED)


def _own_rows(lake: Lake, table: Table, user_id: str) -> list[Row]:
    return [each for each in present(lake.rows(table)) if each["user_id"] == user_id]


def _is_excluding(row: Row) -> bool:
    return bool(row["is_own"]) and _has_name({"name": row["playlist_name"]})


def _has_name(playlist: Mapping[str, Any]) -> bool:
    return normalised(str(playlist.get("name") or "")) == normalised(EXCLUDE_PLAYLIST)


def _excluded_tracks(lake: Lake, user_id: str) -> dict[str, str | None]:
    """Return the keys of the tracks on the playlist, with their titles.

    A track has the keys of its id and of its names: a play from an export may have another id.
    """
    playlists = {
        each["playlist_id"] for each in _own_rows(lake, PLAYLISTS, user_id) if _is_excluding(each)
    }
    if not playlists:
        return {}
    items = [
        each
        for each in _own_rows(lake, PLAYLIST_ITEMS, user_id)
        if each["playlist_id"] in playlists and each["media_type"] == "track"
    ]
    by_id, by_name = _known_keys(lake, items)
    keys: dict[str, str | None] = {}
    for item in sorted(items, key=lambda each: each["position"]):
        name_key = _name_key(item)
        found = {*by_id.get(item["track_id"], ()), by_name.get(name_key or "", name_key)}
        keys |= dict.fromkeys(sorted(each for each in found if each), item["track_name"])
    return keys


def _known_keys(lake: Lake, items: Iterable[Row]) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Return the keys of tracks that were played, by the ids and by the names of these items."""
    ids = sorted({each["track_id"] for each in items if each["track_id"]})
    names = sorted({name for each in items if (name := _name_key(each))})
    by_id: dict[str, set[str]] = {}
    by_name: dict[str, str] = {}
    with open_lake(lake.data_dir, [TRACK_NAMES]) as tables:
        if not has_table(tables, TRACK_NAMES.full_name):
            return by_id, by_name
        asked = ", ".join(map(literal, ids))
        named = ", ".join(map(literal, names)) or "NULL"
        found = tables.execute(
            f"SELECT name_key, track_key, track_ids FROM {TRACK_NAMES.full_name} "
            f"WHERE name_key IN ({named}) OR list_has_any(track_ids, [{asked}]::VARCHAR[])"
        ).fetchall()
    for key, track_key, track_ids in found:
        by_name[key] = track_key
        for each in track_ids:
            by_id.setdefault(each, set()).add(track_key)
    return by_id, by_name


def _name_key(item: Row) -> str | None:
    """Return the key by the names of a track, of which plays have the album's artist."""
    artist = _album_artist(item) or item["artist_name"]
    return name_key(artist, item["track_name"]) if artist else None


def _album_artist(item: Row) -> str | None:
    try:
        entry = object_of(json.loads(item["item"] or "null"))
    except ValueError:
        return None
    album = object_of(object_of(entry.get("item") or entry.get("track")).get("album"))
    artists = objects_of(album.get("artists"))
    name = artists[0].get("name") if artists else None
    return name if isinstance(name, str) else None
