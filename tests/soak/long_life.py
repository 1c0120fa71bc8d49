"""Months of scheduled runs in an hour: what must not grow with their number, and whether it does.

``python -m tests.soak.long_life --runs 1000`` starts the scheduler as it is on a lake of its own,
against the stand-in for Spotify, and moves the wall clock of all of them (``clock_shift.c``, built
with ``cc``) by three hours once a run is done. The scheduler starts the runs and the weekly upkeep
by itself, each in a process of its own. Every few runs the processes and the lake are measured; at
the end a straight line through the second half of the measurements shows what still grows.

A run computes the way to silver and a few tables of gold, unless ``--all-steps`` asks for all.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import Annotated

import typer

from demo.catalogue import make_catalogue, write_catalogue
from demo.clock import Clock
from demo.listener import Listener
from demo.simulated_account import simulated_account
from demo.spotify_server import SpotifyStandIn
from tests.soak.growth import Meter, Sample, growth, print_growth
from tests.soak.shifted_clock import ShiftedClock
from tests.soak.warm_runs import Steps, write_client
from tests.stand_ins import as_environment, signed_in

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2025, 1, 6, tzinfo=UTC)
"""Long before today: a file that was just written is never taken for an old one."""

_RUN_SECONDS = 600.0
_SCHEDULER = """
import scheduler, sys
from datetime import timedelta
from functools import partial

sys.executable = sys.argv[1]
scheduler.RunScheduler = partial(scheduler.RunScheduler, tick=timedelta(seconds=0.05))
raise SystemExit(scheduler.main())
"""


class Scheduled:
    """The scheduler as a process; its lines say what became of the runs."""

    def __init__(self, python: Path, environment: dict[str, str], output: Path) -> None:
        self._lines: Queue[str] = Queue()
        self._output = output
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SCHEDULER, str(python)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        Thread(target=self._read, daemon=True).start()

    def wait_for_run(self) -> bool:
        """Wait until a run, and the upkeep if one follows it, is over; return whether all is well.

        Raises RuntimeError where the scheduler ended or nothing happens for ten minutes.
        """
        is_well = self._ended("the run")
        while (line := self._next(0.1)) is not None:
            if "the weekly upkeep starts" in line:
                is_well = self._ended("the weekly upkeep") and is_well
                break
        return is_well

    def stop(self) -> None:
        """End it as a service manager would."""
        self.process.terminate()
        self.process.wait(30)

    def _ended(self, what: str) -> bool:
        until = monotonic() + _RUN_SECONDS
        while monotonic() < until and self.process.poll() is None:
            line = self._next(1.0)
            if line is not None and f"] {what} is done" in line:
                return True
            if line is not None and f"] {what} " in line and "tried again" in line:
                return False
        raise RuntimeError(f"{what} is not over: see {self._output}")

    def _next(self, seconds: float) -> str | None:
        try:
            return self._lines.get(timeout=seconds)
        except Empty:
            return None

    def _read(self) -> None:
        with self._output.open("w", encoding="utf-8") as kept:
            for line in self.process.stderr or ():
                kept.write(line)
                kept.flush()
                if " scheduler [" in line:
                    self._lines.put(line)


@contextmanager
def stand_in(
    clock: Clock, days: int, plays_per_day: float, data_dir: Path
) -> Iterator[SpotifyStandIn]:
    """Serve a listener's Spotify. A small catalogue goes into the lake."""
    catalogue = make_catalogue(n_artists=60, n_tracks=600)
    first = date(START.year, START.month, START.day) - timedelta(days=2)
    listener = Listener("me", 3, first, first + timedelta(days=days + 4), plays_per_day)
    (data_dir / "kaggle").mkdir(parents=True)
    write_catalogue(catalogue, data_dir / "kaggle" / "dataset.csv")
    with SpotifyStandIn(simulated_account(listener, catalogue), clock) as server:
        yield server


def live(
    folder: Path,
    runs: int,
    *,
    interval_hours: float = 3,
    sample_every: int = 20,
    plays_per_day: float = 10.0,
    until: float = float("inf"),
    steps: Steps = "few",
) -> tuple[list[Sample], int]:
    """Have the scheduler do so many runs on a lake in ``folder``, or until a monotonic instant.

    Return the measurements, and how many runs failed.
    """
    data_dir, temporary = folder / "lake", folder / "tmp"
    temporary.mkdir()
    clock = Clock(START, speed=1.0)
    days = round(runs * interval_hours / 24) + 1
    samples: list[Sample] = []
    failed = 0
    with (
        # The loader takes no blank in the name of a library, and a socket no long name.
        tempfile.TemporaryDirectory(prefix="soundlake-clock-", dir="/tmp") as plain,
        stand_in(clock, days, plays_per_day, data_dir) as spotify,
    ):
        shifted = ShiftedClock(Path(plain), START)
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **shifted.environment,
            **as_environment(signed_in(spotify)),
            "RECCOBEATS_API_URL": f"{spotify.url}/reccobeats",
            "DATA_DIR": str(data_dir),
            "INGEST_INTERVAL_HOURS": f"{interval_hours:g}",
            "ENGINE": "duckdb",
            "TMPDIR": str(temporary),
        }
        address = Path(plain) / "runs.socket"
        warm = _warm_runs(address, environment, folder / "runs.log", steps)
        program = write_client(Path(plain), address)
        scheduled = Scheduled(program, environment, folder / "scheduler.log")
        meter = Meter(scheduled.process.pid, warm.pid, data_dir, temporary)
        try:
            for number in range(1, runs + 1):
                failed += not scheduled.wait_for_run()
                shifted.date_files(data_dir)
                if number % sample_every == 0:
                    samples.append(meter.measure(number))
                    print(samples[-1].line(), flush=True)
                if monotonic() > until:
                    break
                shifted.advance(timedelta(hours=interval_hours))
                clock.set(shifted.now())
        finally:
            scheduled.stop()
            warm.kill()
            warm.wait()
    return samples, failed


def _warm_runs(
    address: Path, environment: dict[str, str], output: Path, steps: Steps
) -> "subprocess.Popen[bytes]":
    """Start the process that forks the runs, and wait until it listens."""
    with output.open("wb") as log:
        warm = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.warm_runs", str(address), steps],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    while not address.exists() and warm.poll() is None:
        sleep(0.05)
    return warm


def main(
    runs: Annotated[int, typer.Option(help="How many runs.", min=4)] = 1000,
    hours: Annotated[float, typer.Option(help="Stop after so many hours.")] = 3,
    sample_every: Annotated[int, typer.Option(help="Runs between measurements.", min=1)] = 20,
    plays_per_day: Annotated[float, typer.Option(help="How much is listened to.")] = 10,
    all_steps: Annotated[
        bool, typer.Option("--all-steps", help="Compute every table and write the page.")
    ] = False,
) -> None:
    """Let the scheduler live for months and show what grows; exit code 1 where something does."""
    with tempfile.TemporaryDirectory(prefix="soundlake-long-life-") as name:
        samples, failed = live(
            Path(name),
            runs,
            sample_every=sample_every,
            plays_per_day=plays_per_day,
            steps="all" if all_steps else "few",
            until=monotonic() + hours * 3600,
        )
    found = growth(samples)
    print_growth(found, samples[-1].run, failed)
    raise typer.Exit(int(failed > 0 or any(each.is_too_much for each in found)))


if __name__ == "__main__":
    typer.run(main)
