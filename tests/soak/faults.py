"""Faults that a process meets: at a named point, the nth time that it comes there.

``SOUNDLAKE_FAULT=point:number[:outcome]`` names one; the outcome is a signal (``SIGKILL`` by
default, ``SIGTERM``) or an error (``ENOSPC``, ``EIO``, ``EACCES``; with a ``+``, as ``ENOSPC+``,
from there on). Points are calls to the system (``syscalls.c``, which takes a C compiler) and, on
every machine, calls of Python. Nothing in the project knows of them.
"""

import ctypes
import errno
import os
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

FAULT_VARIABLE = "SOUNDLAKE_FAULT"
FOLDER_VARIABLE = "SOUNDLAKE_FAULT_FOLDER"
"""Environment variable that names the folder whose files meet the fault."""
BEFORE, HALF, AFTER = range(3)
_SOURCE = Path(__file__).with_name("syscalls.c")


@dataclass(frozen=True)
class SystemPoint:
    """A call to the system about a path with ``part`` in it; ``when`` is BEFORE, HALF, AFTER."""

    call: str
    part: str
    when: int


SYSTEM_POINTS = {
    "create": SystemPoint("open", "", BEFORE),
    "created": SystemPoint("open", "", AFTER),
    "write-half": SystemPoint("write", "", HALF),
    "parquet-half": SystemPoint("write", ".parquet", HALF),
    "parquet-written": SystemPoint("write", ".parquet", AFTER),
    "log-half": SystemPoint("write", "/_delta_log/", HALF),
    "log-written": SystemPoint("write", "/_delta_log/", AFTER),
    "log-rename": SystemPoint("rename", "/_delta_log/", BEFORE),
    "log-renamed": SystemPoint("rename", "/_delta_log/", AFTER),
    "log-link": SystemPoint("link", "/_delta_log/", BEFORE),
    "log-linked": SystemPoint("link", "/_delta_log/", AFTER),
    "rename": SystemPoint("rename", "", BEFORE),
    "renamed": SystemPoint("rename", "", AFTER),
    "link": SystemPoint("link", "", BEFORE),
    "fsync": SystemPoint("fsync", "", BEFORE),
    "synced": SystemPoint("fsync", "", AFTER),
    "unlink": SystemPoint("unlink", "", BEFORE),
    "unlinked": SystemPoint("unlink", "", AFTER),
    "mkdir": SystemPoint("mkdir", "", BEFORE),
    "made": SystemPoint("mkdir", "", AFTER),
    "rmdir": SystemPoint("rmdir", "", BEFORE),
}

# What Python calls: (module, class if any, function, whether the point is after it).
_PYTHON_CALLS = {
    "commit": ("deltalake", "DeltaTable", "create_write_transaction", False),
    "committed": ("deltalake", "DeltaTable", "create_write_transaction", True),
    "table-created": ("deltalake", "DeltaTable", "create", True),
    "vacuum": ("deltalake", "DeltaTable", "vacuum", False),
    "version-restored": ("deltalake", "DeltaTable", "restore", True),
    "compacted": ("deltalake.table", "TableOptimizer", "compact", True),
    "zip": ("zipfile", "ZipExtFile", "read", True),
    "http": ("requests", "Session", "send", False),
    "answered": ("requests", "Session", "send", True),
    "file-synced": ("os", "", "fsync", True),
    "records-staged": ("pyarrow.parquet", "ParquetWriter", "write_table", True),
}
PYTHON_POINTS = tuple(_PYTHON_CALLS)
CLOCK = "clock"
"""Not a point but a clock that is wrong for the whole run, by so many seconds."""
READING_POINTS = ("zip", "http", "answered", "records-staged")


