"""The scheduler, with small commands in place of a run."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from config.run_id import RUN_ID_VARIABLE
from scheduler import UPKEEP_SECONDS, RunScheduler, Upkeep
from tests.clients.test_notify import Mailbox

ROOT = Path(__file__).resolve().parents[1]
TICK = timedelta(milliseconds=20)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Clock(datetime):
    """The wall clock, moved on by ``ahead``."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "ahead", timedelta(0))
    monkeypatch.setattr("scheduler.datetime", Clock)
    library = SimpleNamespace(datetime=Clock, timedelta=timedelta)
    monkeypatch.setattr("schedule.datetime", library)
    return Clock


class Inbox:
    """Remembers what it is sent; where it is ``deaf`` nothing gets through."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.messages: list[str] = []
        self.deaf = False

    def __call__(self, title: str, message: str) -> bool:
        if not self.deaf:
            self.titles.append(title)
            self.messages.append(message)
        return not self.deaf


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def serving(
    command: list[str], heartbeat: Path, interval: timedelta = HOUR, **more: Any
) -> Iterator[RunScheduler]:
    scheduler = RunScheduler(command, interval, heartbeat, tick=TICK, **more)
    thread = threading.Thread(target=scheduler.serve)
    thread.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()
        thread.join(20)
        assert not thread.is_alive()


def let_it_look(heartbeat: Path) -> None:
    """Wait until the scheduler has looked around at least twice."""
    wait_until(heartbeat.exists)
    for _ in range(3):
        last = heartbeat.stat().st_mtime_ns
        wait_until(lambda last=last: heartbeat.stat().st_mtime_ns > last)  # type: ignore[misc]


def said(caplog: pytest.LogCaptureFixture, text: str) -> int:
    return sum(text in record.getMessage() for record in caplog.records)


def is_at_work(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


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


def test_runs_missed_while_one_is_at_work_are_made_up_by_one(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    go, beat = tmp_path / "go", tmp_path / "beat"
    with serving(python(waiting_for(go)), beat, HOUR):
        wait_until(lambda: said(caplog, "the run starts") == 1)
        clock.ahead = 3.5 * HOUR
        let_it_look(beat)
        assert said(caplog, "the run starts") == 1

        go.touch()
        wait_until(lambda: said(caplog, "the run is done") == 2)
        let_it_look(beat)
        assert said(caplog, "the run starts") == 2


def test_runs_missed_while_the_machine_slept_are_made_up_by_one(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    beat = tmp_path / "beat"
    with serving(python(""), beat, HOUR):
        wait_until(lambda: said(caplog, "the run is done") == 1)
        clock.ahead = 3.5 * HOUR
        wait_until(lambda: said(caplog, "the run is done") == 2)
        let_it_look(beat)
        assert said(caplog, "the run starts") == 2


def test_a_clock_that_is_set_back_holds_no_run_up_for_longer_than_the_interval(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    beat = tmp_path / "beat"
    with serving(python(""), beat, HOUR):
        wait_until(lambda: said(caplog, "the run is done") == 1)
        clock.ahead = timedelta(days=-365)
        let_it_look(beat)
        clock.ahead += HOUR
        wait_until(lambda: said(caplog, "the run is done") == 2)


@pytest.mark.parametrize(
    ("code", "level", "text"),
    [
        (0, logging.INFO, "the run is done"),
        (1, logging.ERROR, "failed with exit code 1"),
        (3, logging.WARNING, "another one holds the lake"),
    ],
)
def test_how_a_run_ended_is_reported_and_the_next_one_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, code: int, level: int, text: str
) -> None:
    caplog.set_level(logging.INFO)
    runs = tmp_path / "runs"
    command = appending(runs, f"raise SystemExit({code})")
    with serving(command, tmp_path / "beat", timedelta(seconds=1)):
        wait_until(lambda: len(lines_of(runs)) >= 2)
    assert [record.levelno for record in caplog.records if text in record.message][:1] == [level]


def waiting_for(file: Path) -> str:
    return f"import os, time\nwhile not os.path.exists({str(file)!r}): time.sleep(0.02)"


def failing_until(fixed: Path, code: int = 1) -> list[str]:
    return python(
        f"import pathlib; raise SystemExit(not pathlib.Path({str(fixed)!r}).exists() and {code})"
    )


def test_a_failed_run_is_tried_again_after_growing_pauses(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    beat, fixed = tmp_path / "beat", tmp_path / "fixed"
    with serving(failing_until(fixed), beat, 4 * HOUR):
        for failures, minutes in enumerate([1, 2, 4, 8], start=1):
            wait_until(lambda n=minutes: said(caplog, f"again in {n} min") == 1)  # type: ignore[misc]
            clock.ahead += minutes * MINUTE / 2
            let_it_look(beat)
            assert said(caplog, "the run starts") == failures
            clock.ahead += minutes * MINUTE / 2
        wait_until(lambda: said(caplog, "again in 16 min") == 1)
        fixed.touch()
        clock.ahead += 16 * MINUTE
        wait_until(lambda: said(caplog, "the run is done") == 1)

        fixed.unlink()
        clock.ahead += 4 * HOUR
        wait_until(lambda: said(caplog, "again in 1 min") == 2)


def test_no_pause_is_longer_than_the_interval(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(python("raise SystemExit(1)"), tmp_path / "beat", 3 * MINUTE):
        for failures in range(1, 6):
            wait_until(lambda n=failures: said(caplog, "tried again in") == n)  # type: ignore[misc]
            clock.ahead += 3 * MINUTE

    pauses = [record.getMessage().split("again in ")[1] for record in caplog.records]
    assert pauses[:5] == ["1 min", "2 min", "3 min", "3 min", "3 min"]


@pytest.mark.parametrize("code", [1, 2, -signal.SIGKILL])
def test_a_failure_is_reported_once_and_then_that_it_is_fixed(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture, code: int
) -> None:
    caplog.set_level(logging.INFO)
    fixed, inbox = tmp_path / "fixed", Inbox()
    command = failing_until(fixed, code)
    if code < 0:
        command = python(
            f"import os, pathlib; pathlib.Path({str(fixed)!r}).exists() or os.kill(os.getpid(), 9)"
        )
    with serving(command, tmp_path / "beat", tell=inbox):
        for failures in (1, 2, 3):
            wait_until(lambda n=failures: said(caplog, "tried again in") == n)  # type: ignore[misc]
            if failures == 3:
                fixed.touch()
            clock.ahead += 10 * MINUTE
        for successes in (1, 2):
            wait_until(lambda n=successes: said(caplog, "the run is done") == n)  # type: ignore[misc]
            clock.ahead += HOUR

    assert inbox.titles == ["Soundlake: the run failed", "Soundlake: the run works again"]
    assert f"exit code {code}" in inbox.messages[0]


def test_what_could_not_be_reported_is_reported_at_the_next_failure(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    inbox.deaf = True
    with serving(python("raise SystemExit(1)"), tmp_path / "beat", tell=inbox):
        wait_until(lambda: said(caplog, "tried again in") == 1)
        inbox.deaf = False
        clock.ahead += MINUTE
        wait_until(lambda: said(caplog, "tried again in") == 2)

    assert inbox.titles == ["Soundlake: the run failed"]


def test_a_busy_lake_is_reported_once_the_pauses_have_grown_to_the_full(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    with serving(python("raise SystemExit(3)"), tmp_path / "beat", 2 * MINUTE, tell=inbox):
        wait_until(lambda: said(caplog, "tried again in") == 1)
        assert inbox.titles == []
        clock.ahead += MINUTE
        wait_until(lambda: said(caplog, "tried again in") == 2)
        wait_until(lambda: inbox.titles == ["Soundlake: the run failed"])

    assert "another one holds the lake" in inbox.messages[0]


def test_a_run_that_takes_too_long_is_ended_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("config.child.RUN_LIMIT", timedelta(seconds=0.1))
    inbox, runs = Inbox(), tmp_path / "runs"
    command = python(
        f"import os, time; open({str(runs)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    )
    with serving(command, tmp_path / "beat", tell=inbox):
        wait_until(lambda: said(caplog, "was ended after") == 1)
        assert not any(is_at_work(int(each)) for each in lines_of(runs))

    assert inbox.titles == ["Soundlake: the run failed"]


def test_nothing_that_a_run_started_outlives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("config.child.STOP_SECONDS", 0.2)
    left_behind = tmp_path / "left behind"
    command = python(
        "import pathlib, subprocess\n"
        "left = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(left_behind)!r}).write_text(str(left.pid))"
    )
    with serving(command, tmp_path / "beat"):
        wait_until(lambda: said(caplog, "the run is done") == 1)
        wait_until(lambda: not is_at_work(int(left_behind.read_text())))


def test_the_run_and_the_lines_about_it_bear_one_id(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen = tmp_path / "seen"
    command = python(f"import os; open({str(seen)!r}, 'w').write(os.environ[{RUN_ID_VARIABLE!r}])")
    with serving(command, tmp_path / "beat"):
        wait_until(lambda: said(caplog, "the run is done") == 1)

    about = [record for record in caplog.records if "the run" in record.getMessage()]
    assert {getattr(record, "run_id", None) for record in about} == {seen.read_text()}


def test_a_run_that_does_not_heed_the_signal_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.child.STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(ready)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    with serving(python(deaf), tmp_path / "beat"):
        wait_until(lambda: bool(lines_of(ready)))
    assert not is_at_work(int(ready.read_text()))


def started_as_a_program(tmp_path: Path, run: str, **environment: str) -> subprocess.Popen[str]:
    """Return the scheduler's own file beside a small ``run_ingestion.py``."""
    (tmp_path / "scheduler.py").write_bytes((ROOT / "scheduler.py").read_bytes())
    (tmp_path / "run_ingestion.py").write_text(run)
    return subprocess.Popen(
        [sys.executable, "scheduler.py"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(tmp_path / "data"),
            **environment,
        },
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_to_the_run_and_all_end_soon(
    tmp_path: Path, sent: signal.Signals
) -> None:
    child = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (open('stopped', 'w').close(), sys.exit(143)))\n"
        "open('ready', 'w').close(); time.sleep(60)"
    )
    process = started_as_a_program(tmp_path, child)
    wait_until((tmp_path / "ready").exists, seconds=30)
    started = time.monotonic()
    process.send_signal(sent)
    _, output = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert time.monotonic() - started < 10
    assert (tmp_path / "stopped").exists()
    assert (tmp_path / "data/.heartbeat").exists()


