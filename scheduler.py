"""Start a run every few hours, each in its own process, until stopped."""

import json
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import schedule

from cli.console import exit_code_from
from cli.exit_codes import ExitCode
from clients.notify import notify
from config.child import RUN_LIMIT, Child
from config.clock import utc_now
from config.folders import make_private_folder
from config.run_id import new_run_id
from config.settings import MAINTAINED_FILE, Settings, SettingsError, load_settings

FIRST_PAUSE = timedelta(minutes=1)
UPKEEP_SECONDS = 7 * 24 * 60 * 60
RUN, UPKEEP = "run", "weekly upkeep"

Tell = Callable[[str, str], bool]
"""Sends a person a title and a message, and returns whether that worked."""

log = logging.getLogger("scheduler")
child_log = logging.getLogger("run")
child_log.setLevel(logging.INFO)  # whatever LOG_LEVEL is: the child left out the rest itself


@dataclass(frozen=True)
class Upkeep:
    """A weekly command; ``stamp`` is a file that it touches at its end."""

    command: Sequence[str]
    stamp: Path

    def is_due(self) -> bool:
        """Return whether the last one was a week ago; a lake without any counts from now.

        One in the future was stamped by a clock that was ahead: it may be years ago.
        """
        if not self.stamp.exists():
            self.stamp.touch()
        return not 0 <= time.time() - self.stamp.stat().st_mtime < UPKEEP_SECONDS


class RunScheduler:
    """Starts ``command`` at once and then every ``interval``, never two at a time.

    The interval counts from start to start. Runs missed while another was under way or the machine
    slept are replaced by one run. A failed run is tried again after one minute, then two, four and
    so on, never longer than the interval. After a run, ``upkeep`` is started if it is due.

    ``tell`` is called when something fails and when it works again. The file ``heartbeat`` is
    touched every ``tick``: its age shows from outside whether the scheduler is alive.
    """

    def __init__(
        self,
        command: Sequence[str],
        interval: timedelta,
        heartbeat: Path,
        *,
        tick: timedelta = timedelta(seconds=5),
        upkeep: Upkeep | None = None,
        tell: Tell = lambda title, message: False,
        relays_output: bool = False,
    ) -> None:
        self._command = command
        self._interval = interval
        self._heartbeat = heartbeat
        self._tick = tick.total_seconds()
        self._upkeep = upkeep
        self._tell = tell
        self._relays_output = relays_output
        self._child: Child | None = None
        self._known_to_fail: set[str] = set()
        self._pause = FIRST_PAUSE
        self._stop = threading.Event()
        self._schedule = schedule.Scheduler()
        self._next = self._schedule.every(max(1, round(interval.total_seconds()))).seconds
        self._next.do(self._start, RUN, command)

    def serve(self) -> None:
        """Schedule until ``stop`` is called; then end a run under way, by force if necessary."""
        make_private_folder(self._heartbeat.parent)
        self._heartbeat.touch()
        self._start(RUN, self._command)
        while not self._stop.wait(self._tick):
            self._heartbeat.touch()
            self._look_after_child()
            self._run_within(self._interval)  # even if the clock was set back
            if self._child is None:
                self._schedule.run_pending()
        if self._child is not None:
            name = self._child.name
            self._child.log.info("stopping the %s; the next one continues from there", name)
            self._child.end()
        log.info("stopped")

    def stop(self) -> None:
        """Make ``serve`` return; safe to call from a signal handler."""
        self._stop.set()

    def _start(self, name: str, command: Sequence[str]) -> None:
        run_id = new_run_id(utc_now())
        self._child = Child(name, command, run_id, log, _relayed if self._relays_output else None)

    def _run_within(self, pause: timedelta) -> None:
        self._next.next_run = min(self._next.next_run, datetime.now() + pause)

    def _look_after_child(self) -> None:
        child = self._child
        if child is None or (child.exit_code is None and not child.is_overdue):
            return
        code = child.exit_code
        child.end()
        self._child = None
        if code == ExitCode.DONE:
            self._note_success(child)
        else:
            self._note_failure(child, code)
        if child.name == RUN and self._upkeep is not None and self._upkeep.is_due():
            self._start(UPKEEP, self._upkeep.command)

    def _note_success(self, child: Child) -> None:
        child.log.info("the %s is done", child.name)
        if child.name == RUN:
            self._pause = FIRST_PAUSE
        was_trouble = child.name in self._known_to_fail
        if was_trouble and self._notified(child, "works again", f"the {child.name} is done"):
            self._known_to_fail.remove(child.name)

    def _note_failure(self, child: Child, code: int | None) -> None:
        pause = min(self._pause, self._interval)
        again = "after the next run"
        if child.name == RUN:
            again = f"in {pause / timedelta(minutes=1):g} min"
            self._run_within(pause)
            self._pause = 2 * pause
        what = f"the {child.name} {_what_happened(code)}; it is tried again {again}"
        is_busy = code == ExitCode.LAKE_BUSY
        child.log.log(logging.WARNING if is_busy else logging.ERROR, "%s", what)
        # A lake still locked when the pauses are at their longest counts as locked for ever.
        is_news = child.name not in self._known_to_fail and (not is_busy or pause == self._interval)
        if is_news and self._notified(child, "failed", what):
            self._known_to_fail.add(child.name)

    def _notified(self, child: Child, news: str, details: str) -> bool:
        if self._stop.is_set():  # it may take seconds that are no longer there
            return False
        return self._tell(f"Soundlake: the {child.name} {news}", f"{child.run_id}: {details}.")


def _relayed(run_id: str, line: str) -> None:
    child_log.info("%s", line, extra={"run_id": run_id})


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object per line; ``run_id`` is null outside a run."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "run_id": getattr(record, "run_id", None),
        }
        return json.dumps(line, ensure_ascii=False)


def _what_happened(code: int | None) -> str:
    match code:
        case None:
            return f"was ended after {RUN_LIMIT / timedelta(hours=1):g} hours"
        case ExitCode.WRONG_USE:
            return f"failed with exit code {code}: a setting is wrong, and its own lines name it"
        case ExitCode.LAKE_BUSY:
            return f"did nothing: another one holds the lake (exit code {code})"
        case _:
            return f"failed with exit code {code}"


def _log_as_set(settings: Settings) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonLines()
        if settings.log_format == "json"
        else logging.Formatter(
            "%(asctime)s %(levelname)s %(name)s [%(run_id)s] %(message)s", defaults={"run_id": "-"}
        )
    )
    logging.basicConfig(level=settings.log_level, handlers=[handler])


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return ExitCode.WRONG_USE
    _log_as_set(settings)
    here = Path(__file__).parent
    scheduler = RunScheduler(
        command=[sys.executable, str(here / "run_ingestion.py")],
        interval=timedelta(hours=settings.ingest_interval_hours),
        heartbeat=settings.data_dir / ".heartbeat",
        upkeep=Upkeep(
            command=[sys.executable, str(here / "main.py"), "maintain"],
            stamp=settings.data_dir / MAINTAINED_FILE,
        ),
        tell=partial(notify, settings),
        relays_output=settings.log_format == "json",
    )
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: scheduler.stop())
    log.info("a run every %g hours", settings.ingest_interval_hours)
    scheduler.serve()
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(exit_code_from(main))
