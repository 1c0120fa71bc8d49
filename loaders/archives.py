"""Search folders and archives, also nested archives, without unpacking to a folder.

Members are read as streams, so that neither a path inside an archive nor its declared size can do
harm.
"""

import bz2
import gzip
import lzma
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from os import SEEK_END
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from loaders.export_names import FileType, file_type, is_of_the_system, refusal_of
from loaders.json_records import READ_ERRORS, failure_of

MAX_BYTES_AT_ONCE = 64 * 1024**2
MAX_UNPACKED_BYTES = 4 * 1024**3
# Streaming history compresses 15 to 40 times; Deflate itself ends at about 1,030 times.
MAX_COMPRESSION_RATIO = 400
_RATIO_MATTERS_FROM_BYTES = 16 * 1024**2
_MAX_DEPTH = 3
_TOO_MUCH = "would unpack to more than any export of its size: skipped"
_UNPACKERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda stream: gzip.GzipFile(fileobj=stream),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}

Open = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class Found:
    """A file that may hold records: at ``path``, or in it by way of the members ``inside``.

    ``fingerprint`` identifies this state of it. ``open`` opens the content; it works only until
    the search moves on.
    """

    path: Path
    inside: tuple[str, ...]
    fingerprint: str
    open: Open


@dataclass(frozen=True)
class Refused:
    """A file that cannot be read, with the reason and the fix in one line."""

    path: Path
    inside: tuple[str, ...]
    reason: str


def search(path: Path) -> Iterator[Found | Refused]:
    """Yield every file in a file's content, itself where it is no archive.

    Files with the name of a format that exports never have are skipped.
    """
    try:
        state = path.stat()
        fingerprint = f"{state.st_size}-{state.st_mtime_ns}"
        yield from _search(path, (), fingerprint, lambda: cast(IO[bytes], path.open("rb")))
    except zipfile.BadZipFile as error:
        yield Refused(path, (), f"not a readable zip ({error}): download it again")
    except READ_ERRORS as error:
        yield Refused(path, (), failure_of(error))


@contextmanager
def open_content(
    path: Path, inside: tuple[str, ...], size: int, *, checked: bool = True
) -> Iterator[IO[bytes]]:
    """Open a file as ``search`` found it; ``size`` is that of its fingerprint.

    ``checked`` says whether reading fails, at its end, on a wrong checksum in a zip.
    """
    with ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(path.open("rb"))
        name = path.name
        for depth, member in enumerate(inside):
            if depth > 0:
                stream = stack.enter_context(_kept(stream))
            stream = stack.enter_context(_opened_member(stream, name, member, checked))
            name = PurePosixPath(member).name
        if file_type(name) == "packed":
            stream = _unpacked(stream, name, size)
        yield stream


def _search(
    path: Path, inside: tuple[str, ...], fingerprint: str, open_it: Open
) -> Iterator[Found | Refused]:
    name = PurePosixPath(inside[-1]).name if inside else path.name
    kind = file_type(name)
    if kind == "unknown":
        kind = _type_by_content(open_it)
    match kind:
        case "unreadable" | "unfinished":
            yield Refused(path, inside, refusal_of(name))
        case "json":
            yield Found(path, inside, fingerprint, open_it)
        case "packed":
            size = int(fingerprint.partition("-")[0])
            yield Found(path, inside, fingerprint, lambda: _opened_packed(open_it, name, size))
        case "zip" | "tar" if len(inside) == _MAX_DEPTH:
            yield Refused(
                path, inside, "is nested too deep in archives: unpack it and give the folder"
            )
        case "zip":
            with open_it() as stream, _kept(stream) if inside else nullcontext(stream) as file:
                yield from _search_zip(path, inside, file)
        case "tar":
            with open_it() as stream:
                yield from _search_tar(path, inside, fingerprint, stream)


def _type_by_content(open_it: Open) -> FileType:
    with open_it() as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t")
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    return "json" if start.startswith((b"[", b"{")) else "other"


def _search_zip(path: Path, inside: tuple[str, ...], file: IO[bytes]) -> Iterator[Found | Refused]:
    budget = _Budget(file.seek(0, SEEK_END))
    with zipfile.ZipFile(file) as archive:
        # Of members of one name only the last can be opened, as after unpacking.
        members = {each.filename: each for each in archive.infolist()}
        for name, info in sorted(members.items()):
            if info.is_dir() or _is_left_out(name):
                continue
            way = (*inside, name)
            refusal = _refusal(name, info.file_size, info.compress_size, info.flag_bits & 0x1)
            # Members may share their bytes: each alone is no bomb then.
            if refusal is None and not budget.takes(info.file_size):
                refusal = _TOO_MUCH
            if refusal is not None:
                yield Refused(path, way, refusal)
                continue
            # The checksum is of the content, so a copy of the zip is recognised.
            fingerprint = f"{info.file_size}-{info.CRC:08x}"
            try:
                yield from _search(path, way, fingerprint, partial(_of_zip, archive, info, False))
            except (NotImplementedError, RuntimeError) as error:
                reason = f"cannot be unpacked ({error}): unpack it and give the folder"
                yield Refused(path, way, reason)
            except READ_ERRORS as error:
                yield Refused(path, way, failure_of(error))


