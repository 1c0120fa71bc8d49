"""Bring one table back to an earlier version, by a new commit: what came after stays readable.

The commit names what the rows of that version were computed from. So the next run recomputes the
table where its inputs, settings or models have changed since, and everything that reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from deltalake import CommitProperties
from deltalake.exceptions import DeltaError

from config.run_id import new_run_id
from config.settings import SettingsError
from config.version import VERSION
from engines.parquet import scan
from engines.scratch_database import session
from lake.commit_log import commits_newest_first, newest_change, newest_version
from lake.logged_files import LoggedFile, logged_files, table_at
from lake.provenance import Provenance, provenance_of
from lake.table_rows import require_plain
from schemas.table import Table
from writers.lake_lock import lake_lock

_VERSIONS_NAMED = 10


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did: the ``target`` version, the one it made, rows before and after.

    ``gone`` are the rows whose key the table no longer has.
    """

    target: int
    version: int
    rows_before: int
    rows_after: int
    gone: int


class RowsWouldGoError(SettingsError):
    """Rows that no run brings back would go; the message is one line with their number."""


def roll_back(
    table: Table,
    data_dir: Path,
    to: int | datetime,
    now: datetime,
    *,
    may_lose_rows: bool,
) -> RolledBack:
    """Bring a table back to a version, or to the one it had at an instant.

    Raises SettingsError where there is no such version any more, naming those there are;
    RowsWouldGoError unless ``may_lose_rows``; LakeBusyError.
    """
    path = table.path(data_dir)
    with lake_lock(data_dir):
        newest = newest_version(path)
        if newest is None:
            raise SettingsError(f"no {table.full_name} in {data_dir} yet: start a run (make run)")
        target = _version_of(table, path, to)
        files = _files_at(path, target)
        if files is None:
            raise SettingsError(_no_version(table, path, to))
        before = _rows(table, path, newest, logged_files(path))
        after = _rows(table, path, target, files)
        with session() as connection:
            counts = (
                f"SELECT (SELECT count(*) FROM ({before})), (SELECT count(*) FROM ({after})), "
                f"(SELECT count(*) FROM ({before}) ANTI JOIN ({after}) "
                f"USING ({', '.join(table.key)}))"
            )
            ((rows_before, rows_after, gone),) = connection.execute(counts).fetchall()
        if gone and not may_lose_rows:
            raise RowsWouldGoError(
                f"{gone:,} of the {rows_before:,} rows of {table.full_name} came after version "
                f"{target} and would go, and no run computes them again: --yes lets them go"
            )
        if target != newest:
            _restore(table, path, target, now)
        version = newest_version(path)
    return RolledBack(target, newest if version is None else version, rows_before, rows_after, gone)


def _restore(table: Table, path: Path, target: int, now: datetime) -> None:
    change = newest_change(path, until=target)
    made_from = None if change is None else provenance_of(change)
    run_id = new_run_id(now)
    if made_from is None:
        # Equal to what no step would compute now: the next run computes the table again.
        made_from = Provenance(run_id, table.full_name, {}, {}, f"version {target}")
    provenance = replace(made_from, run_id=run_id, affected=None, soundlake_version=VERSION)
    delta = table_at(path)
    require_plain(table.full_name, delta)
    delta.restore(
        target,
        ignore_missing_files=True,  # that none is missing has been looked at
        commit_properties=CommitProperties(custom_metadata={"userMetadata": provenance.to_json()}),
    )


def _version_of(table: Table, path: Path, to: int | datetime) -> int:
    """Return the version to go back to; raises SettingsError where the log has none as old."""
    if isinstance(to, int):
        return to
    for commit in commits_newest_first(path):
        if commit.committed_at is not None and commit.committed_at <= to:
            return commit.version
    raise SettingsError(_no_version(table, path, to))


def _files_at(path: Path, version: int) -> list[LoggedFile] | None:
    """Return the data files of a version; None where the log or a file of it is gone."""
    if version < 0:
        return None
    try:
        files = logged_files(path, version)
    except DeltaError:
        return None
    return files if all((path / each.path).is_file() for each in files) else None


def _rows(table: Table, path: Path, version: int, files: list[LoggedFile]) -> str:
    columns = {each.name for each in table_at(path, version).schema().fields}
    return scan(table, [path / each.path for each in files], columns)


def _no_version(table: Table, path: Path, to: int | datetime) -> str:
    wanted = f"version {to}" if isinstance(to, int) else f"version of {to:%Y-%m-%d %H:%M %Z}"
    named = list(
        islice(_versions_there(path, None if isinstance(to, int) else to), _VERSIONS_NAMED)
    )
    return f"{table.full_name} has no {wanted}; there are, the newest first: {', '.join(named)}"


def _versions_there(path: Path, to: datetime | None) -> Iterator[str]:
    """Yield the versions that a table can go back to, the newest first, with their instants."""
    zone = None if to is None else to.tzinfo
    for commit in commits_newest_first(path):
        if _files_at(path, commit.version) is not None:
            at = commit.committed_at
            shown = "" if at is None else f" ({at.astimezone(zone):%Y-%m-%d %H:%M %Z})"
            yield f"{commit.version}{shown}"
