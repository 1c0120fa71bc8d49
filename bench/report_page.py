"""What the page of one person costs: seconds to write it, and its size.

    python -m bench.report_page --folder FOLDER [--plays 100000 --plays 370000] [--json FILE]

Each page is written by a process of its own, as ``main.py report`` does. "start" is what that
process takes to load Python and its libraries, "page" the writing alone, "CPU" its processor time.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.table import Table as RichTable

from bench.lakes import lake_of
from bench.measure import publish
from tests.simulated.plays import Listening

_WRITE = """
import json, sys, time
started = time.perf_counter()
from datetime import UTC, datetime
from pathlib import Path
from report.page.listening import people_with_plays
from report.page.write import write_page
loaded = time.perf_counter()
lake = Path(sys.argv[1])
(person,) = people_with_plays(lake)
begun, worked = time.perf_counter(), time.process_time()
page = write_page(lake, person, datetime.now(UTC))
ended, worked = time.perf_counter(), time.process_time() - worked
print(json.dumps([loaded - started, ended - begun, worked, page.stat().st_size]))
"""


def main(
    folder: Annotated[Path, typer.Option(help="where the lakes are, or are to be made")],
    plays: Annotated[list[int], typer.Option(help="plays of the person; repeatable")] = [  # noqa: B006
        100_000,
        370_000,
    ],
    runs: Annotated[int, typer.Option(help="pages of each lake")] = 5,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure pages and print one table."""
    figures = {}
    for number in plays:
        lake, _ = lake_of(Listening.of(1, number), folder)
        # The first of each is left out: it warms the file cache.
        pages = [_written(lake) for _ in range(1 + runs)][1:]
        start, page, cpu, size = (median(values) for values in zip(*pages, strict=True))
        figures[number] = {"start": start, "page": page, "cpu": cpu, "megabytes": size / 1e6}
    table = RichTable(title=f"pages of one person, medians of {runs}")
    for heading in ("plays", "start, s", "page, s", "CPU, s", "MB"):
        table.add_column(heading, justify="right")
    for number, each in figures.items():
        values = (f"{each[name]:.2f}" for name in ("start", "page", "cpu", "megabytes"))
        table.add_row(f"{number:,}", *values)
    publish(table, {"pages": figures}, json_path)


def _written(lake: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, str(lake)], capture_output=True, text=True, check=True
    )
    return [float(each) for each in json.loads(done.stdout)]


if __name__ == "__main__":
    typer.run(main)
