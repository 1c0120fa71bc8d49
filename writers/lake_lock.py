"""The lock that makes a run the only writer of its lake."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOCK_FILE = ".lake.lock"
SCRATCH_FOLDER = ".scratch"
"""In ``DATA_DIR``: files of whoever holds the lake, before they are part of a table."""


class LakeBusyError(RuntimeError):
    """Another run holds the lake; the message is one line."""


class LakeUnwritableError(RuntimeError):
    """The data folder cannot be written; the message is one line with the fix."""


@contextmanager
def lake_lock(data_dir: Path) -> Iterator[None]:
    """Lock the lake; the system releases the lock even if this process is killed.

    Raises LakeBusyError where another run holds it, LakeUnwritableError where ``data_dir`` cannot
    be made or written.
    """
    lock = FileLock(data_dir / LOCK_FILE)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise LakeBusyError(f"another run holds the lake in {data_dir}: wait for its end") from None
    except OSError as error:
        raise LakeUnwritableError(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}): fix its permissions or "
            "set DATA_DIR to a folder of yours"
        ) from None
    try:
        yield
    finally:
        lock.release()
