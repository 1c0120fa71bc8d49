"""What a command costs, as a table and as JSON that two commits can be compared by.

Seconds are those of the wall clock, start to exit. Memory is the proportional set size (pages that
processes share count once) of the whole process tree where the system reports it, sampled five
times a second at most; the peak is the highest sample. CPU seconds are those of all its processes.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table as RichTable

from config.settings import load_settings
from engines.choice import engine_name
from lake.reader import has_table, open_lake

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Cost:
    """What one command cost; ``stages`` are the seconds of each step of ``ops.pipeline_runs``."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: int
    files_written: int
    megabytes_written: float
    started_java: bool
    stages: Mapping[str, float] = field(default_factory=dict)


class CommandFailedError(RuntimeError):
    """A measured command did not end with exit code 0."""


def ingestion(lake: Path, *options: str) -> list[str]:
    """Return the command of a run on ``lake`` that asks no Web API."""
    script = str(ROOT / "run_ingestion.py")
    return [sys.executable, script, f"--data-dir={lake}", "--no-api", *options]


def module(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this project."""
    return [sys.executable, "-m", name, *arguments]


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run ``command`` to its end and return what it cost; ``folder`` is where it writes.

    What it prints goes to stderr. Raises CommandFailedError where it does not end with 0.
    """
    before = _files(folder)
    started_at, began = datetime.now(UTC), monotonic()
    # Compiled modules are kept, as they are for a person; some environments say otherwise.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = psutil.Popen(command, stdout=sys.stderr, cwd=ROOT, env=environment)
    sampler = _Sampler(process)
    code = process.wait()
    wall = monotonic() - began
    sampler.end()
    if code != 0:
        raise CommandFailedError(f"exit code {code}: {' '.join(command)}")
    written = [size for path, size in _files(folder).items() if path not in before]
    return Cost(
        round(wall, 2),
        round(sum(sampler.cpu_seconds.values()), 1),
        round(sampler.peak_bytes / 1e6),
        len(written),
        round(sum(written) / 1e6, 2),
        sampler.saw_java,
        _stages(folder, started_at),
    )


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure on its own."""
    figures: dict[str, Any] = {
        name: round(statistics.median(getattr(each, name) for each in costs), 2)
        for name in asdict(costs[0])
        if name not in ("started_java", "stages")
    }
    steps = {step: None for each in costs for step in each.stages}
    stages = {
        step: round(statistics.median(each.stages.get(step, 0.0) for each in costs), 2)
        for step in steps
    }
    return Cost(**figures, started_java=any(each.started_java for each in costs), stages=stages)


def by_run(costs: Sequence[Cost]) -> dict[str, Cost]:
    """Return the costs by the number of their run, from 1."""
    return {f"run {number}": cost for number, cost in enumerate(costs, 1)}


def machine() -> dict[str, Any]:
    """Return on what the figures were made: processor cores, memory, versions, commit, load."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "cores": psutil.cpu_count(),
        "memory_gigabytes": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "engine": engine_name(load_settings()),
        "commit": found.stdout.strip() or None,
        "load_average_of_a_minute": round(psutil.getloadavg()[0], 1),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def costs_table(title: str, costs: Mapping[str, Cost]) -> RichTable:
    """Return a table with a column a run and a row a figure, the stages below."""
    table = RichTable(title=title, title_justify="left")
    table.add_column("")
    for name in costs:
        table.add_column(name, justify="right")
    for figure in asdict(next(iter(costs.values()))):
        if figure != "stages":
            values = (str(getattr(each, figure)) for each in costs.values())
            table.add_row(figure.replace("_", " "), *values)
    table.add_section()
    for step in {step: None for each in costs.values() for step in each.stages}:
        table.add_row(step, *(str(each.stages.get(step, "")) for each in costs.values()))
    return table


def as_figures(costs: Mapping[str, Cost]) -> dict[str, Any]:
    """Return costs as JSON can hold them."""
    return {name: asdict(cost) for name, cost in costs.items()}


def publish(table: RichTable, figures: Mapping[str, Any], json_path: Path | None) -> None:
    """Print the table and the machine, and write the figures where ``json_path`` says."""
    on = machine()
    table.caption = ", ".join(f"{name} {value}" for name, value in on.items())
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if json_path is not None:
        json_path.write_text(json.dumps({"machine": on, **figures}, indent=1), encoding="utf-8")


class _Sampler:
    """Watches a process and all its children from a thread of its own."""

    def __init__(self, process: psutil.Popen) -> None:
        self.peak_bytes = 0
        self.cpu_seconds: dict[int, float] = {}
        self.saw_java = False
        self._process = process
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            began = monotonic()
            self._sample()
            # Asking is work too, the more the larger the processes: it must not slow what it sees.
            self._ended.wait(max(SAMPLE_SECONDS, 20 * (monotonic() - began)))

    def _sample(self) -> None:
        memory = 0
        for each in self._tree():
            try:
                full = each.memory_full_info()
                memory += int(getattr(full, "pss", full.rss))
                times = each.cpu_times()
                self.cpu_seconds[each.pid] = times.user + times.system
                self.saw_java = self.saw_java or "java" in each.name()
            except psutil.Error:
                continue  # it ended between being listed and being asked
        self.peak_bytes = max(self.peak_bytes, memory)

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []


def _files(folder: Path) -> dict[Path, int]:
    return {each: each.stat().st_size for each in folder.rglob("*") if each.is_file()}


def _stages(lake: Path, since: datetime) -> dict[str, float]:
    with open_lake(lake) as tables:
        if not has_table(tables, "ops.pipeline_runs"):
            return {}
        rows = tables.execute(
            "SELECT step, seconds FROM ops.pipeline_runs "
            f"WHERE started_at >= TIMESTAMPTZ '{since.isoformat()}' ORDER BY started_at"
        ).fetchall()
    return {step: round(seconds, 2) for step, seconds in rows}
