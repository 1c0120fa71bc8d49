"""Whether the lake's tables are ones that this release may write, by their logs alone.

Whoever commits to a table says its release in the commit and made sure before that it knew the
table as it was. So a log is read from its end until a commit of a known release.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.settings import SettingsError
from config.version import VERSION
from lake.commit_log import Commit, commits_newest_first
from lake.delta_tables import open_table
from lake.provenance import provenance_of
from schemas import ALL_TABLES
from schemas.lakes import table_folders

READER_VERSION = 1
WRITER_VERSION = 3
"""The versions of the Delta protocol that the project's tables have."""

_LISTED_FEATURES = 7
"""From this writer version on a table lists what it takes to write it."""
_KNOWN_FEATURES = {"appendOnly", "invariants", "checkConstraints"}
_DOTTED = re.compile(r"(\d{1,9}(?:\.\d{1,9})*)(.*)", re.DOTALL)


class NewerLakeError(SettingsError):
    """A newer release, or another program, made the lake; the message is one line with the fix."""


def require_known_release(data_dir: Path) -> None:
    """Raise NewerLakeError where a table is one that this release may not write."""
    declared = {each.path(data_dir): {*each.column_names} for each in ALL_TABLES}
    for path in table_folders(data_dir):
        strange = _strangeness(path, declared.get(path))
        if strange is not None:
            raise NewerLakeError(
                f"the lake in {data_dir} is of a newer version: {path.parent.name}.{path.name} "
                f"{strange}, and this is Soundlake {VERSION}; update Soundlake, or set DATA_DIR to "
                "another folder"
            )


def is_newer(version: str) -> bool:
    """Return whether a version is one after this one; one of an unknown form is."""
    return _order(version) > _order(VERSION)


def _strangeness(path: Path, columns: set[str] | None) -> str | None:
    """Return what of the table at ``path`` this release does not know, None for nothing.

    ``columns`` are those that it declares of the table, None where it knows no such table.
    """
    protocol: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    reached = None
    for commit in commits_newest_first(path):
        reached = commit.version
        provenance = provenance_of(commit)
        version = _version_in(commit) if provenance is None else provenance.soundlake_version
        if version is not None and is_newer(version):
            return f"was written by Soundlake {version}"
        protocol = protocol or _action(commit, "protocol")
        metadata = metadata or _action(commit, "metaData")
        if version is not None:
            break
    else:
        if reached != 0 and protocol is None:
            protocol = _protocol_of_checkpoint(path)
    return _strange_protocol(protocol or {}) or _strange_columns(metadata or {}, columns)


def _strange_protocol(protocol: Mapping[str, Any]) -> str | None:
    reader, writer = protocol.get("minReaderVersion", 1), protocol.get("minWriterVersion", 2)
    listed = {*(protocol.get("writerFeatures") or ()), *(protocol.get("readerFeatures") or ())}
    strange = sorted(listed - _KNOWN_FEATURES)
    is_listed = writer == _LISTED_FEATURES and not strange
    if reader <= READER_VERSION and (writer <= WRITER_VERSION or is_listed):
        return None
    features = f" ({', '.join(strange)})" if strange else ""
    return (
        f"needs Delta's reader version {reader} and writer version {writer}{features}, not "
        f"{READER_VERSION} and {WRITER_VERSION}"
    )


def _strange_columns(metadata: Mapping[str, Any], columns: set[str] | None) -> str | None:
    if columns is None:  # a table that this release neither reads nor writes
        return None
    fields = json.loads(metadata.get("schemaString", '{"fields": []}'))["fields"]
    needed = [each["name"] for each in fields if not each.get("nullable", True)]
    strange = [each for each in needed if each not in columns]
    return f"has the column {strange[0]}, which may not be empty" if strange else None


def _action(commit: Commit, name: str) -> dict[str, Any] | None:
    return next((each[name] for each in commit.actions if name in each), None)


def _version_in(commit: Commit) -> str | None:
    """Return the release in metadata that is not of this release's form."""
    try:
        version = json.loads(commit.user_metadata or "null")["soundlake_version"]
    except (TypeError, KeyError, ValueError):
        return None
    return str(version)


def _protocol_of_checkpoint(path: Path) -> dict[str, Any]:
    """Return the protocol of a table whose log no longer has its first commits."""
    found = open_table(path).protocol()
    return {
        "minReaderVersion": found.min_reader_version,
        "minWriterVersion": found.min_writer_version,
        "readerFeatures": found.reader_features,
        "writerFeatures": found.writer_features,
    }


def _order(version: str) -> tuple[bool, tuple[int, ...], bool, str]:
    """Return what versions are ordered by; a part after the numbers is before the plain version."""
    found = _DOTTED.fullmatch(version.strip())
    if found is None:
        return True, (), False, version
    numbers = [int(each) for each in found.group(1).split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return False, tuple(numbers), not found.group(2), found.group(2)