def test_a_wrong_setting_stops_it_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INGEST_INTERVAL_HOURS", "often")
    process = started_as_a_program(tmp_path, "")
    _, output = process.communicate(timeout=30)
    assert process.returncode == 2
    assert output.count("\n") == 1
    assert "INGEST_INTERVAL_HOURS" in output


def test_with_json_every_line_is_an_object_that_of_a_run_too(tmp_path: Path) -> None:
    run = (
        "import os, pathlib, sys\n"
        "print('a table: │ 1 │')\n"
        "print(file=sys.stderr)\n"
        f"print('my id is', os.environ[{RUN_ID_VARIABLE!r}], file=sys.stderr)\n"
        "pathlib.Path('done').touch()"
    )
    process = started_as_a_program(tmp_path, run, LOG_FORMAT="json", LOG_LEVEL="WARNING")
    wait_until((tmp_path / "done").exists, seconds=30)
    process.send_signal(signal.SIGTERM)
    _, output = process.communicate(timeout=30)

    lines = [json.loads(line) for line in output.splitlines()]
    assert [set(line) for line in lines] == [{"time", "level", "logger", "message", "run_id"}] * 2
    assert {line["message"] for line in lines} == {
        "a table: │ 1 │",
        f"my id is {lines[0]['run_id']}",
    }
    assert {datetime.fromisoformat(line["time"]).tzinfo for line in lines} == {UTC}


