"""Processes forked from one that has imported everything: a run starts within milliseconds.

The parent must not open DuckDB: its threads hold locks that a fork would copy.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

_IMPORTED_LATE = (
    *("numpy", "pandas", "pyarrow.compute", "pyarrow.parquet", "deltalake", "requests"),
    *("clients.auth.spotify_auth", "clients.spotify_api", "engines.arrow", "engines.duckdb_engine"),
    *("lake.delta_tables", "report.page.write", "writers.backup", "writers.restore"),
    *("writers.rollback", "writers.run_logs", "writers.upkeep", "zipfile", "zoneinfo"),
)
HUNG = -999
"""The exit code of a process that was ended because it did not end."""
LIMIT_SECONDS = 180.0


def import_all() -> None:
    """Import what commands import only once they need it."""
    for name in _IMPORTED_LATE:
        import_module(name)


def start(
    work: Callable[[], int],
    output: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start ``work`` in a process of its own, which stands in ``folder``; return its id.

    What it returns is its exit code; what it prints goes to the file ``output``.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        _end_with_parent()
        opened = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for each in (1, 2):
            os.dup2(opened, each)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(environment or {})
        os.chdir(folder)
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with_parent() -> None:
    """Have this process killed when its parent ends, where the system is Linux."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def wait(process: int, limit: float = LIMIT_SECONDS) -> int:
    """Return the exit code of a process, the signal as a negative number, or HUNG."""
    until = time.monotonic() + limit
    pause = 0.002
    while time.monotonic() < until:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(0.02, pause * 1.5)
    end(process)
    return HUNG


def end(process: int) -> None:
    """Kill a process and all that it started, and wait for it."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def kill_after(process: int, seconds: float) -> int:
    """Kill a process after so many seconds; return its exit code."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(min(left, 0.01))
    end(process)
    return -signal.SIGKILL
