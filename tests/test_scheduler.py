"""The scheduler, with small commands in place of a run."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler import UPKEEP_SECONDS, RunScheduler, Upkeep

ROOT = Path(__file__).resolve().parents[1]
TICK = timedelta(milliseconds=20)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def serving(
    command: list[str], heartbeat: Path, interval: timedelta = timedelta(hours=1)
) -> Iterator[RunScheduler]:
    scheduler = RunScheduler(command, interval, heartbeat, tick=TICK)
    thread = threading.Thread(target=scheduler.serve)
    thread.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()
        thread.join(20)
        assert not thread.is_alive()


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def appending(file: Path, then: str = "") -> list[str]:
    return python(f"open({str(file)!r}, 'a').write('run\\n')\n{then}")


def test_a_run_at_once_and_then_one_every_interval(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    with serving(appending(runs), tmp_path / "beat", timedelta(seconds=1)):
        wait_until(lambda: len(lines_of(runs)) == 1, seconds=0.9)
        wait_until(lambda: len(lines_of(runs)) >= 3)


def test_the_heart_beats_while_a_run_is_at_work(tmp_path: Path) -> None:
    beat = tmp_path / "folder that is not there yet" / "beat"
    with serving(python("import time; time.sleep(60)"), beat):
        wait_until(beat.exists)
        first = beat.stat().st_mtime_ns
        wait_until(lambda: beat.stat().st_mtime_ns > first)


def test_never_two_runs_at_a_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    runs = tmp_path / "runs"
    command = appending(runs, "import time; time.sleep(60)")
    with serving(command, tmp_path / "beat", timedelta(seconds=1)):
        wait_until(lambda: "still at work" in caplog.text)
    assert len(lines_of(runs)) == 1


@pytest.mark.parametrize(
    ("code", "level", "told"),
    [
        (0, logging.INFO, "the run is done"),
        (1, logging.ERROR, "failed with exit code 1"),
        (3, logging.WARNING, "another one holds the lake"),
    ],
)
def test_how_a_run_ended_is_told_and_the_next_one_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, code: int, level: int, told: str
) -> None:
    caplog.set_level(logging.INFO)
    runs = tmp_path / "runs"
    command = appending(runs, f"raise SystemExit({code})")
    with serving(command, tmp_path / "beat", timedelta(seconds=1)):
        wait_until(lambda: len(lines_of(runs)) >= 2)
    assert [record.levelno for record in caplog.records if told in record.message][:1] == [level]


def test_a_run_that_does_not_heed_the_signal_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    with serving(python(deaf), tmp_path / "beat"):
        wait_until(lambda: bool(lines_of(ready)))
    with pytest.raises(ProcessLookupError):
        os.kill(int(ready.read_text()), 0)


def started_as_a_program(tmp_path: Path, run: str) -> subprocess.Popen[str]:
    """The scheduler's own file beside a small ``run_ingestion.py``."""
    (tmp_path / "scheduler.py").write_bytes((ROOT / "scheduler.py").read_bytes())
    (tmp_path / "run_ingestion.py").write_text(run)
    return subprocess.Popen(
        [sys.executable, "scheduler.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path / "data")},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_to_the_run_and_all_end_soon(
    tmp_path: Path, sent: signal.Signals
) -> None:
    child = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (open('told', 'w').close(), sys.exit(143)))\n"
        "open('ready', 'w').close(); time.sleep(60)"
    )
    process = started_as_a_program(tmp_path, child)
    wait_until((tmp_path / "ready").exists, seconds=30)
    started = time.monotonic()
    process.send_signal(sent)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert time.monotonic() - started < 10
    assert (tmp_path / "told").exists()
    assert (tmp_path / "data/.heartbeat").exists()


def test_a_wrong_setting_stops_it_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INGEST_INTERVAL_HOURS", "often")
    process = started_as_a_program(tmp_path, "")
    _, told = process.communicate(timeout=30)
    assert process.returncode == 2
    assert told.count("\n") == 1
    assert "INGEST_INTERVAL_HOURS" in told


def with_upkeep(tmp_path: Path, *, days_ago: float) -> RunScheduler:
    """Give a scheduler whose lake was last looked after so many days ago."""
    stamp = tmp_path / ".maintained"
    stamp.touch()
    then = time.time() - days_ago * 24 * 60 * 60
    os.utime(stamp, (then, then))
    upkeep = Upkeep(appending(tmp_path / "upkeep"), stamp)
    return RunScheduler(
        appending(tmp_path / "runs"), timedelta(hours=6), tmp_path / "beat", TICK, upkeep
    )


def test_upkeep_is_started_once_a_week_has_passed(tmp_path: Path) -> None:
    with_upkeep(tmp_path, days_ago=6.9).start_upkeep()
    time.sleep(0.2)
    assert lines_of(tmp_path / "upkeep") == []

    with_upkeep(tmp_path, days_ago=7.1).start_upkeep()
    wait_until(lambda: lines_of(tmp_path / "upkeep") == ["run"])
    assert lines_of(tmp_path / "runs") == []


def test_a_lake_that_was_never_looked_after_waits_a_week_from_now(tmp_path: Path) -> None:
    upkeep = Upkeep([], tmp_path / ".maintained")

    assert not upkeep.is_due()
    then = time.time() - UPKEEP_SECONDS
    os.utime(upkeep.stamp, (then, then))
    assert upkeep.is_due()


def test_no_upkeep_while_a_run_is_under_way(tmp_path: Path) -> None:
    scheduler = with_upkeep(tmp_path, days_ago=8)
    scheduler.start_upkeep()
    scheduler.start_upkeep()
    wait_until(lambda: lines_of(tmp_path / "upkeep") == ["run"])
    time.sleep(0.2)
    assert lines_of(tmp_path / "upkeep") == ["run"]
