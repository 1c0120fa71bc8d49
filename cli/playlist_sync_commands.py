"""Commands that write playlists at Spotify: the sync of rules, and which playlist a rule keeps."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import console, exit_codes, log_to_stderr, say
from cli.exit_codes import ExitCode
from cli.lakes import DataDir, settings_of_lake
from clients.errors import ApiError, RateLimitedError
from config.clock import utc_now
from config.settings import Settings, SettingsError, load_settings
from writers.lake_lock import lake_lock

if TYPE_CHECKING:  # what writes and reads rules takes a second to import: only where it is needed
    from clients.spotify_playlists import SpotifyPlaylists


def sync_playlists(
    rule: Annotated[
        str | None,
        typer.Argument(help="A rule; without it all that have a playlist or say when to sync."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written at Spotify.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Have playlists at Spotify hold what rules choose; one that is missing is made, private."""
    from playlists.outcome_words import outcome_in_words
    from playlists.rule_sync import playlist_mappings, sync_playlist
    from playlists.wanted import rules_with_playlist, wanted_tracks

    failed = False
    with exit_codes(data_dir):
        settings = settings_of_lake(data_dir, lambda text: typer.echo(text, err=True))
        log_to_stderr(settings)
        now = utc_now()
        mappings = playlist_mappings(settings.data_dir, settings.user_id)
        rules = rules_with_playlist(settings, mappings) if rule is None else [rule]
        if not rules:
            say("no rule has a playlist yet: name one, as in main.py playlists sync RULE")
        wishes = [wanted_tracks(settings, each, now) for each in rules]
        spotify = _spotify(settings)
        if wishes and not dry_run:
            spotify.require_right_to_write()
        with nullcontext() if dry_run else lake_lock(settings.data_dir):
            for wanted in wishes:
                try:
                    with console.status(f"{wanted.name} …"):
                        outcome = sync_playlist(
                            settings.data_dir,
                            settings.user_id,
                            spotify,
                            wanted,
                            utc_now(),
                            dry_run=dry_run,
                            is_asked_for=rule is not None,
                        )
                except RateLimitedError:
                    raise
                except ApiError as error:  # the other rules' playlists may be all right
                    typer.echo(f"{wanted.name}: {error}", err=True)
                    failed = True
                else:
                    for line in outcome_in_words(outcome):
                        say(line)
    if failed:
        raise typer.Exit(ExitCode.FAILED)


def map_rule(
    rule: Annotated[str, typer.Argument(help="A rule: its file without suffix, or its name.")],
    playlist: Annotated[
        str, typer.Argument(help="A playlist of yours at Spotify: its id, or its address.")
    ],
    name: Annotated[str | None, typer.Option(help="What it is called here.")] = None,
    keep_edits: Annotated[
        bool | None,
        typer.Option(help="Whether what you change on it by hand stays (at first: no)."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Have a rule keep a playlist that you have already; the next sync writes it."""
    from playlists.rule_sync import map_playlist, playlist_id_in
    from playlists.wanted import slug_of

    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        slug = slug_of(settings, rule)
        playlist_id = playlist_id_in(playlist)
        with lake_lock(settings.data_dir):
            mapping = map_playlist(
                settings.data_dir,
                settings.user_id,
                slug,
                playlist_id,
                utc_now(),
                name=name,
                keep_edits=keep_edits,
            )
    edits = "stay" if mapping.keep_edits else "do not stay"
    say(f"{slug} keeps the playlist {mapping.playlist_id}; your own changes to it {edits}")


def _spotify(settings: Settings) -> "SpotifyPlaylists":
    from clients.auth.spotify_auth import NO_APP_TO_WRITE, TokenKeeper

    if not settings.has_credentials:
        raise SettingsError(NO_APP_TO_WRITE)
    from clients.spotify_playlists import SpotifyPlaylists

    return SpotifyPlaylists(settings, TokenKeeper(settings, utc_now), utc_now)
