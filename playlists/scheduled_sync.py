"""Syncs in each run the rules that say so."""

from collections.abc import Callable
from datetime import datetime

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, RateLimitedError, SignInError
from clients.spotify_playlists import SpotifyPlaylists
from config.settings import Settings, SettingsError
from playlists.outcome_words import outcome_in_words
from playlists.rule_sync import playlist_mappings, sync_playlist
from playlists.wanted import rules_due, wanted_tracks

_QUIET = ("unchanged", "skipped")


def sync_due_rules(settings: Settings, clock: Callable[[], datetime]) -> list[str]:
    """Sync the rules that are due and return notes on what changed or went wrong.

    The lake's lock must be held. No failure is raised: the next run tries again.
    """
    now = clock()
    mappings = playlist_mappings(settings.data_dir, settings.user_id)
    due = rules_due(settings, mappings, now)
    if not due:
        return []
    spotify = SpotifyPlaylists(settings, TokenKeeper(settings, clock), clock)
    notes: list[str] = []
    try:
        spotify.require_right_to_write()
        for rule in due:
            notes += _synced(settings, spotify, rule, now)
    except (SignInError, RateLimitedError) as error:
        notes.append(f"Playlists: {error}")
    except ApiError as error:  # of the sign-in
        notes.append(f"Playlists: {error}; tried again by the next run")
    return notes


def _synced(settings: Settings, spotify: SpotifyPlaylists, rule: str, now: datetime) -> list[str]:
    try:
        wanted = wanted_tracks(settings, rule, now)
        outcome = sync_playlist(settings.data_dir, settings.user_id, spotify, wanted, now)
    except RateLimitedError:
        raise
    except (ApiError, SettingsError) as error:
        return [f"Playlist of the rule {rule}: {error}"]
    if outcome.status in _QUIET:
        return []
    return [f"Playlist {line}" for line in outcome_in_words(outcome)]
