"""Finds and reads the privacy exports that Spotify sends, whatever their packing.

A file is known by its first record, not by its name: Spotify has renamed these files several
times. Nothing is unpacked to disk; a member of a zip is read as a stream, so neither a path inside
the archive nor its claimed size can do harm.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Literal

import ijson

ExportKind = Literal["extended", "extended_video", "account", "account_podcast"]

# Personal fields that no table may hold; dropped before a record leaves this module.
PERSONAL_FIELDS = frozenset(
    {"ip_addr", "ip_addr_decrypted", "username", "user_agent", "user_agent_decrypted"}
)
MAX_BYTES_AT_ONCE = 64 * 1024**2
MAX_UNPACKED_BYTES = 4 * 1024**3
# Streaming history compresses 15 to 40 times; Deflate itself ends at about 1,030 times.
MAX_COMPRESSION_RATIO = 400
_RATIO_MATTERS_FROM_BYTES = 16 * 1024**2
_RECORDS_TO_SNIFF = 20
# What reading a damaged file may raise.
_DAMAGES = (
    ijson.JSONError,
    UnicodeDecodeError,
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RecursionError,
)

_HISTORY_NAME = re.compile(r"(endsong|streaming_?history)", re.IGNORECASE)
# What else Spotify puts beside the history; met with, it is no surprise and needs no word.
_COMPANION_NAME = re.compile(
    r"^(playlist\d*|yourlibrary|inferences|userdata|follow|identifiers|identity|marquee|payments"
    r"|searchqueries|userprompts|duonewfamily|familyplan|voiceinput|yoursoundcapsule"
    r"|wrapped\d*|messagedata|taste.*|podcast.*|usaddress|accountactivity)$",
    re.IGNORECASE,
)
# Folders that Spotify (or a person unpacking) makes; any other sub-folder names a person.
_PACKING_FOLDER = re.compile(
    r"^(my.?data|my.?spotify.?data.*|spotify.*|.*streaming.?history.*|extended|account|audio|video"
    r"|music|podcasts?|exports?)$",
    re.IGNORECASE,
)
_USER_FOLDER = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")


@dataclass(frozen=True)
class ExportFile:
    """One file of streaming history, loose or in a zip (``member``)."""

    user_id: str
    path: Path
    member: str | None
    kind: ExportKind
    fingerprint: str

    @property
    def size(self) -> int:
        """Bytes of its JSON, unpacked."""
        return int(self.fingerprint.partition("-")[0])

    @property
    def name(self) -> str:
        """The file as tables and messages name it: ``folder/file.json`` or ``a.zip!member``."""
        return _display_name(self.path, self.member)


@dataclass(frozen=True)
class FileProblem:
    """A file that could not be taken, with the reason and the cure in one line."""

    user_id: str
    name: str
    reason: str


KnownFiles = Mapping[tuple[str, str], ExportKind]
"""The kind of files that were imported before, by name and fingerprint: not to be opened again."""


@dataclass
class Discovery:
    """What a search found: files to read, files that are broken or foreign, files left alone."""

    files: list[ExportFile] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    known: KnownFiles = field(default_factory=dict)


class UnreadableRecordsError(ValueError):
    """The JSON breaks off or is damaged after ``records_read`` good records."""

    def __init__(self, records_read: int, detail: str) -> None:
        super().__init__(detail)
        self.records_read = records_read


def find_exports(
    paths: Iterable[Path], user_id: str, known: KnownFiles = MappingProxyType({})
) -> Discovery:
    """Search files and folders for streaming history of ``user_id``.

    Every zip and every ``.json`` at or below a path is looked at. Bad ones become problems, never
    exceptions. Results are in the order of their paths, so that two machines agree. Files that are
    ``known`` are not opened to see what they are.
    """
    found = Discovery(known=known)
    for path in paths:
        for file in _files_below(path, user_id, found):
            if file.suffix.lower() == ".zip":
                _look_into_zip(file, user_id, found)
            elif file.suffix.lower() == ".json":
                _look_at_loose_file(file, user_id, found)
    return found


def find_exports_of_people(
    folder: Path, default_user_id: str, known: KnownFiles = MappingProxyType({})
) -> Discovery:
    """Search the lake's own exports folder, where a sub-folder may name a person.

    A sub-folder whose name is a user id, and not one of the names under which Spotify packs its
    exports, holds that person's files; everything else belongs to ``default_user_id``.
    """
    found = Discovery()
    if not folder.is_dir():
        return found
    for entry in sorted(folder.iterdir()):
        names_a_person = (
            entry.is_dir()
            and _USER_FOLDER.match(entry.name) is not None
            and _PACKING_FOLDER.match(entry.name) is None
        )
        part = find_exports([entry], entry.name if names_a_person else default_user_id, known)
        found.files += part.files
        found.problems += part.problems
        found.left_alone += part.left_alone
        found.empty += part.empty
    return found


def read_records(file: ExportFile) -> Iterator[tuple[int, Any]]:
    """Yield each record of a file as (position from 1, record less personal fields).

    A file of usual size is read at once; a large one, or one that is damaged, record by record.
    Raises UnreadableRecordsError, after the last good record, where the file is damaged.
    """
    whole = _read_whole(file)
    if whole is not None:
        for position, record in enumerate(whole, start=1):
            yield position, _drop_personal_fields(record)
        return
    position = 0
    try:
        with _open(file.path, file.member) as stream:
            for position, record in enumerate(_items(stream), start=1):
                yield position, _without_surrogates(_drop_personal_fields(record))
    except _DAMAGES as error:
        raise UnreadableRecordsError(position, _damage(error)) from error


def _read_whole(file: ExportFile) -> list[Any] | None:
    """Return the list that a file holds; None where it is too large for that, or damaged."""
    if file.size > MAX_BYTES_AT_ONCE:
        return None
    # Most commands read no export.
    import orjson

    try:
        with _open(file.path, file.member) as stream:
            found = orjson.loads(stream.read())
    except (orjson.JSONDecodeError, *_DAMAGES):
        return None
    return found if isinstance(found, list) else None


def _display_name(path: Path, member: str | None) -> str:
    return f"{path}!{member}" if member else str(path)


def _files_below(path: Path, user_id: str, found: Discovery) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        return sorted(each for each in path.rglob("*") if each.is_file())
    except OSError as error:
        found.problems.append(FileProblem(user_id, str(path), _cannot_read(error)))
        return []


def _look_at_loose_file(path: Path, user_id: str, found: Discovery) -> None:
    try:
        state = path.stat()
        fingerprint = f"{state.st_size}-{state.st_mtime_ns}"
        kind: ExportKind | Literal["empty"] | None = found.known.get((str(path), fingerprint))
        if kind is None:
            with _open(path, None) as stream:
                kind = _kind_of(stream, path.name)
    except OSError as error:
        found.problems.append(FileProblem(user_id, str(path), _cannot_read(error)))
        return
    except (ijson.JSONError, UnicodeDecodeError) as error:
        found.problems.append(FileProblem(user_id, str(path), _damage(error)))
        return
    _sort_in(kind, path, None, user_id, fingerprint, found)


def _look_into_zip(path: Path, user_id: str, found: Discovery) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            # Of members of one name only the last can be opened, as after unpacking.
            members = {each.filename: each for each in archive.infolist()}
            for _, info in sorted(members.items()):
                if not info.is_dir() and info.filename.lower().endswith(".json"):
                    _look_at_member(archive, info, path, user_id, found)
    except zipfile.BadZipFile as error:
        reason = f"not a readable zip ({error}): download it again"
        found.problems.append(FileProblem(user_id, str(path), reason))
    except OSError as error:
        found.problems.append(FileProblem(user_id, str(path), _cannot_read(error)))


def _look_at_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, user_id: str, found: Discovery
) -> None:
    name = _display_name(path, info.filename)
    refusal = _refusal(info)
    if refusal is not None:
        found.problems.append(FileProblem(user_id, name, refusal))
        return
    # The checksum is of the content, so a copy of the zip is known again.
    fingerprint = f"{info.file_size}-{info.CRC:08x}"
    kind: ExportKind | Literal["empty"] | None = found.known.get((name, fingerprint))
    try:
        if kind is None:
            with archive.open(info) as stream:
                kind = _kind_of(_without_byte_order_mark(stream), Path(info.filename).name)
    except _DAMAGES as error:
        if _HISTORY_NAME.search(info.filename):
            found.problems.append(FileProblem(user_id, name, _damage(error)))
        else:
            found.left_alone.append(name)
        return
    except (NotImplementedError, RuntimeError) as error:
        reason = f"cannot be unpacked ({error}): unpack it and give the folder"
        found.problems.append(FileProblem(user_id, name, reason))
        return
    _sort_in(kind, path, info.filename, user_id, fingerprint, found)


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Say why a member must not be read, or None."""
    parts = Path(info.filename.replace("\\", "/")).parts
    if ".." in parts or Path(info.filename).is_absolute():
        return "its path leads out of the archive: not a zip that Spotify made, left alone"
    if info.flag_bits & 0x1:
        return "is password-protected: unpack it with the password and give the folder"
    too_dense = (
        info.file_size > _RATIO_MATTERS_FROM_BYTES
        and info.file_size > MAX_COMPRESSION_RATIO * max(info.compress_size, 1)
    )
    if info.file_size > MAX_UNPACKED_BYTES or too_dense:
        return f"would unpack to {info.file_size:,} bytes, no export does: left alone"
    return None