def _search_tar(
    path: Path, inside: tuple[str, ...], fingerprint: str, stream: IO[bytes]
) -> Iterator[Found | Refused]:
    size, _, state = fingerprint.partition("-")
    budget = _Budget(int(size))
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for info in archive:
            # What is not read is unpacked too, to pass over it.
            if not budget.takes(info.size):
                yield Refused(path, inside, _TOO_MUCH)
                return
            if not info.isfile() or _is_left_out(info.name):
                continue
            way = (*inside, info.name)
            refusal = _refusal(info.name, info.size, info.size, 0)
            if refusal is not None:
                yield Refused(path, way, refusal)
                continue
            member = archive.extractfile(info)
            assert member is not None
            # A stream cannot be rewound: the part read for the type is replayed from a buffer.
            with _kept(member) as file:
                yield from _search(path, way, f"{info.size}-{state}", partial(_rewound, file))


def _is_left_out(member: str) -> bool:
    parts = PurePosixPath(member.replace("\\", "/")).parts
    return is_of_the_system(tuple(each for each in parts if each not in (".", "..")))


def _refusal(name: str, size: int, packed_size: int, is_locked: int) -> str | None:
    """Return why a member must not be read, or None."""
    if file_type(PurePosixPath(name).name) == "other":
        return None
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")):
        return "its path leads out of the archive: not a zip made by Spotify, skipped"
    if is_locked:
        return "is password-protected: unpack it with the password and give the folder"
    too_dense = size > _RATIO_MATTERS_FROM_BYTES and size > MAX_COMPRESSION_RATIO * max(
        packed_size, 1
    )
    if size > MAX_UNPACKED_BYTES or too_dense:
        return f"would unpack to {size:,} bytes, more than any export: skipped"
    return None


@contextmanager
def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, checked: bool) -> Iterator[IO[bytes]]:
    with archive.open(info) as stream:
        if not checked:
            # With a wrong checksum the last part read is not returned.
            stream._expected_crc = None  # type: ignore[attr-defined]
        yield stream


@contextmanager
def _opened_member(
    stream: IO[bytes], archive_name: str, member: str, checked: bool
) -> Iterator[IO[bytes]]:
    if file_type(archive_name) == "tar":
        with tarfile.open(fileobj=stream, mode="r|*") as archive:
            for info in archive:
                if info.name == member and info.isfile():
                    file = archive.extractfile(info)
                    assert file is not None
                    yield file
                    return
        raise FileNotFoundError(2, "No such member", member)
    with (
        zipfile.ZipFile(stream) as zipped,
        _of_zip(zipped, zipped.getinfo(member), checked) as opened,
    ):
        yield opened


@contextmanager
def _kept(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Return the content of a stream as an unnamed file that can be rewound."""
    with tempfile.SpooledTemporaryFile(MAX_BYTES_AT_ONCE) as file:
        shutil.copyfileobj(stream, file, 1024**2)
        file.seek(0)
        yield cast(IO[bytes], file)


@contextmanager
def _rewound(file: IO[bytes]) -> Iterator[IO[bytes]]:
    file.seek(0)
    yield file


@contextmanager
def _opened_packed(open_it: Open, name: str, size: int) -> Iterator[IO[bytes]]:
    with open_it() as stream:
        yield _unpacked(stream, name, size)


def _unpacked(stream: IO[bytes], name: str, size: int) -> IO[bytes]:
    unpack = _UNPACKERS[PurePosixPath(name).suffix.lower()]
    return cast(IO[bytes], _Limited(unpack(stream), size))


class _Budget:
    """What the members of an archive of ``packed_size`` bytes may unpack to in all."""

    def __init__(self, packed_size: int) -> None:
        self._left = max(MAX_COMPRESSION_RATIO * packed_size, _RATIO_MATTERS_FROM_BYTES)

    def takes(self, size: int) -> bool:
        """Return whether so many bytes are within it, and count them."""
        self._left -= size
        return self._left >= 0


class _Limited:
    """A stream that fails when it returns more than a file of ``packed_size`` bytes should."""

    def __init__(self, stream: IO[bytes], packed_size: int) -> None:
        self._stream = stream
        self._left = max(MAX_COMPRESSION_RATIO * packed_size, _RATIO_MATTERS_FROM_BYTES)

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise EOFError("unpacks to more than any export does")
        return content
