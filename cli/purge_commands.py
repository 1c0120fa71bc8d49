"""The command that purges a person, or what they played before a date."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import typer

from cli.console import Watcher, exit_code_of, say, settings_of_command
from cli.exit_codes import ExitCode
from cli.person_files import PersonFiles, exports_elsewhere, person_files
from config.clock import utc_now
from config.settings import Settings, SettingsError
from incremental.results import Observer, StepResult
from ingestion.api_state import STATE_FILE, people_with_state, states_of_others
from ingestion.kept_from import KEPT_FROM_FILE, kept_from, kept_from_after
from lake.people import people_of, rows_about
from report.page.write import page_of, write_page
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import MY_TRACKS_FEATURES
from schemas.ops_schemas import LOGS
from writers.lake_lock import lake_lock
from writers.purge import SOURCES, Purge, checks_that_go, features_that_go, purge
from writers.replacement import not_deleted

Compute = Callable[[Settings, Path, datetime, Observer], list[StepResult]]

_FILES_NAMED = 5


def purge_person(
    user: str,
    before: datetime | None,
    data_dir: Path | None,
    compute: Compute,
    *,
    exports: bool,
    yes: bool,
) -> None:
    """Show what goes; purge it once that is confirmed.

    ``compute`` computes all tables of a lake that has only what was imported.
    """
    with settings_of_command(data_dir) as settings:
        if before is not None and exports:
            raise SettingsError(
                "--exports deletes whole files, which hold later records too: leave it out; "
                "what was played before --before is not imported from them again"
            )
        since = None if before is None else before.replace(tzinfo=settings.zone).astimezone(UTC)
        purged = Purge(user, since)
        if not settings.data_dir.is_dir():
            raise SettingsError(f"there is no folder {settings.data_dir}: set DATA_DIR")
        with lake_lock(settings.data_dir):
            pass  # a purge that was interrupted is finished: what is left is shown
        files = person_files(settings, purged, with_exports=exports)
        _require_known(settings, purged, files)
        _show(settings, purged, files)
        if not yes and not _is_confirmed():
            say("nothing was purged")
            return
        pages = _pages(settings.data_dir)
        with lake_lock(settings.data_dir), Watcher() as watcher:
            files = person_files(settings, purged, with_exports=exports)
            elsewhere = exports_elsewhere(settings, user)
            now = utc_now()

            def compute_in(folder: Path) -> None:
                there = settings.model_copy(update={"data_dir": folder})
                results = compute(there, settings.data_dir, now, watcher)
                if exit_code_of(results):
                    say("nothing was purged: the lake is as it was")
                    raise typer.Exit(ExitCode.FAILED)

            state = {KEPT_FROM_FILE: kept_from_after(settings.data_dir, user, since)}
            if since is None:
                state[STATE_FILE] = states_of_others(settings.data_dir, user)
            purge(settings.data_dir, purged, state, [*files.deleted], compute_in, now)
            for person in pages:
                if person in people_of(settings.data_dir):
                    write_page(settings.data_dir, person, now)
        _report(settings, purged, files, elsewhere)


def _require_known(settings: Settings, purged: Purge, files: PersonFiles) -> None:
    """Raise SettingsError where nothing here is about the person."""
    data_dir = settings.data_dir
    people = people_of(data_dir)
    if purged.user_id in {*people, *people_with_state(data_dir), *kept_from(data_dir)}:
        return
    if purged.user_id and purged.before is None and files.is_known:
        return
    named = ", ".join(people) or "nobody"
    raise SettingsError(f"nothing in {data_dir} is about --user {purged.user_id}; there is {named}")


def _show(settings: Settings, purged: Purge, files: PersonFiles) -> None:
    """Show what goes, by table and by file."""
    data_dir = settings.data_dir
    if purged.before is None:
        say(f"Of {purged.user_id} all of this goes:")
        rows = {
            table.full_name: count for table, count in rows_about(data_dir, purged.user_id).items()
        }
    else:
        day = f"{purged.before.astimezone(settings.zone):%Y-%m-%d} ({settings.timezone})"
        say(f"Of {purged.user_id} what was played before {day} goes:")
        rows = {
            table.full_name: count
            for table in SOURCES
            if "user_id" in table.column_names
            for count in rows_about(data_dir, purged.user_id, [table], purged.goes(table)).values()
        }
    if MY_TRACKS_FEATURES.exists(data_dir) and (going := features_that_go(data_dir, purged)):
        rows[f"{MY_TRACKS_FEATURES.full_name} (tracks nobody else played)"] = going
    has_checks = purged.before is not None and AVAILABILITY_CHECKS.exists(data_dir)
    if has_checks and (going := checks_that_go(data_dir, purged)):
        rows[f"{AVAILABILITY_CHECKS.full_name} (tracks of these plays alone)"] = going
    for name, count in rows.items():
        say(f"  {name:58}{count:>11,} rows")
    if LOGS.exists(data_dir):
        say(f"  {LOGS.full_name:58}      every line, and the errors in ops.pipeline_runs")
    for path, why in files.deleted.items():
        say(f"  {path}: {why}")
    say(
        "Every table is rewritten from what stays, without earlier versions: "
        "`rollback` goes back no further than today."
    )


def _is_confirmed() -> bool:
    if not _is_at_a_terminal():
        raise SettingsError("nothing was purged: --yes does it without asking at a terminal")
    return typer.confirm("Purge it? Nothing brings it back")


def _is_at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _pages(data_dir: Path) -> list[str]:
    """Return the people whose page was written."""
    return [each for each in people_of(data_dir) if page_of(data_dir, each).exists()]


def _report(settings: Settings, purged: Purge, files: PersonFiles, elsewhere: list[Path]) -> None:
    """Say what is done, and what is left that a purge does not reach."""
    say(f"{purged.in_words}: the lake in {settings.data_dir} is as if that had never been imported")
    for path in not_deleted(settings.data_dir):
        say(f"{path} could not be deleted: every run tries again, or delete it yourself")
    if purged.before is not None:
        say("Exports that hold it stay; it is not imported from them again.")
    elif files.exports_left:
        named = ", ".join(map(str, files.exports_left[:_FILES_NAMED]))
        say(
            f"The next run imports again from {named}: purge once more with --exports, or delete it"
        )
    if elsewhere:
        named = ", ".join(map(str, elsewhere[:_FILES_NAMED]))
        say(f"Outside of the lake are still {named}")
    if files.is_signed_in_as_other:
        say(f"The sign-in at Spotify stays: it is that of USER_ID={settings.user_id}.")
    if purged.before is None and purged.user_id == settings.user_id:
        say("USER_ID names the person: set another one before the next run (.env).")
        if settings.spotify_refresh_token is not None or settings.spotipy_cache is not None:
            say("SPOTIFY_REFRESH_TOKEN and SPOTIPY_CACHE still sign in: remove them (.env).")
    say("Backups and copies made before still hold it: delete them (docs/SECURITY.md).")
