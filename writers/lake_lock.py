"""The lock that makes a run the only writer of its lake."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from errno import ENOLCK, ENOSYS, EOPNOTSUPP
from pathlib import Path

from filelock import FileLock, Timeout

from config.clock import utc_now
from config.folders import make_private_folder
from config.run_id import given_run_id
from lake.releases import require_known_release
from writers.replacement import finish_replacement

LOCK_FILE = ".lake.lock"
SCRATCH_FOLDER = ".scratch"
"""In ``DATA_DIR``: files of whoever holds the lake, before they are part of a table."""
HOLDER_FILE = ".lake.run"
"""Says who holds the lake. It is true while ``.lake.run.lock`` is locked, which others may try: so
they find out without taking the lake's own lock, and a run that is killed holds nothing."""

_WITHOUT_LOCKS = {ENOLCK, ENOSYS, EOPNOTSUPP}
_PATIENCE = 5.0  # seconds; who only looks has that lock for a moment


class LakeBusyError(RuntimeError):
    """Another run holds the lake; the message is one line."""


class LakeUnwritableError(RuntimeError):
    """The data folder cannot be written; the message is one line with the fix."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lake: a run by its id, else a command by its name; since when in UTC."""

    run_id: str | None
    since: str
    command: str = ""

    @property
    def name(self) -> str:
        return self.run_id or self.command

    def __str__(self) -> str:
        return f"since {self.since} UTC" + (f" ({self.name})" if self.name else "")


@contextmanager
def lake_lock(data_dir: Path, run_id: str | None = None, *, wait: float = 0) -> Iterator[None]:
    """Lock the lake; the system releases the lock even if this process is killed.

    A restore or a purge that was interrupted is finished first. Whoever comes meanwhile is shown
    ``run_id``. Another run's end is waited for, so many seconds at most. Raises LakeBusyError where
    another run holds it, LakeUnwritableError where ``data_dir`` cannot be made or written,
    NewerLakeError where a newer release made the lake: then nothing was written.
    """
    require_known_release(data_dir)
    # Else a mere file is the lock where the disk knows none, and stays when its run is killed.
    lock = FileLock(data_dir / LOCK_FILE, fallback_to_soft=False)
    try:
        make_private_folder(data_dir)
        lock.acquire(timeout=wait)
    except Timeout:
        holder = holder_of(data_dir)
        since = "" if holder is None else f" {holder}"
        raise LakeBusyError(
            f"another run holds the lake in {data_dir}{since}: wait for its end"
        ) from None
    except OSError as error:
        if error.errno in _WITHOUT_LOCKS:
            raise LakeUnwritableError(
                f"DATA_DIR {data_dir} lies on a disk without file locks, which keep two runs "
                "apart: set DATA_DIR to a folder on a local disk"
            ) from None
        raise LakeUnwritableError(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}): fix its permissions or "
            "set DATA_DIR to a folder of yours"
        ) from None
    try:
        since = f"{utc_now():%Y-%m-%d %H:%M}"
        with _named(data_dir, Holder(run_id or given_run_id(), since, _command())):
            finish_replacement(data_dir)
            require_known_release(data_dir)  # who was waited for may be newer
            yield
    finally:
        lock.release()


def holder_of(data_dir: Path) -> Holder | None:
    """Return who holds the lake now, None where nobody does or it is not known."""
    file = data_dir / HOLDER_FILE
    if not file.exists():
        return None
    try:
        with _holding(data_dir, 0):
            return None
    except Timeout:
        pass
    except OSError:
        return None
    try:
        return Holder(**json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def _named(data_dir: Path, holder: Holder) -> Iterator[None]:
    """Say who holds the lake. It is not said where the disk is full: the run then says why."""
    file = data_dir / HOLDER_FILE
    try:
        held = _holding(data_dir, _PATIENCE)
        held.acquire()
        file.write_text(json.dumps(asdict(holder)), encoding="utf-8")
    except (Timeout, OSError):
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink()
        held.release()


def _command() -> str:
    """Return the command of this process: ``main.py backup``, as a person types it."""
    words = (*sys.argv, "")
    name = Path(words[0]).name
    is_of_several = name == "main.py" and not words[1].startswith("-")
    return f"{name} {words[1]}".rstrip() if is_of_several else name


def _holding(data_dir: Path, patience: float) -> FileLock:
    return FileLock(data_dir / f"{HOLDER_FILE}.lock", timeout=patience, fallback_to_soft=False)
