"""One run: import what is new, bring every table up to date, report the results."""

import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import (
    Watcher,
    console,
    exit_code_of,
    exit_codes,
    log_to_stderr,
    require_existing,
    say,
    sign_in_here,
)
from cli.exit_codes import ExitCode
from cli.pages import write_pages
from cli.run_log import RunLog, collected, log_notes
from config.clock import utc_now
from config.run_id import given_run_id, new_run_id
from config.settings import DEMO_FOLDER, EXPORTS_FOLDER, Settings, SettingsError, load_settings
from incremental.lake import Lake
from incremental.results import StepResult
from incremental.step import Step
from ingestion.api_session import ApiSession
from ingestion.api_state import save_state
from ingestion.exports import known_exports, known_people
from ingestion.gap_updates import missing_in_words
from ingestion.inputs import (
    Inputs,
    has_no_input,
    left_out_of_demo,
    nothing_to_import,
    own_catalogue,
)
from ingestion.library import LIBRARY
from ingestion.play_gaps import Gap
from ingestion.recent_plays import RECENTLY_PLAYED
from ingestion.sync_kinds import SyncKind
from loaders.privacy_export import Discovery, KnownFiles, find_exports, find_exports_of_people
from pipeline import STEPS, RunOutcome, bytes_to_read, run_pipeline
from report.run_summary import print_notes, print_summary
from schemas.feature_providers import RECCOBEATS
from schemas.ops_schemas import CHECKS, PIPELINE_RUNS
from schemas.play_sources import API
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from writers.lake_lock import lake_lock
from writers.run_logs import append_logs
from writers.unfinished_run import note_begun, note_ended

if TYPE_CHECKING:
    from clients.reccobeats_api import ReccoBeatsApi
    from clients.spotify_api import SpotifyApi

_WARN_EVERY = timedelta(days=1)

log = logging.getLogger("soundlake")
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run_ingestion(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the lake (setting DATA_DIR).")
    ] = None,
    exports: Annotated[
        list[Path] | None,
        typer.Option(help="Zip, folder or file of a privacy export; repeatable."),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="dataset.csv of the Kaggle Spotify Tracks Dataset.")
    ] = None,
    no_api: Annotated[bool, typer.Option("--no-api", help="Do not ask the Web API.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Use a simulated account.")] = False,
    user: Annotated[str | None, typer.Option(help="Whose plays these are.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every file again and rebuild every table.")
    ] = False,
    wait: Annotated[
        int, typer.Option(min=0, help="Minutes to wait for the end of another run.")
    ] = 0,
    only: Annotated[
        SyncKind | None,
        typer.Option(
            help="Ask Spotify for this alone and read no file; no other option but these "
            "goes with it: --data-dir, --user, --wait."
        ),
    ] = None,
) -> None:
    """Import what is new, bring every table up to date, report the results."""
    run_id = given_run_id() or new_run_id(utc_now())
    with exit_codes(data_dir, run_id):
        settings = load_settings(data_dir=data_dir, user_id=user)
        log_to_stderr(settings)
        require_existing([*(exports or []), *([catalogue] if catalogue else [])])
        inputs = Inputs(exports, catalogue)
        # A program that calls the command may choose its steps.
        steps = STEPS if context.obj is None else context.obj
        if only is not None:
            _require_spotify(
                settings, only, left=bool(exports or catalogue or no_api or demo or full)
            )
        code = _run(
            settings,
            inputs,
            run_id,
            steps,
            no_api=no_api,
            demo=demo,
            full=full,
            only=only,
            wait=wait,
        )
        raise typer.Exit(code)


