"""What rules want of their playlists at Spotify: where syncs meet rules."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from config.settings import Settings
from lake.playlist_mappings import PlaylistMapping
from playlists.library import open_library
from playlists.outcome import Wanted
from playlists.rule_files import find_rule, rule_files, rule_folders
from playlists.rules import Rule, RuleError
from playlists.selection import select

_A_DAY = timedelta(days=1)


def slug_of(settings: Settings, rule: str) -> str:
    """Return the name of a rule's file; raises SettingsError where there is no such rule."""
    return find_rule(_folders(settings), rule).slug


def wanted_tracks(settings: Settings, rule: str, now: datetime) -> Wanted:
    """Return what a rule wants; raises SettingsError where there is no such rule or it is wrong."""
    found = find_rule(_folders(settings), rule)
    today = now.astimezone(settings.zone).date()
    with open_library(settings.data_dir) as lake:
        selection = select(lake, found, settings.user_id, settings.timezone, today)
    uris = [track.uri for track in selection.tracks]
    return Wanted(found.slug, found.name, uris, selection.without_id)


def rules_with_playlist(settings: Settings, mappings: Mapping[str, PlaylistMapping]) -> list[str]:
    """Return the rules that are synced where none is named.

    They are those that have a playlist and those that say when they are synced.
    """
    return [rule.slug for rule in _rules(settings) if rule.slug in mappings or rule.sync]


def rules_due(
    settings: Settings, mappings: Mapping[str, PlaylistMapping], now: datetime
) -> list[str]:
    """Return the rules that a run syncs: with every run, or daily and not written for a day."""
    return [
        rule.slug
        for rule in _rules(settings)
        if rule.sync == "every run"
        or (rule.sync == "daily" and _is_a_day_old(mappings.get(rule.slug), now))
    ]


def _is_a_day_old(mapping: PlaylistMapping | None, now: datetime) -> bool:
    if mapping is None or mapping.last_synced_at is None:
        return True
    return now - mapping.last_synced_at >= _A_DAY


def _rules(settings: Settings) -> Iterator[Rule]:
    """Return the rules that can be read; the list of rules says what is wrong with others."""
    for file in rule_files(_folders(settings)):
        try:
            yield file.read()
        except RuleError:
            continue


def _folders(settings: Settings) -> list[Path]:
    return rule_folders(settings.data_dir)
