"""What rules want of their playlists at Spotify: where syncs meet rules."""

from collections.abc import Mapping
from datetime import datetime

from config.settings import Settings, SettingsError
from lake.playlist_mappings import PlaylistMapping
from playlists.outcome import Wanted


def wanted_tracks(settings: Settings, rule: str, now: datetime) -> Wanted:
    """Return what a rule wants; raises SettingsError where there is no such rule or it is wrong."""
    raise SettingsError(f"{rule}: there are no rules yet")


def rules_with_playlist(
    settings: Settings, mappings: Mapping[str, PlaylistMapping], now: datetime | None = None
) -> list[str]:
    """Return the rules whose playlists are synced where none is named.

    They are those that have a playlist and those that say ``sync``; with ``now`` only those of the
    latter that are due.
    """
    return []