def _run(
    settings: Settings,
    given: Inputs,
    run_id: str,
    steps: Sequence[Step],
    *,
    no_api: bool,
    demo: bool,
    full: bool,
    only: SyncKind | None = None,
    wait: int = 0,
) -> ExitCode:
    notes: list[str] = []
    if demo or has_no_input(settings, given):
        notes += left_out_of_demo(settings, given)
        settings = _simulated_account(settings, notes, wait)
        given = Inputs()
        no_api = True  # a person's own plays must not mix with simulated ones
    with (
        lake_lock(settings.data_dir, run_id, wait=60 * wait),
        collected(settings, run_id) as run_log,
    ):
        people = known_people(settings.data_dir)
        if only is None:
            known = {} if full else known_exports(settings.data_dir, utc_now())
            found = _find_exports(settings, given.exports, known, people)
        else:
            found = Discovery()
        csv = given.catalogue or own_catalogue(settings)
        spotify = None if no_api else _spotify(settings)
        size = partial(bytes_to_read, settings, found, rebuild=full, steps=steps)
        follows_killed = note_begun(settings.data_dir)
        lake_of_run = Lake(
            settings, utc_now(), work_bytes=size, run_id=run_id, follows_killed=follows_killed
        )
        with lake_of_run as lake, Watcher() as watcher:
            log.info("run %s on %s", lake.run_id, settings.data_dir)
            session = None if spotify is None else ApiSession.of(lake, spotify)
            reccobeats = None if session is None else _reccobeats(settings)
            outcome = run_pipeline(
                lake, found, csv, watcher, session, reccobeats, rebuild=full, steps=steps, only=only
            )
        if outcome.has_plays and only is None:
            notes += _notes(settings, found, csv) + _notes_on_api(settings, no_api=no_api)
        notes += _notes_on_people(settings, found, people)
        notes += [missing_in_words(*each) for each in outcome.missing]
        if session is not None:
            notes += session.notes
            if outcome.has_plays and only is None and not outcome.has_failed:
                notes += _synced_playlists(settings)
            notes += [_possible_loss(settings, gap) for gap in session.gaps]
            if ending := session.spotify.warning():
                notes.append(ending)
            _notify(settings, session, ending or session.sign_in_ended, utc_now())
        concerned = lake.changed.get(LISTENING_WITH_FEATURES)
        _tell(settings, outcome, notes, concerned)
        _keep_log(settings, outcome, notes, run_log)
        has_news = outcome.has_news or follows_killed
        if has_news and outcome.has_plays and not outcome.has_failed:
            write_pages(settings, utc_now(), concerned)
        note_ended(settings.data_dir)
        if not outcome.has_plays:
            was_asked = session is not None and not outcome.has_failed
            say(nothing_to_import(settings, given, found, api_was_asked=was_asked))
    return exit_code_of(outcome.results)


def _keep_log(settings: Settings, outcome: RunOutcome, notes: list[str], run_log: RunLog) -> None:
    """Keep what the run logged; a run that changed nothing leaves nothing."""
    if not (outcome.has_written or outcome.has_failed):
        return
    log_notes([(each.name, each.reason) for each in outcome.problems], notes)
    try:
        append_logs(settings.data_dir, outcome.run_id, run_log.rows())
    except OSError as error:  # as on a full disk: what failed was told above
        log.warning("the log of this run is not kept: %s", error)


def _require_spotify(settings: Settings, only: SyncKind, *, left: bool) -> None:
    """Raise SettingsError where Spotify cannot be asked for ``only``, or other options are left."""
    if left:
        raise SettingsError(
            f"--only {only} asks Spotify for nothing else and reads no file: leave out --exports, "
            "--catalogue, --no-api, --demo and --full"
        )
    if not settings.has_credentials:
        raise SettingsError(
            f"--only {only} asks Spotify: set CLIENT_ID and CLIENT_SECRET of your app in .env"
        )


def _tell(
    settings: Settings, outcome: RunOutcome, notes: list[str], concerned: frozenset[str] | None
) -> None:
    problems = [(each.name, each.reason) for each in outcome.problems]
    if outcome.has_written:
        print_summary(console, settings.data_dir, outcome.run_id, concerned)
    print_notes(console, problems, notes)
    for each in outcome.failed:
        console.print(f"[red]failed[/] {_what_is_left(each)}", soft_wrap=True, highlight=False)
    if outcome.has_failed or not outcome.has_plays:
        return
    if not outcome.has_news:
        console.print("nothing new")
    else:
        console.print(f"done: the lake is in {settings.data_dir}", highlight=False)


def _what_is_left(failed: StepResult) -> str:
    """Return in one line the consequences of a failed step, and what to do."""
    if failed.step in (RECENTLY_PLAYED, LIBRARY):
        return f"{failed.step}: nothing else depends on it; the next run asks again"
    if failed.step == CHECKS.full_name:
        return f"{failed.step}: the tables are as computed, but do not agree with each other"
    if failed.step == PIPELINE_RUNS.full_name:
        return f"{failed.step}: all tables are up to date, only the record of this run is missing"
    return (
        f"{failed.step}: everything written before is complete, and the next run continues from it"
    )


