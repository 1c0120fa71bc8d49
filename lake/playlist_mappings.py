"""The playlists that rules keep up to date, as ``ops`` holds them."""

from datetime import datetime
from typing import NamedTuple

import duckdb

from lake.reader import rows_of
from schemas.playlist_schemas import PLAYLIST_MAPPINGS, PLAYLIST_SYNCS


class PlaylistMapping(NamedTuple):
    """A row of ``ops.playlist_mappings``, whose columns have the comments."""

    user_id: str
    slug: str
    name: str | None
    keep_edits: bool
    created_at: datetime
    status: str = "creating"
    playlist_id: str | None = None
    end_reason: str | None = None
    snapshot_id: str | None = None
    item_count: int | None = None
    item_uris: list[str] | None = None
    wanted_uris: list[str] | None = None
    pending_uris: list[str] | None = None
    added_uris: list[str] | None = None
    removed_uris: list[str] | None = None
    is_reordered: bool | None = None
    last_synced_at: datetime | None = None


class PlaylistSyncRecord(NamedTuple):
    """What a row of ``ops.playlist_syncs`` says, whose columns have the comments."""

    slug: str
    synced_at: datetime
    playlist_id: str | None
    status: str
    reads: int
    writes: int
    added: int
    removed: int
    item_count: int | None
    without_id: int | None
    edits_added: int
    edits_removed: int
    edits_reordered: bool | None
    keep_edits: bool | None


def playlist_mappings_of(
    connection: duckdb.DuckDBPyConnection, user_id: str
) -> dict[str, PlaylistMapping]:
    """Return a person's mappings by their rule."""
    fields = PlaylistMapping._fields
    found = rows_of(connection, PLAYLIST_MAPPINGS, PlaylistMapping, fields, user_id, "slug")
    return {each.slug: each for each in found}


def last_syncs_of(
    connection: duckdb.DuckDBPyConnection, user_id: str
) -> dict[str, PlaylistSyncRecord]:
    """Return the last sync of each of a person's rules that changed something."""
    fields = PlaylistSyncRecord._fields
    rows = rows_of(connection, PLAYLIST_SYNCS, PlaylistSyncRecord, fields, user_id, "synced_at")
    return {each.slug: each for each in rows}