def test_a_line_outside_of_a_run_has_no_run_id(tmp_path: Path) -> None:
    process = started_as_a_program(tmp_path, "open('done', 'w')", LOG_FORMAT="json")
    wait_until((tmp_path / "done").exists, seconds=30)
    process.send_signal(signal.SIGTERM)
    _, output = process.communicate(timeout=30)

    ids = {line["message"]: line["run_id"] for line in map(json.loads, output.splitlines())}
    assert ids["a run every 6 hours"] is None
    assert ids["stopped"] is None
    assert ids["the run starts"] is not None


def test_a_run_is_asked_nothing_and_its_failure_is_posted(tmp_path: Path) -> None:
    run = "import sys; sys.exit(1 if sys.stdin.read() == '' else 0)"
    with Mailbox() as mailbox:
        process = started_as_a_program(tmp_path, run, NOTIFY_URL=mailbox.url)
        wait_until(lambda: len(mailbox.received) > 0, seconds=30)
        process.send_signal(signal.SIGTERM)
        _, output = process.communicate("yes\n", timeout=30)

    assert mailbox.received[0].title == "Soundlake: the run failed"
    assert "exit code 1" in mailbox.received[0].message
    assert mailbox.url not in output


def upkeep_of(tmp_path: Path, *, days_ago: float, then: str = "") -> Upkeep:
    """Return the upkeep of a lake that was last looked after so many days ago."""
    stamp = tmp_path / ".maintained"
    stamp.touch()
    at = time.time() - days_ago * 24 * 60 * 60
    os.utime(stamp, (at, at))
    return Upkeep(appending(tmp_path / "upkeep", then), stamp)