def _sort_in(
    kind: ExportKind | Literal["empty"] | None,
    path: Path,
    member: str | None,
    user_id: str,
    fingerprint: str,
    found: Discovery,
) -> None:
    name = _display_name(path, member)
    stem = Path(member or path.name).stem
    if kind == "empty":
        found.empty.append(name)
    elif kind is not None:
        found.files.append(ExportFile(user_id, path, member, kind, fingerprint))
    elif member is not None or _COMPANION_NAME.match(stem):
        found.left_alone.append(name)
    else:
        reason = "is no Spotify streaming history: take it out of the exports folder"
        found.problems.append(FileProblem(user_id, name, reason))


def _kind_of(stream: IO[bytes], file_name: str) -> ExportKind | Literal["empty"] | None:
    """Tell a history file by the keys of its first records; None where it is something else."""
    seen = 0
    for record in _items(stream):
        seen += 1
        if isinstance(record, dict):
            keys = record.keys()
            if {"ts", "ms_played"} <= keys:
                return "extended_video" if "video" in file_name.lower() else "extended"
            if {"endTime", "trackName"} <= keys:
                return "account"
            if {"endTime", "podcastName"} <= keys:
                return "account_podcast"
        if seen >= _RECORDS_TO_SNIFF:
            break
    if seen == 0 and _HISTORY_NAME.search(file_name):
        return "empty"
    return None


