"""One writer at a time."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from writers.lake_lock import (
    HOLDER_FILE,
    LakeBusyError,
    LakeUnwritableError,
    holder_of,
    lake_lock,
)

ROOT = Path(__file__).resolve().parents[2]


def test_the_lake_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        lake_lock(tmp_path),
        pytest.raises(LakeBusyError, match="another run"),
        lake_lock(tmp_path),
    ):
        pass
    with lake_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LakeUnwritableError, match="DATA_DIR"), lake_lock(tmp_path / "file"):
        pass


def test_who_is_refused_is_told_who_holds_the_lake(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None
    with lake_lock(tmp_path, "20260101T120000-abc"):
        holder = holder_of(tmp_path)
        with pytest.raises(LakeBusyError, match=r"since 2.* UTC \(20260101T120000-abc\): wait"):
            lake_lock(tmp_path).__enter__()
    assert holder is not None
    assert holder.run_id == "20260101T120000-abc"
    assert holder_of(tmp_path) is None


def test_a_run_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys; from writers.lake_lock import lake_lock\n"
        "with lake_lock(pathlib.Path(sys.argv[1]), 'killed'): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)

    assert (tmp_path / HOLDER_FILE).exists()
    assert holder_of(tmp_path) is None
    with lake_lock(tmp_path):
        assert holder_of(tmp_path) is not None


def test_looking_takes_the_lake_from_nobody(tmp_path: Path) -> None:
    with lake_lock(tmp_path):
        pass
    (tmp_path / HOLDER_FILE).touch()  # as a killed run leaves it
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            holder_of(tmp_path)

    looking = [threading.Thread(target=look) for _ in range(3)]
    for each in looking:
        each.start()
    try:
        for number in range(100):
            with lake_lock(tmp_path, str(number)):
                pass
    finally:
        stop.set()
        for each in looking:
            each.join()


@pytest.mark.parametrize("left", ["", "{}", "[1]", '{"run_id": 1, "other": 2}'])
def test_a_damaged_note_says_nothing(tmp_path: Path, left: str) -> None:
    with lake_lock(tmp_path):
        (tmp_path / HOLDER_FILE).write_text(left)
        assert holder_of(tmp_path) is None


def test_a_run_can_wait_for_the_end_of_another(tmp_path: Path) -> None:
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with lake_lock(tmp_path):
            held.set()
            over.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    with pytest.raises(LakeBusyError), lake_lock(tmp_path, wait=0.1):
        pass
    threading.Timer(0.2, over.set).start()
    with lake_lock(tmp_path, wait=30):
        assert over.is_set()
    other.join()


def test_a_command_that_is_no_run_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/app/main.py", "backup", "/disk"])

    with lake_lock(tmp_path), pytest.raises(LakeBusyError, match=r"UTC \(main\.py backup\): wait"):
        lake_lock(tmp_path).__enter__()


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_a_disk_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def without_locks(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr("fcntl.flock", without_locks)

    # A mere file in place of the lock would stay there when its run is killed.
    with pytest.raises(LakeUnwritableError, match="without file locks"):
        lake_lock(tmp_path).__enter__()
