"""Copy files so that they are on the disk, with the checksum of what was read."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from shutil import copystat

from config.settings import SettingsError
from lake.backups import CopiedFile

_CHUNK = 1 << 20


def copy_file(source: Path, target: Path) -> CopiedFile:
    """Copy a file and return its size and checksum; its folder is made where there is none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read, open(target, "wb", opener=_private) as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            size += written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
        if hasattr(os, "posix_fadvise"):
            # What is read back comes from the disk, not from memory.
            os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with suppress(OSError):  # not every disk keeps permissions
        copystat(source, target)
    return CopiedFile(size, digest.hexdigest())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def require_apart(data_dir: Path, folder: Path) -> None:
    """Raise SettingsError where one of the two folders is in the other."""
    one, other = data_dir.resolve(), folder.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise SettingsError(
            f"{folder} and DATA_DIR {data_dir} lie in one another: name a folder outside, best on "
            "another disk"
        )
