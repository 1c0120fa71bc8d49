"""What rules want of their playlists at Spotify: where syncs meet rules."""

from collections.abc import Mapping
from datetime import datetime

from config.settings import Settings, SettingsError
from lake.playlist_mappings import PlaylistMapping
from playlists.outcome import Wanted


def slug_of(settings: Settings, rule: str) -> str:
    """Return the name of a rule's file; raises SettingsError where there is no such rule."""
    return rule


def wanted_tracks(settings: Settings, rule: str, now: datetime) -> Wanted:
    """Return what a rule wants; raises SettingsError where there is no such rule or it is wrong."""
    raise SettingsError(f"{rule}: there are no rules yet")


def rules_with_playlist(settings: Settings, mappings: Mapping[str, PlaylistMapping]) -> list[str]:
    """Return the rules that are synced where none is named.

    They are those that have a playlist and those that say when they are synced.
    """
    return []


def rules_due(
    settings: Settings, mappings: Mapping[str, PlaylistMapping], now: datetime
) -> list[str]:
    """Return the rules that a run syncs: with every run, or daily and not written for a day."""
    return []
