"""Commands by which nothing is lost: a backup, its way back, one table's way back, the proof."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Watcher, exit_codes, log_to_stderr, say, settings_of_command
from cli.exit_codes import ExitCode
from cli.lakes import DataDir, settings_of_lake
from clients.auth.token_file import TOKEN_FILE
from config.clock import utc_now
from config.settings import MAINTAINED_FILE, Settings, SettingsError
from ingestion.api_state import STATE_FILE
from ingestion.kept_from import KEPT_FROM_FILE
from report.export_table import KEY_FILE

STATE_FILES = (STATE_FILE, KEPT_FROM_FILE, MAINTAINED_FILE, KEY_FILE)
"""Small files beside the tables that belong to a lake. The sign-in is asked for by itself."""

Folder = Annotated[Path, typer.Argument(help="Folder of the backup, outside of the lake.")]


def back_up_lake(
    folder: Folder,
    with_sign_in: Annotated[
        bool, typer.Option("--with-sign-in", help="Copy the sign-in to Spotify too.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Copy every table as it is now to a folder, verified; from the second time on what is new."""
    from writers.backup import back_up

    with settings_of_command(data_dir) as settings:
        names = (*STATE_FILES, TOKEN_FILE) if with_sign_in else STATE_FILES
        with Watcher() as watcher, watcher.working(f"backup to {folder}"):
            done = back_up(settings.data_dir, folder, names, utc_now())
        say(
            f"backup: {len(done.backup.tables):,} tables, {done.copied:,} files copied "
            f"({done.copied_bytes / 1e6:,.1f} MB), {done.already_there:,} already there, "
            f"{done.seconds:.1f} s; read back and sound: {done.backup.lake}"
        )


def restore_lake(
    folder: Folder,
    yes: Annotated[
        bool, typer.Option("--yes", help="Move a lake that is there aside, and replace it.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Take the lake of a backup back; one that is there is moved aside, never deleted."""
    from writers.restore import restore

    with settings_of_command(data_dir) as settings:
        with Watcher() as watcher, watcher.working(f"restoring {folder}"):
            done = restore(settings.data_dir, folder, STATE_FILES, utc_now(), replaces=yes)
        say(
            f"restored the backup of {_shown(done.backup.made_at, settings)}: "
            f"{len(done.backup.tables):,} tables, {done.seconds:.1f} s, read back and sound"
        )
        if done.aside is not None:
            say(f"the lake that was there is in {done.aside}: delete it when you miss nothing")


def roll_back_table(
    table: Annotated[str, typer.Option(help="Table, such as gold.mood_clusters.")],
    to: Annotated[str, typer.Option(help="A version, or a time such as 2026-01-31T18:00.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Let rows go that no run computes again.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring one table back to an earlier version, by a new commit."""
    from engines import models
    from report.export_table import find_table
    from writers.rollback import roll_back

    with settings_of_command(data_dir) as settings:
        found = find_table(table)
        is_computed = found.name in models.files()
        with Watcher() as watcher, watcher.working(f"{found.full_name} back to {to}"):
            done = roll_back(
                found,
                settings.data_dir,
                _version_or_time(to, settings),
                utc_now(),
                may_lose_rows=yes or is_computed,
            )
        if done.version == done.target:
            say(f"{found.full_name} is at version {done.target}: nothing to do")
            return
        say(
            f"{found.full_name} is as in version {done.target} again, as version {done.version}: "
            f"{done.rows_after:,} rows instead of {done.rows_before:,}, {done.gone:,} of them gone"
        )
        if is_computed:
            say(
                "The next run keeps it where its inputs, settings and models are those of version "
                f"{done.target}, else computes it again; it recomputes the tables that read it."
            )
        else:
            say(
                "The next run recomputes the tables that read it. Files that were imported are "
                "read again by `run_ingestion.py --full` alone."
            )


def verify_lake(
    against: Annotated[
        Path | None, typer.Option(help="A backup, every record of which must still be there.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Check every file, row and count of the lake; each finding is a line, exit code 1 with any."""
    from lake.backups import read_backup
    from lake.verification import Verification
    from writers.lake_lock import lake_lock

    with exit_codes(data_dir):
        settings = settings_of_lake(data_dir)
        log_to_stderr(settings)
        backup = None if against is None else read_backup(against)
        findings = 0
        # No run changes one of two tables while they are compared.
        with lake_lock(settings.data_dir), Watcher() as watcher:
            verification = Verification(settings.data_dir, backup)
            for title, found in verification.stages():
                with watcher.working(title):
                    for finding in found:
                        findings += 1
                        say(finding)
        of_all = f"{verification.files:,} files with {verification.rows:,} rows in the tables"
        say(f"{of_all}: {'nothing to report' if not findings else f'{findings:,} findings'}")
        if findings:
            say(
                "What is computed is repaired by `run_ingestion.py --full`; bronze by "
                "`main.py restore`, or by importing the exports again."
            )
            raise typer.Exit(ExitCode.FAILED)


def _version_or_time(text: str, settings: Settings) -> int | datetime:
    if text.isdigit():
        return int(text)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"--to {text} is neither a version nor a time: write 12, or 2026-01-31T18:00"
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=settings.zone)


def _shown(instant: str, settings: Settings) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(settings.zone):%Y-%m-%d %H:%M}"
