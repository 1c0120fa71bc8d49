"""Rules of playlists for pages and the API: which there are, their tracks, their playlists."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from clients.auth.spotify_auth import NO_APP_TO_WRITE, TokenKeeper, has_sign_in
from clients.errors import SignInError
from config.settings import SettingsError
from lake.playlist_mappings import (
    PlaylistMapping,
    PlaylistSyncRecord,
    last_syncs_of,
    playlist_mappings_of,
)
from lake.reader import open_lake
from playlists.library import open_library
from playlists.rule_files import RuleFile, rule_files, rule_folders
from playlists.rule_sync import map_playlist, playlist_id_in, playlist_mappings
from playlists.rules import Rule
from playlists.selection import Selection, select
from schemas.playlist_schemas import PLAYLIST_MAPPINGS, PLAYLIST_SYNCS
from web.choice import WrongChoiceError
from web.lakes import Snapshot
from web.runs import Run
from web.state import Web
from writers.lake_lock import lake_lock


class Hindrance(NamedTuple):
    """What keeps playlists from being written, in one line, and whether a sign-in mends it."""

    said: str
    needs_sign_in: bool = False


NO_APP = Hindrance(NO_APP_TO_WRITE)
NOT_SIGNED_IN = Hindrance("nobody is signed in at Spotify: sign in", needs_sign_in=True)
MAY_NOT_WRITE = Hindrance("this sign-in may not write playlists: sign in again", needs_sign_in=True)


@dataclass(frozen=True)
class AtSpotify:
    """A rule's playlist at Spotify: its mapping and the last sync that changed something."""

    mapping: PlaylistMapping | None
    last_sync: PlaylistSyncRecord | None


def files_of(web: Web, snapshot: Snapshot) -> list[RuleFile]:
    """Return the files of rules; raises RuleError where there are two of one name."""
    return rule_files(rule_folders(web.settings.data_dir, snapshot.data_dir))


def file_of(web: Web, snapshot: Snapshot, slug: str) -> RuleFile:
    """Return the file of a rule; ``slug`` is no path, as an address may hold any.

    Raises WrongChoiceError where there is none.
    """
    file = next((each for each in files_of(web, snapshot) if each.slug == slug), None)
    if file is None:
        raise WrongChoiceError(f"there is no rule {slug}")
    return file


def chosen_by(web: Web, snapshot: Snapshot, rule: Rule) -> Selection:
    """Return what a rule chooses; raises SettingsError where it cannot be asked."""
    with open_library(snapshot.data_dir) as lake:
        settings = web.settings
        today = web.now().astimezone(settings.zone).date()
        return select(lake, rule, snapshot.user_id, settings.timezone, today)


def at_spotify(snapshot: Snapshot) -> dict[str, AtSpotify]:
    """Return the playlists that a person's rules have or had, by rule."""
    with open_lake(snapshot.data_dir, [PLAYLIST_MAPPINGS, PLAYLIST_SYNCS]) as lake:
        mappings = playlist_mappings_of(lake, snapshot.user_id)
        syncs = last_syncs_of(lake, snapshot.user_id)
    return {slug: AtSpotify(mappings.get(slug), syncs.get(slug)) for slug in {**mappings, **syncs}}


def hindrance(web: Web, user_id: str) -> Hindrance | None:
    """Return what is known to keep a person's playlists from being written; nobody is asked."""
    settings = web.settings
    if not settings.has_credentials:
        return NO_APP
    if user_id != settings.user_id:
        return _not_theirs(web, user_id)
    if not has_sign_in(settings):
        return NOT_SIGNED_IN
    try:
        lacks_right = TokenKeeper(settings, web.now).lacks_right_to_write
    except SignInError as damaged:
        return Hindrance(str(damaged), needs_sign_in=True)
    return MAY_NOT_WRITE if lacks_right else None


def start_sync(web: Web, snapshot: Snapshot, slug: str, *, dry_run: bool) -> Run:
    """Start the sync of a rule's playlist.

    Raises WrongChoiceError where there is no such rule, SettingsError where it is wrong or no
    playlist can be written, RunUnderWayError.
    """
    file = file_of(web, snapshot, slug)
    file.read()
    found = hindrance(web, snapshot.user_id)
    if found is not None and not (dry_run and found == MAY_NOT_WRITE):  # which only reads
        raise SettingsError(found.said)
    return web.runs.sync_playlist(slug, file.path, dry_run=dry_run)


def change_mapping(
    web: Web, snapshot: Snapshot, slug: str, playlist: str, *, keep_edits: bool | None
) -> PlaylistMapping:
    """Have a rule keep another playlist, or keep what the person changes on the one it has.

    Returns the mapping that it has then. Raises WrongChoiceError where there is no such rule,
    SettingsError, LakeBusyError.
    """
    file_of(web, snapshot, slug)
    if snapshot.user_id != web.settings.user_id:
        raise SettingsError(_not_theirs(web, snapshot.user_id).said)
    known = playlist_mappings(snapshot.data_dir, snapshot.user_id).get(slug)
    if playlist:
        playlist_id: str | None = playlist_id_in(playlist)
    else:
        playlist_id = known.playlist_id if known and known.status == "active" else None
    if playlist_id is None:
        raise SettingsError(
            "name a playlist: its id, or its address (Share, Copy link to playlist)"
        )
    with lake_lock(snapshot.data_dir):
        return map_playlist(
            snapshot.data_dir,
            snapshot.user_id,
            slug,
            playlist_id,
            web.now(),
            keep_edits=keep_edits,
        )


def folder_of_own_rules(web: Web) -> Path:
    """Return where a person's own rules are."""
    return rule_folders(web.settings.data_dir)[0]


def _not_theirs(web: Web, user_id: str) -> Hindrance:
    return Hindrance(f"the sign-in is that of USER_ID={web.settings.user_id}, not of {user_id}")
