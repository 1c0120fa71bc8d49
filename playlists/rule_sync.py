"""Syncs the playlist of one rule, and records what that did."""

import re
from datetime import datetime
from pathlib import Path

from clients.spotify_playlists import SpotifyPlaylists
from config.settings import SettingsError
from engines.models import literal
from lake.playlist_mappings import PlaylistMapping, playlist_mappings_of
from lake.reader import has_table, open_lake
from playlists.outcome import SyncOutcome, Wanted
from playlists.sync import PlaylistSync
from schemas.library_schemas import PLAYLISTS
from schemas.playlist_schemas import PLAYLIST_MAPPINGS
from writers.playlist_mappings import keep_mapping, keep_sync

_RECORDED = ("written", "edited", "ended")
_PLAYLIST_ID = re.compile(r"(?:.*[:/])?([A-Za-z0-9]{22})(?:\?.*)?")


class MappedElsewhereError(SettingsError):
    """The playlist belongs to another rule; the message is one line."""


def sync_playlist(
    data_dir: Path,
    user_id: str,
    spotify: SpotifyPlaylists,
    wanted: Wanted,
    now: datetime,
    *,
    dry_run: bool = False,
    is_asked_for: bool = False,
) -> SyncOutcome:
    """Have a rule's playlist hold what the rule wants; the lake's lock must be held.

    The playlist is made where there is none. One that the person deleted is created again
    only where they ask for this rule by its name (``is_asked_for``). Raises ApiError and
    SignInError.
    """
    mapping = playlist_mappings(data_dir, user_id).get(wanted.slug)
    if mapping is not None and mapping.status == "ended":
        if not is_asked_for:
            return SyncOutcome(wanted, "skipped", mapping)
        mapping = _new(mapping.user_id, wanted, now, keep_edits=mapping.keep_edits)
    if mapping is None:
        mapping = _new(user_id, wanted, now, keep_edits=False)
    sync = PlaylistSync(
        spotify,
        wanted,
        mapping,
        lambda changed: keep_mapping(data_dir, changed, now),
        now,
        may_be_gone=_may_be_gone(data_dir, mapping),
    )
    outcome = sync.run(dry_run=dry_run)
    if not dry_run and outcome.status in _RECORDED:
        keep_sync(data_dir, _row(outcome, now), now)
    return outcome


def playlist_id_in(given: str) -> str:
    """Return the id of a playlist that a person names by it or by its address.

    Raises SettingsError.
    """
    found = _PLAYLIST_ID.fullmatch(given.strip())
    if found is None:
        raise SettingsError(
            f"{given} is no playlist at Spotify: give its 22 letters and digits, or its "
            "address (Share, Copy link to playlist)"
        )
    return found[1]


def map_playlist(
    data_dir: Path,
    user_id: str,
    slug: str,
    playlist_id: str,
    now: datetime,
    *,
    name: str | None = None,
    keep_edits: bool | None = None,
) -> PlaylistMapping:
    """Have a rule keep a playlist that the person already has; the lake's lock must be held.

    What is not given stays as it was for the rule. Raises MappedElsewhereError where another rule
    keeps it.
    """
    known = playlist_mappings(data_dir, user_id)
    for other in known.values():
        if other.playlist_id == playlist_id and other.slug != slug and other.status != "ended":
            raise MappedElsewhereError(
                f"playlist {playlist_id} is kept by the rule {other.slug}: name another playlist"
            )
    mapping = known.get(slug)
    if mapping is None or mapping.playlist_id != playlist_id or mapping.status == "ended":
        mapping = PlaylistMapping(
            user_id=user_id,
            slug=slug,
            name=mapping.name if mapping else None,
            keep_edits=mapping.keep_edits if mapping else False,
            created_at=now,
            status="active",
            playlist_id=playlist_id,
        )
    if name is not None:
        mapping = mapping._replace(name=name)
    if keep_edits is not None:
        mapping = mapping._replace(keep_edits=keep_edits)
    keep_mapping(data_dir, mapping, now)
    return mapping


def playlist_mappings(data_dir: Path, user_id: str) -> dict[str, PlaylistMapping]:
    """Return a person's mappings by their rule."""
    with open_lake(data_dir, [PLAYLIST_MAPPINGS]) as lake:
        return playlist_mappings_of(lake, user_id)


def _new(user_id: str, wanted: Wanted, now: datetime, *, keep_edits: bool) -> PlaylistMapping:
    return PlaylistMapping(user_id, wanted.slug, wanted.name, keep_edits, now)


def _may_be_gone(data_dir: Path, mapping: PlaylistMapping) -> bool:
    """Return whether the library was last seen without the playlist, after the last sync."""
    if mapping.playlist_id is None or mapping.last_synced_at is None:
        return False
    with open_lake(data_dir, [PLAYLISTS]) as lake:
        if not has_table(lake, PLAYLISTS.full_name):
            return False
        found = lake.execute(
            f"SELECT removed_at FROM {PLAYLISTS.full_name} "
            f"WHERE user_id = {literal(mapping.user_id)} "
            f"AND playlist_id = {literal(mapping.playlist_id)}"
        ).fetchone()
    return found is not None and found[0] is not None and found[0] > mapping.last_synced_at


def _row(outcome: SyncOutcome, now: datetime) -> dict[str, object]:
    """Return the row of ``ops.playlist_syncs``."""
    mapping, edits = outcome.mapping, outcome.edits
    return {
        "user_id": mapping.user_id,
        "slug": mapping.slug,
        "synced_at": now,
        "playlist_id": mapping.playlist_id,
        "status": outcome.status,
        "reads": outcome.reads,
        "writes": outcome.writes,
        "added": outcome.added,
        "removed": outcome.removed,
        "item_count": outcome.item_count,
        "without_id": outcome.wanted.without_id,
        "edits_added": len(edits.added),
        "edits_removed": len(edits.removed),
        "edits_reordered": edits.is_reordered,
        "keep_edits": mapping.keep_edits,
        "snapshot_before": outcome.snapshot_before,
        "snapshot_after": mapping.snapshot_id,
    }
