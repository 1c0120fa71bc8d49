"""What rules want of their playlists at Spotify: where syncs meet rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from config.settings import Settings
from lake.playlist_mappings import PlaylistMapping
from playlists.library import open_library
from playlists.outcome import Wanted
from playlists.rule_files import find_rule, read_rules, rule_files, rule_folders
from playlists.selection import select, track_uri

# Once a day, even if today's run is some minutes earlier than yesterday's.
_A_DAY = timedelta(hours=23)


def slug_of(settings: Settings, rule: str) -> str:
    """Return the name of a rule's file; raises SettingsError where there is no such rule."""
    return find_rule(_folders(settings), rule).slug


def wanted_tracks(settings: Settings, rule: str, now: datetime) -> Wanted:
    """Return what a rule wants; raises SettingsError where there is no such rule or it is wrong."""
    found = find_rule(_folders(settings), rule)
    today = now.astimezone(settings.zone).date()
    with open_library(settings.data_dir) as lake:
        chosen = select(lake, found, settings.user_id, settings.timezone, today)
    uris = [track_uri(each.track_id) for each in chosen.tracks]
    return Wanted(found.slug, found.name, uris, chosen.without_id)


def rules_with_playlist(settings: Settings, mappings: Mapping[str, PlaylistMapping]) -> list[str]:
    """Return the rules that are synced where none is named.

    They are those that have a playlist and those that say when they are synced.
    """
    files = rule_files(_folders(settings))
    says_so = {each.slug for each in read_rules(files)[0] if each.sync is not None}
    return [each.slug for each in files if each.slug in mappings or each.slug in says_so]


def rules_due(
    settings: Settings, mappings: Mapping[str, PlaylistMapping], now: datetime
) -> list[str]:
    """Return the rules that a run syncs: with every run, or daily and not written for a day."""
    due = []
    for rule in read_rules(rule_files(_folders(settings)))[0]:
        mapping = mappings.get(rule.slug)
        last = None if mapping is None else mapping.last_synced_at
        is_old = last is None or now - last >= _A_DAY
        if rule.sync == "every run" or (rule.sync == "daily" and is_old):
            due.append(rule.slug)
    return due


def _folders(settings: Settings) -> list[Path]:
    return rule_folders(settings.data_dir)
