"""Find and read the privacy exports that Spotify sends, however they are packed.

A file is recognised by its first records, not by its name: Spotify has renamed these files several
times.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from loaders.archives import MAX_BYTES_AT_ONCE, Found, Refused, open_content, search
from loaders.export_names import (
    HISTORY_NAME,
    file_type,
    is_companion,
    is_of_the_system,
    names_a_person,
)
from loaders.json_records import READ_ERRORS, Damage, failure_of, records_of
from loaders.personal_fields import less_personal_fields
from schemas.play_sources import file_kinds

NO_HISTORY = (
    "holds no streaming history: ask for the extended streaming history at "
    "https://www.spotify.com/account/privacy and give the zip that Spotify sends"
)
_EMPTY = "empty"
_RECORDS_TO_SNIFF = 20
_BYTES_TO_SNIFF = 64 * 1024
# About how much larger the JSON of a packed file is.
_PACKED_RATIO = 20


@dataclass(frozen=True)
class ExportFile:
    """One file of streaming history, loose or in archives (the members ``inside``)."""

    user_id: str
    path: Path
    inside: tuple[str, ...]
    kind: str
    fingerprint: str

    @property
    def size(self) -> int:
        """Bytes of its JSON, unpacked; an estimate where the file itself is compressed."""
        size = _size_of(self.fingerprint)
        return size * _PACKED_RATIO if file_type(Path(self.name).name) == "packed" else size

    @property
    def name(self) -> str:
        """The file as tables and messages name it: ``folder/file.json`` or ``a.zip!member``."""
        return _display_name(self.path, self.inside)


@dataclass(frozen=True)
class FileProblem:
    """A file that could not be imported, with the reason and the fix in one line."""

    user_id: str
    name: str
    reason: str


KnownFiles = Mapping[tuple[str, str], str]
"""The kind of files that were imported before, by name and fingerprint: not to be opened again."""


@dataclass
class Discovery:
    """The result of a search: files to read, files that are broken or foreign, files skipped.

    ``without_history`` are archives of Spotify's that hold something else, such as its technical
    log; ``people`` are those that a folder is named after, with the folder; ``known`` is what was
    known before.
    """

    files: list[ExportFile] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    without_history: list[str] = field(default_factory=list)
    people: dict[str, Path] = field(default_factory=dict)
    known: KnownFiles = field(default_factory=dict)


def find_exports(
    paths: Iterable[Path], user_id: str, known: KnownFiles = MappingProxyType({})
) -> Discovery:
    """Search files and folders, and the archives in them, for streaming history of ``user_id``.

    Bad ones become problems, never exceptions. Results are in the order of their paths, so that two
    machines agree. Files that are ``known`` are not opened to see what they are.
    """
    found = Discovery(known=known)
    for path in paths:
        _look_below(path, user_id, found)
    _name_archives(found, user_id)
    return found


def find_exports_of_people(
    folder: Path,
    default_user_id: str,
    known: KnownFiles = MappingProxyType({}),
    people: Iterable[str] = (),
) -> Discovery:
    """Search the lake's own exports folder, where a sub-folder may name a person.

    A sub-folder named by a user id, rather than by a usual name for a folder of exports, holds that
    person's files, and so does one of the known ``people``; everything else belongs to
    ``default_user_id``.
    """
    found, known_people = Discovery(known=known), {*people}
    if not folder.is_dir():
        return found
    for entry in sorted(folder.iterdir()):
        if is_of_the_system((entry.name,)):
            continue
        user_id = default_user_id
        if entry.is_dir() and (entry.name in known_people or names_a_person(entry.name)):
            user_id = entry.name
        files_before = len(found.files)
        _look_below(entry, user_id, found)
        if user_id != default_user_id and len(found.files) > files_before:
            found.people[user_id] = entry
    _name_archives(found, default_user_id)
    return found


def read_records(file: ExportFile) -> list[Any] | Iterator[Any]:
    """Return the records of a file, less personal fields.

    An unreadable record is replaced by a ``Damage``. A file of usual size is read at once, as a
    list; a large or damaged one record by record.
    """
    whole = _read_whole(file)
    if not isinstance(whole, list):
        return map(less_personal_fields, _read_one_by_one(file, whole))
    return [less_personal_fields(each) for each in whole]


def _read_whole(file: ExportFile) -> list[Any] | Damage | None:
    """Return the list that a file holds.

    A ``Damage`` where it cannot be unpacked whole; None where it is too large or no sound list.
    """
    # Most commands read no export.
    import orjson

    try:
        with open_content(file.path, file.inside, _size_of(file.fingerprint)) as stream:
            content = stream.read(MAX_BYTES_AT_ONCE + 1)
        found = orjson.loads(content) if len(content) <= MAX_BYTES_AT_ONCE else None
    except orjson.JSONDecodeError:
        return None
    except READ_ERRORS as error:
        return Damage(failure_of(error))
    is_plain = isinstance(found, list) and not any(type(each) is list for each in found)
    return found if is_plain else None


def _read_one_by_one(file: ExportFile, failure: Damage | None) -> Iterator[Any]:
    """Yield the records of a file; of one with a ``failure`` those that are readable."""
    size, is_reported = _size_of(file.fingerprint), failure is None
    try:
        with open_content(file.path, file.inside, size, checked=failure is None) as stream:
            for record in records_of(stream):
                is_reported = is_reported or isinstance(record, Damage)
                yield record
    except READ_ERRORS as error:
        failure, is_reported = failure or Damage(failure_of(error)), False
    if not is_reported:
        yield failure


def _size_of(fingerprint: str) -> int:
    return int(fingerprint.partition("-")[0])


def _display_name(path: Path, inside: tuple[str, ...]) -> str:
    return "!".join((str(path), *inside))


def _look_below(path: Path, user_id: str, found: Discovery) -> None:
    for file in _files_below(path, user_id, found):
        if is_of_the_system(file.relative_to(path).parts or (file.name,)):
            continue
        before, left_alone = _number_found(found), len(found.left_alone)
        for each in search(file):
            name = _display_name(each.path, each.inside)
            if isinstance(each, Refused):
                found.problems.append(FileProblem(user_id, name, each.reason))
            else:
                _sort_in(each, name, user_id, found)
        if file_type(file.name) in ("zip", "tar") and _number_found(found) == before:
            if len(found.left_alone) > left_alone:
                found.without_history.append(str(file))
            else:
                found.problems.append(FileProblem(user_id, str(file), NO_HISTORY))


def _number_found(found: Discovery) -> int:
    return len(found.files) + len(found.problems) + len(found.empty)


def _name_archives(found: Discovery, user_id: str) -> None:
    """Report archives without a history as problems where no history was found elsewhere."""
    if not (found.files or found.empty):
        found.problems += (FileProblem(user_id, name, NO_HISTORY) for name in found.without_history)


def _files_below(path: Path, user_id: str, found: Discovery) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        return sorted(each for each in path.rglob("*") if each.is_file())
    except OSError as error:
        found.problems.append(FileProblem(user_id, str(path), failure_of(error)))
        return []


def _sort_in(file: Found, name: str, user_id: str, found: Discovery) -> None:
    parts = PurePosixPath(file.inside[-1] if file.inside else file.path).parts
    kind: str | Damage | None
    kind = found.known.get((name, file.fingerprint)) or _kind_of(file, parts[-1])
    if kind == _EMPTY:
        found.empty.append(name)
    elif isinstance(kind, str):
        found.files.append(ExportFile(user_id, file.path, file.inside, kind, file.fingerprint))
    elif is_companion(parts[-1], parts[:-1] if file.inside else parts[-2:-1]):
        found.left_alone.append(name)
    elif isinstance(kind, Damage) and (not file.inside or HISTORY_NAME.search(parts[-1])):
        found.problems.append(FileProblem(user_id, name, kind.detail))
    elif not file.inside:
        reason = "is not a Spotify streaming history: remove it from the exports folder"
        found.problems.append(FileProblem(user_id, name, reason))


def _kind_of(file: Found, file_name: str) -> str | Damage | None:
    """Return the kind of a history file, by the keys of its first records.

    None where it is something else.
    """
    damage, seen = None, 0
    try:
        with file.open() as stream:
            for record in islice(records_of(stream, _BYTES_TO_SNIFF), _RECORDS_TO_SNIFF):
                seen += 1
                if isinstance(record, Damage):
                    damage = damage or record
                elif isinstance(record, dict) and (kind := _kind_of_record(record, file_name)):
                    return kind
    except READ_ERRORS as error:
        damage = damage or Damage(failure_of(error))
    if damage is None and seen == 0 and HISTORY_NAME.search(file_name):
        return _EMPTY
    return damage


def _kind_of_record(record: dict[str, Any], file_name: str) -> str | None:
    fitting = (kind.name for _, kind in file_kinds() if kind.fits(record.keys(), file_name))
    return next(fitting, None)