def _simulated_account(settings: Settings, notes: list[str], wait: int) -> Settings:
    folder = settings.data_dir / DEMO_FOLDER
    # The simulation's own libraries take half a second to import; real runs need none of them.
    from demo.account import make_demo

    with lake_lock(folder, wait=60 * wait), console.status("making a simulated account …"):
        made = make_demo(folder)
    console.print(
        f"[bold]No export and no credentials: this is a simulated account[/] under {folder}.\n"
        f"Put the zip that Spotify sent you into {settings.data_dir / 'exports'} for your own.",
        highlight=False,
    )
    notes.append("every play here is simulated, none is real")
    return load_settings(data_dir=folder, user_id=settings.user_id, timezone=made.timezone)


def _find_exports(
    settings: Settings, given: list[Path] | None, known: KnownFiles, people: set[str]
) -> Discovery:
    with console.status("looking for exports …"):
        if given:
            return find_exports(given, settings.user_id, known)
        folder = settings.data_dir / EXPORTS_FOLDER
        return find_exports_of_people(folder, settings.user_id, known, people)


def _spotify(settings: Settings) -> "SpotifyApi | None":
    """Return the person's account at Spotify; None where no app is set up."""
    if not settings.has_credentials:
        return None
    # Half a second of imports, which a run on exports only does not need.
    from clients.auth.spotify_auth import TokenKeeper, has_sign_in
    from clients.spotify_api import SpotifyApi

    if not has_sign_in(settings) and sys.stdin.isatty():
        sign_in_here(settings)
    return SpotifyApi(settings, TokenKeeper(settings, utc_now), utc_now)


def _reccobeats(settings: Settings) -> "ReccoBeatsApi | None":
    if not RECCOBEATS.is_wanted(settings.enrich):
        return None
    from clients.reccobeats_api import ReccoBeatsApi

    return ReccoBeatsApi(settings.reccobeats_api_url)


def _synced_playlists(settings: Settings) -> list[str]:
    from playlists.scheduled_sync import sync_due_rules

    return sync_due_rules(settings, utc_now)


def _possible_loss(settings: Settings, gap: Gap) -> str:
    why = {
        "window_full": f"Spotify shows only the last {API.window} plays",
        "outage": "Spotify reported nothing for long",
    }[gap.kind]
    return (
        f"plays may be missing between {gap.lost_from:%Y-%m-%d %H:%M} and "
        f"{gap.lost_until:%Y-%m-%d %H:%M} UTC ({why}): set INGEST_INTERVAL_HOURS below "
        f"{settings.ingest_interval_hours:g}, and import a privacy export, which closes the gap"
    )


def _notify(settings: Settings, session: ApiSession, sign_in: str | None, now: datetime) -> None:
    """Notify of possible losses, and once a day of a sign-in that needs a person."""
    from clients.notify import notify

    for gap in session.gaps:
        notify(settings, "Soundlake: plays may be missing", _possible_loss(settings, gap))
    warned_at = session.state.warned_at
    is_due = warned_at is None or now - warned_at >= _WARN_EVERY
    if sign_in is not None and is_due and notify(settings, "Soundlake: sign in again", sign_in):
        session.state.warned_at = now
        save_state(settings.data_dir, session.user_id, session.state, now)


def _notes(settings: Settings, found: Discovery, catalogue: Path | None) -> list[str]:
    notes = []
    if not found.files:
        notes.append(
            "no streaming history found: put the zip that Spotify sent you into "
            f"{settings.data_dir / 'exports'}, or name it with --exports"
        )
    notes += [f"{name} holds no records" for name in found.empty]
    if catalogue is None:
        notes.append(
            f"no catalogue: put the Kaggle dataset.csv into {settings.data_dir / 'kaggle'} "
            "for real audio features"
        )
    if not settings.allow_synthetic:
        notes.append("ALLOW_SYNTHETIC=false: tracks without measured features have none")
    return notes


def _notes_on_people(settings: Settings, found: Discovery, known: set[str]) -> list[str]:
    """Return a note for each new person that a folder is named after."""
    return [
        f"{folder} names a new person: its plays are kept as those of '{user_id}'; put the files "
        f"of '{settings.user_id}' into {settings.data_dir / 'exports'} itself"
        for user_id, folder in found.people.items()
        if user_id not in known
    ]


def _notes_on_api(settings: Settings, *, no_api: bool) -> list[str]:
    if no_api:
        return ["Web API not asked"]
    if not settings.has_credentials:
        return ["Web API not asked: CLIENT_ID and CLIENT_SECRET are not set"]
    return []


if __name__ == "__main__":
    app()