def test_upkeep_is_started_after_a_run_once_a_week_has_passed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    beat = tmp_path / "beat"
    with serving(python(""), beat, upkeep=upkeep_of(tmp_path, days_ago=6.9)):
        wait_until(lambda: said(caplog, "the run is done") == 1)
        let_it_look(beat)
    assert said(caplog, "the weekly upkeep starts") == 0

    with serving(python(""), beat, upkeep=upkeep_of(tmp_path, days_ago=7.1)):
        wait_until(lambda: said(caplog, "the weekly upkeep is done") == 1)
    assert lines_of(tmp_path / "upkeep") == ["run"]


def test_a_run_waits_for_the_upkeep(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    go, beat = tmp_path / "go", tmp_path / "beat"
    wait = f"{waiting_for(go)}\nos.utime({str(tmp_path / '.maintained')!r})"
    with serving(python(""), beat, upkeep=upkeep_of(tmp_path, days_ago=8, then=wait)):
        wait_until(lambda: said(caplog, "the weekly upkeep starts") == 1)
        clock.ahead = 3.5 * HOUR
        let_it_look(beat)
        assert said(caplog, "the run starts") == 1

        go.touch()
        wait_until(lambda: said(caplog, "the run is done") == 2)
    assert said(caplog, "the weekly upkeep starts") == 1


def test_upkeep_that_fails_is_reported_and_tried_again_after_the_next_run(
    tmp_path: Path, clock: type[Clock], caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    upkeep = upkeep_of(tmp_path, days_ago=8, then="raise SystemExit(1)")
    with serving(python(""), tmp_path / "beat", upkeep=upkeep, tell=inbox):
        wait_until(lambda: said(caplog, "tried again after the next run") == 1)
        clock.ahead = HOUR
        wait_until(lambda: said(caplog, "tried again after the next run") == 2)

    assert inbox.titles == ["Soundlake: the weekly upkeep failed"]


def test_a_lake_that_was_never_looked_after_waits_a_week_from_now(tmp_path: Path) -> None:
    upkeep = Upkeep([], tmp_path / ".maintained")

    assert not upkeep.is_due()
    then = time.time() - UPKEEP_SECONDS
    os.utime(upkeep.stamp, (then, then))
    assert upkeep.is_due()


def test_upkeep_stamped_by_a_clock_that_was_ahead_is_due(tmp_path: Path) -> None:
    upkeep = Upkeep([], tmp_path / ".maintained")
    upkeep.stamp.touch()
    in_a_year = time.time() + 365 * 24 * 60 * 60
    os.utime(upkeep.stamp, (in_a_year, in_a_year))

    assert upkeep.is_due()


@pytest.mark.parametrize(("seconds_ago", "code"), [(0, 0), (60, 0), (95, 1), (None, 1)])
def test_healthy_while_the_heartbeat_is_young(
    tmp_path: Path, seconds_ago: int | None, code: int
) -> None:
    if seconds_ago is not None:
        beat = tmp_path / ".heartbeat"
        beat.touch()
        os.utime(beat, (time.time() - seconds_ago,) * 2)

    check = subprocess.run(
        [ROOT / "docker/healthcheck.sh"], env={**os.environ, "DATA_DIR": str(tmp_path)}, check=False
    )

    assert check.returncode == code
