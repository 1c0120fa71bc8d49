"""Read a table's Delta log directly: which commits changed rows, which files they added or removed.

The log has one JSON file per commit, as the Delta protocol specifies. A Delta library needs a third
of a second of imports for the same, which is most of the time a run with nothing new may take.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

CHECKSUMS = "sha256"
"""Key in a commit's information of the checksums of the files that it added."""


@dataclass(frozen=True)
class Commit:
    """One commit of a Delta table: its version and its actions as in the log."""

    table: Path
    version: int
    actions: tuple[dict[str, Any], ...]

    @property
    def user_metadata(self) -> str | None:
        """The metadata that the writer stored."""
        metadata: str | None = self._info.get("userMetadata")
        return metadata

    @property
    def rows_written(self) -> int:
        """Rows in the files it added; 0 where the writer did not say."""
        return int(self._info.get("operationMetrics", {}).get("numOutputRows", 0))

    @property
    def committed_at(self) -> datetime | None:
        """The instant of the commit, UTC; None where the writer did not say."""
        stamp = self._info.get("timestamp")
        return None if stamp is None else datetime.fromtimestamp(stamp / 1000, UTC)

    @property
    def checksums(self) -> Mapping[str, str]:
        """SHA-256 of data files by their path below the table, as far as the writer recorded it."""
        recorded: Mapping[str, str] = self._info.get(CHECKSUMS, {})
        return recorded

    @property
    def _info(self) -> dict[str, Any]:
        return next((each["commitInfo"] for each in self.actions if "commitInfo" in each), {})

    @cached_property
    def added_files(self) -> frozenset[Path]:
        """The data files added, which may hold old rows too."""
        return self._files("add")

    @cached_property
    def removed_files(self) -> frozenset[Path]:
        """The data files removed; on disk until a VACUUM."""
        return self._files("remove")

    @property
    def changes_rows(self) -> bool:
        """Whether rows changed: not so in compaction, upkeep and changes of properties."""
        return any(self._changes("add")) or any(self._changes("remove"))

    @property
    def partition_columns(self) -> frozenset[str] | None:
        """The columns by which its files are partitioned, None where it names no file."""
        of_files = (each["add"]["partitionValues"] for each in self.actions if "add" in each)
        found = next(of_files, None)
        return None if found is None else frozenset(found)

    def _files(self, kind: str) -> frozenset[Path]:
        return frozenset(self.table / unquote(each["path"]) for each in self._changes(kind))

    def _changes(self, kind: str) -> Iterator[dict[str, Any]]:
        changes = (each[kind] for each in self.actions if kind in each)
        return (each for each in changes if each.get("dataChange", True))


def newest_version(table: Path) -> int | None:
    """Return the version of a table, None where there is no table."""
    return max(_versions(table), default=None)


def newest_commit(table: Path) -> Commit:
    """Return the last commit of a table that exists."""
    return next(commits_newest_first(table))


def commits_after(table: Path, version: int) -> list[Commit] | None:
    """Return the commits after ``version``, oldest first; None where the log lost some."""
    versions = _versions(table)
    wanted = range(version + 1, max(versions, default=-1) + 1)
    if version > wanted.stop - 1 or not set(wanted) <= set(versions):
        return None
    return [_read(table, each) for each in wanted]


def newest_change(table: Path, until: int | None = None) -> Commit | None:
    """Return the last commit (``until`` a version) that changed rows, as far as the log goes back.

    One with provenance counts too: a table may rightly be computed without any row.
    """
    commits = commits_newest_first(table, until)
    return next((each for each in commits if each.changes_rows or each.user_metadata), None)


def commits_newest_first(table: Path, until: int | None = None) -> Iterator[Commit]:
    """Yield the commits that the log still has, ``until`` a version or all, the newest first."""
    for version in sorted(_versions(table), reverse=True):
        if until is None or version <= until:
            yield _read(table, version)


def recorded_checksums(table: Path) -> dict[str, str]:
    """Return the SHA-256 of data files by their path below the table, where the log has it."""
    found: dict[str, str] = {}
    for commit in commits_newest_first(table):
        found = {**commit.checksums, **found}
    return found


def _versions(table: Path) -> list[int]:
    names = (each.stem for each in (table / "_delta_log").glob("*.json"))
    return [int(name) for name in names if name.isdigit()]


def _read(table: Path, version: int) -> Commit:
    file = table / "_delta_log" / f"{version:020}.json"
    status = file.stat()
    return _read_once(table, version, file, status.st_ino, status.st_mtime_ns)


# A run asks for the same commits some three times. A rebuilt table has other files.
@lru_cache(maxsize=64)
def _read_once(table: Path, version: int, file: Path, inode: int, modified: int) -> Commit:
    lines = file.read_text(encoding="utf-8").splitlines()
    return Commit(table, version, tuple(json.loads(line) for line in lines if line))
