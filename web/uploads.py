"""Takes in an export that a person drops on the page: streamed to disk, bounded, checked."""

import re
import shutil
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

MAX_UPLOAD_BYTES = 2 * 1024**3
"""Spotify's exports are below 100 MB; video and pictures do not come with them."""

MAX_UNPACKED_BYTES = 20 * 1024**3
MAX_RATIO = 200
"""JSON of plays shrinks to a twentieth."""

_SPARE_BYTES = 200 * 1024**2
_UNSAFE = re.compile(r"[^\w.() -]|^\.+")


class RefusedUploadError(ValueError):
    """A file is not taken; the message is one line."""


class TooLargeError(RefusedUploadError):
    """A file is larger than is taken."""


def safe_name(name: str) -> str:
    """Return a name for the file in ``exports``: no path, no control character, a zip.

    Raises RefusedUploadError where it is no zip by its name.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = _UNSAFE.sub("_", last).strip()[-100:]
    if not cleaned.lower().endswith(".zip"):
        raise RefusedUploadError(f"{cleaned or 'the file'} is no zip: drop the one Spotify sent")
    return cleaned


async def keep(content: AsyncIterator[bytes], size: int | None, name: str, folder: Path) -> Path:
    """Write a file to ``folder`` as it comes and return where it is.

    ``size`` is what the browser says of it. Nothing is left of a file that is refused or cut off.
    Raises RefusedUploadError.
    """
    if size is not None and size > MAX_UPLOAD_BYTES:
        raise _too_large()
    target = folder / safe_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < (size or 0) + _SPARE_BYTES:
        raise RefusedUploadError(f"the disk of {folder} is full: free some space")
    scratch = target.with_name(f".{target.name}.part")
    try:
        received = 0
        with scratch.open("wb") as file:
            async for chunk in content:
                received += len(chunk)
                if received > MAX_UPLOAD_BYTES:
                    raise _too_large()
                file.write(chunk)
        if size is not None and received < size:
            raise RefusedUploadError(f"{target.name} was cut off: drop it again")
        _check(scratch, target.name)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    return target


def _check(file: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise RefusedUploadError(f"{name} is no zip that can be read: download it again") from None
    unpacked = sum(each.file_size for each in members)
    packed = sum(each.compress_size for each in members)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 1024):
        raise RefusedUploadError(f"{name} would unpack to {unpacked / 1e9:,.1f} GB: no export does")


def _too_large() -> TooLargeError:
    return TooLargeError(f"the file is larger than {MAX_UPLOAD_BYTES / 1e9:.1f} GB: no export is")
