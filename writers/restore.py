"""Restore a lake from a backup: verified before anything is replaced, the former lake kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from time import monotonic

from config.run_id import new_run_id
from config.settings import SettingsError
from lake.backups import Backup, BackupError, read_backup
from lake.logged_files import faults_of, logged_files, table_at
from schemas import ALL_TABLES
from schemas.lakes import table_folders
from writers.copies import copy_file, require_apart
from writers.lake_lock import lake_lock
from writers.replacement import replace_lake

REPLACED_PREFIX = ".replaced-"
STAGED_PREFIX = ".restoring-"


@dataclass(frozen=True)
class Restored:
    """What was restored; ``aside`` is where the former lake is now, if there was one."""

    backup: Backup
    aside: Path | None
    seconds: float


def restore(
    data_dir: Path,
    folder: Path,
    state_files: Collection[str],
    now: datetime,
    *,
    replaces: bool = False,
) -> Restored:
    """Restore the backup in ``folder`` to ``data_dir``.

    An existing lake is moved aside if ``replaces`` is set, with its ``state_files``;
    files of such names that the backup lacks are put away too. Whatever happens, the lake is the
    old one or the new one. Raises SettingsError where a lake stands there or there is no backup,
    BackupError where it is damaged, LakeBusyError.
    """
    began = monotonic()
    require_apart(data_dir, folder)
    backup = read_backup(folder)
    with lake_lock(data_dir):
        if table_folders(data_dir) and not replaces:
            raise SettingsError(
                f"there is a lake in {data_dir}: with --yes it is moved to a folder "
                f"{REPLACED_PREFIX}… in it, and the backup takes its place"
            )
        for left in data_dir.glob(f"{STAGED_PREFIX}*"):
            rmtree(left, ignore_errors=True)
        run_id = new_run_id(now)
        staged, aside = (data_dir / f"{each}{run_id}" for each in (STAGED_PREFIX, REPLACED_PREFIX))
        try:
            _copy(backup, staged)
        except (OSError, BackupError):
            rmtree(staged, ignore_errors=True)
            raise
        layers = {each.layer for each in ALL_TABLES}
        put_away = {*layers, *state_files}
        replace_lake(data_dir, staged, aside, [each.name for each in staged.iterdir()], put_away)
    return Restored(backup, aside if aside.exists() else None, monotonic() - began)


def _copy(backup: Backup, staged: Path) -> None:
    """Copy the lake of a backup and read it back; raises BackupError where a file is damaged."""
    for name, known in backup.files.items():
        source, target = backup.lake / name, staged / name
        if not source.is_file() or copy_file(source, target) != known:
            raise BackupError(
                f"the backup is damaged: {source} is not what was copied there; nothing was "
                "restored"
            )
        if not known.is_held_by(target):
            raise BackupError(f"{target} reads back differently: nothing was restored")
    for name, table in backup.tables.items():
        path = staged / name
        fault = next(faults_of(path, logged_files(path)), None)
        if fault is not None or table_at(path).version() != table.version:
            why = fault or f"it opens at another version than {table.version}"
            raise BackupError(f"the backup of {name} is not sound ({why}): nothing was restored")
