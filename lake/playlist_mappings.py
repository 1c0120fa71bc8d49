"""The playlists that rules keep up to date, as ``ops`` holds them."""

from datetime import datetime
from typing import NamedTuple

import duckdb

from lake.reader import rows_of
from schemas.playlist_schemas import PLAYLIST_MAPPINGS


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


def playlist_mappings_of(
    connection: duckdb.DuckDBPyConnection, user_id: str
) -> dict[str, PlaylistMapping]:
    """Return a person's mappings by their rule."""
    fields = PlaylistMapping._fields
    found = rows_of(connection, PLAYLIST_MAPPINGS, PlaylistMapping, fields, user_id, "slug")
    return {each.slug: each for each in found}