@contextmanager
def _open(path: Path, member: str | None) -> Iterator[IO[bytes]]:
    if member is None:
        with path.open("rb") as stream:
            yield _without_byte_order_mark(stream)
    else:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield _without_byte_order_mark(stream)


def _without_byte_order_mark(stream: IO[bytes]) -> IO[bytes]:
    if stream.read(3) != b"\xef\xbb\xbf":
        stream.seek(0)
    return stream


def _items(stream: IO[bytes]) -> Iterator[Any]:
    return iter(ijson.items(stream, "item", use_float=True))


def _drop_personal_fields(record: Any) -> Any:
    if isinstance(record, dict):
        for name in PERSONAL_FIELDS:
            record.pop(name, None)
    return record


def _without_surrogates(value: Any) -> Any:
    """Replace halves of surrogate pairs, which are no text and could not be kept."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_without_surrogates(name): _without_surrogates(value[name]) for name in value}
        case list():
            return [_without_surrogates(each) for each in value]
        case _:
            return value


def _damage(error: Exception) -> str:
    if isinstance(error, ijson.IncompleteJSONError):
        return "breaks off in the middle: download it again, what stood before is kept"
    if isinstance(error, OSError):
        return _cannot_read(error)
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"is damaged ({detail}): download it again, what stood before is kept"


def _cannot_read(error: OSError) -> str:
    return f"cannot be read ({error.strerror or error}): check its permissions"
