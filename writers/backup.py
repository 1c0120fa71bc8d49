"""Back up a lake: every table at its present version, verified, switched to at once.

The lake's lock is held all the while: no run commits and no upkeep deletes. Data files never
change, so that those which the former backup in the folder has are linked (copied again where the
disk knows no hard links). The former backup is valid until the manifest names the new one, and is
deleted then.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from time import monotonic

from config.run_id import new_run_id
from config.settings import SettingsError
from engines import models
from lake.backups import (
    LAKE_PREFIX,
    MANIFEST_FILE,
    UNFINISHED_PREFIX,
    Backup,
    BackupError,
    CopiedFile,
    CopiedTable,
    read_backup,
)
from lake.delta_tables import LOG_FOLDER
from lake.logged_files import LoggedFile, faults_of, log_files, logged_files, table_at
from lake.table_rows import require_plain
from schemas.lakes import table_folders
from schemas.table import is_table
from writers.copies import copy_file, require_apart
from writers.lake_lock import lake_lock


@dataclass(frozen=True)
class BackedUp:
    """What a backup did; ``copied_bytes`` are those of the copied files."""

    backup: Backup
    copied: int
    already_there: int
    copied_bytes: int
    seconds: float


@dataclass
class _Copying:
    """A backup in the making: files of the lake at ``data_dir`` copied to ``staged``."""

    data_dir: Path
    staged: Path
    former: Backup | None
    files: dict[str, CopiedFile] = field(default_factory=dict)
    copied: int = 0
    already_there: int = 0
    copied_bytes: int = 0

    def take(self, file: Path, *, never_changes: bool) -> None:
        """Link a file that the former backup has, else copy it; raises BackupError."""
        name = file.relative_to(self.data_dir).as_posix()
        target = self.staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        known = None if self.former is None else self.former.files.get(name)
        if known is not None and self._is_same(file, known, never_changes=never_changes):
            # The former copy is read back here: where it is damaged the file is copied again.
            if self._link(name, target) and known.is_held_by(target):
                self.files[name] = known
                self.already_there += 1
                return
            target.unlink(missing_ok=True)
        copied = copy_file(file, target)
        if not copied.is_held_by(target):
            raise BackupError(f"{target} reads back differently: use another disk")
        self.files[name] = copied
        self.copied += 1
        self.copied_bytes += copied.size

    def _is_same(self, file: Path, known: CopiedFile, *, never_changes: bool) -> bool:
        return file.stat().st_size == known.size if never_changes else known.is_held_by(file)

    def _link(self, name: str, target: Path) -> bool:
        assert self.former is not None
        try:
            os.link(self.former.lake / name, target)
        except OSError:
            return False
        return True


def back_up(data_dir: Path, folder: Path, state_files: Sequence[str], now: datetime) -> BackedUp:
    """Back up the lake in ``data_dir`` to ``folder``, with small files of these names beside it.

    Raises SettingsError where there is no lake, or ``folder`` is no place for its backup;
    BackupError where a file of the lake is damaged; LakeBusyError.
    """
    began = monotonic()
    require_apart(data_dir, folder)
    _require_room_for_backup(folder)
    with lake_lock(data_dir):
        former = read_backup(folder) if (folder / MANIFEST_FILE).exists() else None
        _require_same_lake(data_dir, former)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_others(folder, former)
        run_id = new_run_id(now)
        staged = folder / f"{UNFINISHED_PREFIX}{run_id}"
        copying = _Copying(data_dir, staged, former)
        try:
            tables = {
                path.relative_to(data_dir).as_posix(): _copy_table(copying, path)
                for path in table_folders(data_dir)
            }
        except OSError:
            # A full disk should not stay full.
            rmtree(staged, ignore_errors=True)
            raise
        if not tables:
            raise SettingsError(f"no lake in {data_dir} yet: start a run (make run)")
        for name in state_files:
            if (data_dir / name).is_file():
                copying.take(data_dir / name, never_changes=False)
        name = f"{LAKE_PREFIX}{run_id}"
        staged.rename(folder / name)
        backup = Backup(folder, name, now.isoformat(), tables, copying.files)
        backup.write()
        _remove_others(folder, backup)
    return BackedUp(
        backup, copying.copied, copying.already_there, copying.copied_bytes, monotonic() - began
    )


def _copy_table(copying: _Copying, path: Path) -> CopiedTable:
    """Copy a table's log and the data files of its present version; raises BackupError."""
    delta = table_at(path)
    require_plain(path.name, delta)
    files = logged_files(path)
    for each in files:
        if not (path / each.path).is_file():
            raise BackupError(
                f"{path / each.path} is missing, so the lake is not whole: `main.py verify` lists "
                "what is; the former backup stays as it is"
            )
        copying.take(path / each.path, never_changes=True)
    for file in log_files(path):
        copying.take(file, never_changes=False)
    copy = copying.staged / path.relative_to(copying.data_dir)
    # A new table without rows has no file but its log.
    _require_sound(copy, path, files, delta.version())
    counts = [each.rows for each in files]
    rows = None if None in counts else sum(each for each in counts if each is not None)
    return CopiedTable(delta.version(), str(delta.metadata().id), rows)


def _require_sound(copy: Path, path: Path, files: list[LoggedFile], version: int) -> None:
    """Raise BackupError where the copy of a table differs from what the table's log says."""
    fault = next(faults_of(copy, files), None)
    if fault is None and table_at(copy).version() != version:
        fault = f"{LOG_FOLDER} opens at another version than {version}"
    if fault is not None:
        raise BackupError(
            f"the copy of {path} is not sound ({fault}): `main.py verify` says whether the lake "
            "is; the former backup stays as it is"
        )


def _require_room_for_backup(folder: Path) -> None:
    """Raise SettingsError where a folder holds something else than backups."""
    if not folder.exists() or (folder / MANIFEST_FILE).exists():
        return
    if not folder.is_dir() or any(True for _ in _strangers(folder)):
        raise SettingsError(f"{folder} holds something else: name an empty folder or a new one")


def _strangers(folder: Path) -> Iterator[Path]:
    own = (LAKE_PREFIX, UNFINISHED_PREFIX, MANIFEST_FILE)
    return (each for each in folder.iterdir() if not each.name.startswith(own))


def _require_same_lake(data_dir: Path, former: Backup | None) -> None:
    """Raise SettingsError where the former backup is of another lake, which would be lost."""
    for name, copied in () if former is None else former.tables.items():
        path = data_dir / name
        if not name.startswith("bronze/") or path.name in models.files():
            continue
        if not is_table(path) or str(table_at(path).metadata().id) != copied.table_id:
            raise SettingsError(
                f"the backup there is of another lake: {name} in {data_dir} is missing or was "
                "created again; name another folder, or restore that backup"
            )


def _remove_others(folder: Path, kept: Backup | None) -> None:
    """Remove what interrupted backups left, and the one that was replaced."""
    for each in folder.iterdir():
        is_own = each.name.startswith((LAKE_PREFIX, UNFINISHED_PREFIX))
        if is_own and each.is_dir() and (kept is None or each.name != kept.lake_name):
            rmtree(each, ignore_errors=True)
