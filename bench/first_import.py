"""What a first run costs: seconds, CPU, memory of the whole process tree, files and bytes.

    python -m bench.first_import --exports PATH --catalogue CSV [--runs 3] [--json out.json]

Every run starts in an empty folder. Memory is the proportional set size (pages that processes share
count once) where the system tells it, sampled five times a second; the peak is the highest sample.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Cost:
    """What one run cost."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    files: int
    megabytes_written: float
    exit_code: int


def measure(command: list[str], lake: Path) -> Cost:
    """Run ``command`` to its end and give what it cost; ``lake`` is the folder it writes."""
    began = time.monotonic()
    process = psutil.Popen(command, stdout=sys.stderr)
    peak, cpu = 0, {}
    while process.poll() is None:
        memory = 0
        for each in _tree(process):
            try:
                memory += _memory(each)
                times = each.cpu_times()
                cpu[each.pid] = times.user + times.system
            except psutil.Error:
                continue  # it ended between being listed and being asked
        peak = max(peak, memory)
        time.sleep(SAMPLE_SECONDS)
    wall = time.monotonic() - began
    files = [each for each in lake.rglob("*") if each.is_file()]
    return Cost(
        round(wall, 1),
        round(sum(cpu.values()), 1),
        round(peak / 1e6),
        len(files),
        round(sum(each.stat().st_size for each in files) / 1e6, 1),
        process.returncode,
    )


def _tree(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _memory(process: psutil.Process) -> int:
    full = process.memory_full_info()
    return int(getattr(full, "pss", full.rss))


def main(
    exports: Annotated[Path, typer.Option(help="a privacy export: zip, folder or file")],
    catalogue: Annotated[Path, typer.Option(help="the Kaggle dataset.csv")],
    runs: Annotated[int, typer.Option(help="how many runs")] = 3,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure first runs and print one table."""
    costs = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                str(ROOT / "run_ingestion.py"),
                f"--data-dir={folder}",
                f"--exports={exports}",
                f"--catalogue={catalogue}",
                "--no-api",
            ]
            costs.append(measure(command, Path(folder)))
    table = Table(
        title=f"first import, {psutil.cpu_count()} cores, Python {platform.python_version()}"
    )
    for name in asdict(costs[0]):
        table.add_column(name.replace("_", " "), justify="right")
    for cost in costs:
        table.add_row(*(str(value) for value in asdict(cost).values()))
    medians = [
        str(round(statistics.median(values), 1))
        for values in zip(*(asdict(cost).values() for cost in costs), strict=True)
    ]
    table.add_section()
    table.add_row(*medians, style="bold")
    Console().print(table)
    if json_path is not None:
        json_path.write_text(json.dumps([asdict(cost) for cost in costs], indent=1))
    raise typer.Exit(max(cost.exit_code for cost in costs))


if __name__ == "__main__":
    typer.run(main)