@dataclass(frozen=True)
class Fault:
    """An ``outcome`` that the ``number``-th call at a point meets, counted from 1."""

    point: str
    number: int
    outcome: str = "SIGKILL"

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Return a fault as ``SOUNDLAKE_FAULT`` writes it."""
        point, number, *outcome = text.split(":")
        if point not in (*SYSTEM_POINTS, *PYTHON_POINTS, CLOCK):
            raise ValueError(f"{FAULT_VARIABLE}={text} names no point of {all_points()}")
        return cls(point, int(number), *outcome)

    def __str__(self) -> str:
        return f"{self.point}:{self.number}:{self.outcome}"

    @property
    def signal(self) -> int:
        """The signal that it sends, 0 for an error."""
        return int(getattr(signal, self.outcome, 0)) if self.outcome.startswith("SIG") else 0

    @property
    def error(self) -> int:
        """The error number that the call ends with, 0 for a signal."""
        return 0 if self.signal else int(getattr(errno, self.outcome.rstrip("+")))


def all_points() -> tuple[str, ...]:
    """Return the points that this machine can meet faults at."""
    return (*SYSTEM_POINTS, *PYTHON_POINTS) if compiled() else PYTHON_POINTS


@cache
def compiled() -> Path | None:
    """Return the library for LD_PRELOAD, built once per version; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not Path("/proc/self/fd").is_dir():
        return None
    digest = sha256(_SOURCE.read_bytes()).hexdigest()[:12]
    target = Path(tempfile.gettempdir()) / f"soundlake-syscalls-{os.getuid()}-{digest}.so"
    if not target.exists():
        made = target.with_name(f"{target.name}.{os.getpid()}")
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(made), str(_SOURCE), "-ldl"]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            return None
        made.replace(target)
    return target


def is_preloaded() -> bool:
    """Return whether this process runs with the library of calls to the system."""
    return hasattr(ctypes.CDLL(None), "soak_arm")


def arm(fault: Fault, folder: Path) -> None:
    """Have this process meet a fault at files below ``folder``."""
    if fault.point == CLOCK:
        ctypes.CDLL(None).soak_shift(ctypes.c_long(fault.number))
        return
    if fault.point not in SYSTEM_POINTS:
        _meet(fault.point, _at_number(fault))
        return
    point = SYSTEM_POINTS[fault.point]
    ctypes.CDLL(None).soak_arm(
        _bytes(folder),
        point.call.encode(),
        point.part.encode(),
        ctypes.c_long(fault.number),
        point.when,
        fault.error,
        fault.signal,
        int(fault.outcome.endswith("+")),
    )


def arm_from_environment() -> None:
    """Have this process meet the fault that the environment names, if any."""
    text = os.environ.get(FAULT_VARIABLE)
    if text:
        arm(Fault.parse(text), Path(os.environ.get(FOLDER_VARIABLE, "/")))


def log_calls(folder: Path, log: Path) -> None:
    """Write every call of this process at a point to a file, one a line; none meets a fault."""
    opened = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for name in PYTHON_POINTS:
        _meet(name, partial(os.write, opened, f"{name}\n".encode()))
    if is_preloaded():
        ctypes.CDLL(None).soak_log(_bytes(folder), opened)


def calls_logged(log: Path) -> dict[str, int]:
    """Return how often a process that wrote this log came to each point, in order of the first."""
    counts: Counter[str] = Counter()
    for line in log.read_text("utf-8", errors="replace").splitlines():
        call, _, path = line.partition(" ")
        if not path:
            counts[call] += 1
        else:
            counts.update(
                name
                for name, point in SYSTEM_POINTS.items()
                if point.call == call and point.part in path
            )
    return counts


def _bytes(folder: Path) -> bytes:
    return f"{folder.resolve()}/".encode()


def _at_number(fault: Fault) -> Callable[[], None]:
    seen = 0

    def met() -> None:
        nonlocal seen
        seen += 1
        if seen == fault.number or (fault.outcome.endswith("+") and seen > fault.number):
            if fault.signal:
                os.kill(os.getpid(), fault.signal)
            else:
                raise OSError(fault.error, os.strerror(fault.error))

    return met


def _meet(name: str, met: Callable[[], object]) -> None:
    """Have a call of Python's call ``met`` before or after it."""
    from importlib import import_module

    module, kind, function, is_after = _PYTHON_CALLS[name]
    owner = getattr(import_module(module), kind) if kind else import_module(module)
    found = vars(owner)[function]
    called = found.__func__ if isinstance(found, classmethod) else found

    @wraps(called)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if not is_after:
            met()
        result = called(*arguments, **named)
        if is_after:
            met()
        return result

    setattr(owner, function, classmethod(wrapped) if isinstance(found, classmethod) else wrapped)
