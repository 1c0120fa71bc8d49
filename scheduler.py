"""A run every few hours, each in a process of its own, until told to stop."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import schedule

from config.exit_codes import ExitCode
from config.settings import MAINTAINED_FILE, SettingsError, load_settings

STOP_SECONDS = 8.0
UPKEEP_SECONDS = 7 * 24 * 60 * 60

log = logging.getLogger("scheduler")


@dataclass(frozen=True)
class Upkeep:
    """A command to be run every week; ``stamp`` is a file that it touches at its end."""

    command: Sequence[str]
    stamp: Path

    def is_due(self) -> bool:
        """Say whether the last one was a week ago; a lake without any counts from now."""
        if not self.stamp.exists():
            self.stamp.touch()
        return time.time() - self.stamp.stat().st_mtime >= UPKEEP_SECONDS


class RunScheduler:
    """Starts ``command`` at once and then every ``interval``, never two at a time.

    In between, ``upkeep`` is started whenever it is due and no run is under way.

    The interval counts from start to start. The file ``heartbeat`` is touched every ``tick``: its
    age tells from outside whether the scheduler lives.
    """

    def __init__(
        self,
        command: Sequence[str],
        interval: timedelta,
        heartbeat: Path,
        tick: timedelta = timedelta(seconds=5),
        upkeep: Upkeep | None = None,
    ) -> None:
        self._command = list(command)
        self._upkeep = upkeep
        self._heartbeat = heartbeat
        self._tick = tick.total_seconds()
        self._run: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._schedule = schedule.Scheduler()
        seconds = max(1, round(interval.total_seconds()))
        self._schedule.every(seconds).seconds.do(self._start_run)
        self._schedule.every().hour.do(self.start_upkeep)

    def serve(self) -> None:
        """Work until ``stop`` is called; then end a run under way, by force if it must be."""
        self._heartbeat.parent.mkdir(parents=True, exist_ok=True)
        self._start_run()
        while not self._stop.is_set():
            self._heartbeat.touch()
            self._notice_end()
            self._schedule.run_pending()
            self._stop.wait(self._tick)
        self._end_run()
        log.info("stopped")

    def stop(self) -> None:
        """Have ``serve`` return; safe to call from a signal handler."""
        self._stop.set()

    def _start_run(self) -> None:
        self._notice_end()
        if self._run is not None:
            log.warning("the last run is still at work: this one is left out")
            return
        log.info("a run starts")
        self._start(self._command)

    def start_upkeep(self) -> None:
        """Start the upkeep if it is due and no run is under way; asked every hour."""
        self._notice_end()
        if self._run is None and self._upkeep is not None and self._upkeep.is_due():
            log.info("the weekly upkeep starts")
            self._start(self._upkeep.command)

    def _start(self, command: Sequence[str]) -> None:
        # A session of its own: Ctrl-C in a terminal reaches the run through us alone, in order.
        self._run = subprocess.Popen(command, start_new_session=True)

    def _notice_end(self) -> None:
        code = None if self._run is None else self._run.poll()
        if code is None:
            return
        self._run = None
        if code == ExitCode.DONE:
            log.info("the run is done")
        elif code == ExitCode.LAKE_BUSY:
            log.warning("the run did nothing: another one holds the lake (exit code %d)", code)
        else:
            log.error("the run failed with exit code %d; the next one takes up from there", code)

    def _end_run(self) -> None:
        if self._run is None or self._run.poll() is not None:
            return
        log.info("stopping the run under way; the next one takes up from there")
        self._run.terminate()
        try:
            self._run.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._run.pid, signal.SIGKILL)  # the JVM with it
            self._run.wait()


def main() -> int:
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return ExitCode.WRONG_USE
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    scheduler = RunScheduler(
        command=[sys.executable, str(Path(__file__).with_name("run_ingestion.py"))],
        interval=timedelta(hours=settings.ingest_interval_hours),
        heartbeat=settings.data_dir / ".heartbeat",
        upkeep=Upkeep(
            command=[sys.executable, str(Path(__file__).with_name("main.py")), "maintain"],
            stamp=settings.data_dir / MAINTAINED_FILE,
        ),
    )
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: scheduler.stop())
    log.info("a run every %g hours", settings.ingest_interval_hours)
    scheduler.serve()
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main())
