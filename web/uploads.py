"""Takes in an export that a person drops on the page: streamed to disk, bounded, checked."""

import filecmp
import shutil
import struct
import tempfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool

from config.file_names import plain_characters
from config.folders import make_private_folder

MAX_UPLOAD_BYTES = 2 * 1024**3
"""Spotify's exports are below 100 MB; video and pictures do not come with them."""

MAX_UNPACKED_BYTES = 20 * 1024**3
MAX_RATIO = 200
"""JSON of plays shrinks to a twentieth."""

MAX_DIRECTORY_BYTES = 8 * 1024**2
"""The list of files in a zip, which is read as a whole: some hundred bytes for each file."""

_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError)
_SPARE_BYTES = 200 * 1024**2
_LOOK_AT_DISK_EVERY = 64 * 1024**2
_NAME_BYTES = 100
_DIRECTORY_BYTES = 5  # its place in what zipfile reads of a zip's end


class RefusedUploadError(ValueError):
    """A file is not taken; the message is one line."""


class TooLargeError(RefusedUploadError):
    """A file is larger than is taken."""


def safe_name(name: str) -> str:
    """Return a name for the file in ``exports``: no path, no control character, a zip.

    Raises RefusedUploadError where it is no zip by its name.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = plain_characters(last)
    # In bytes, as file systems count; what is cut in the middle of a letter goes.
    cleaned = cleaned.encode()[-_NAME_BYTES:].decode(errors="ignore")
    if not cleaned.lower().endswith(".zip"):
        raise RefusedUploadError(f"{cleaned or 'the file'} is no zip: drop the one Spotify sent")
    return cleaned


async def keep(content: AsyncIterator[bytes], size: int | None, name: str, folder: Path) -> Path:
    """Write a file to ``folder`` as it comes and return where it is.

    ``size`` is what the browser says of it. Nothing is left of a file that is refused or cut off.
    Of two files with one name both are kept, unless they are the same. Raises RefusedUploadError.
    """
    if size is not None and size > MAX_UPLOAD_BYTES:
        raise _too_large()
    target = folder / safe_name(name)
    make_private_folder(folder)
    _require_space(folder, size or 0)
    # A name of its own: two uploads at once do not write into each other.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".part", delete=False) as file:
        scratch = Path(file.name)
        try:
            await _receive(content, size, file, target)
            await run_in_threadpool(_check, scratch, target.name)
            return await run_in_threadpool(_into_place, scratch, target)
        finally:
            scratch.unlink(missing_ok=True)


async def _receive(
    content: AsyncIterator[bytes], size: int | None, file: IO[bytes], target: Path
) -> None:
    received = looked_at = 0
    async for chunk in content:
        received += len(chunk)
        if received > MAX_UPLOAD_BYTES:
            raise _too_large()
        if received - looked_at >= _LOOK_AT_DISK_EVERY:
            looked_at = received
            _require_space(target.parent)
        file.write(chunk)
    file.flush()
    if size is not None and received < size:
        raise RefusedUploadError(f"{target.name} was cut off: drop it again")


def _into_place(scratch: Path, target: Path) -> Path:
    """Rename a file to ``target``, or to the next free name beside it, and return which."""
    scratch.chmod(0o644)
    free = target
    number = 2
    while free.exists() and not filecmp.cmp(scratch, free, shallow=False):
        free = target.with_name(f"{target.stem} ({number}){target.suffix}")
        number += 1
    return scratch.replace(free)


def _require_space(folder: Path, size: int = 0) -> None:
    if shutil.disk_usage(folder).free < size + _SPARE_BYTES:
        raise RefusedUploadError(f"the disk of {folder} is full: free some space")


def _check(file: Path, name: str) -> None:
    try:
        members = _members(file)
    except _UNREADABLE:
        raise RefusedUploadError(f"{name} is no zip that can be read: download it again") from None
    if members is None:
        raise RefusedUploadError(f"{name} lists more files than any export has")
    unpacked = sum(each.file_size for each in members)
    packed = sum(each.compress_size for each in members)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 1024):
        raise RefusedUploadError(f"{name} would unpack to {unpacked / 1e9:,.1f} GB: no export does")


def _members(file: Path) -> list[zipfile.ZipInfo] | None:
    """Return what a zip says it holds; None where it says more than an export does."""
    with file.open("rb") as opened:
        end = zipfile._EndRecData(opened)  # type: ignore[attr-defined]
    if end is not None and end[_DIRECTORY_BYTES] > MAX_DIRECTORY_BYTES:
        return None
    with zipfile.ZipFile(file) as archive:
        return archive.infolist()


def _too_large() -> TooLargeError:
    return TooLargeError(f"the file is larger than {MAX_UPLOAD_BYTES / 1e9:.1f} GB: no export is")
