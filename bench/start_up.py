"""What it costs to start: the session, the first count, the first writes, the whole process.

    python -m bench.start_up [--runs 5] [--json FILE]

The variants run in turn, so that what else the machine does meets all of them alike.
"""

import json
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bench.measure import (
    Cost,
    as_figures,
    by_run,
    costs_table,
    measure,
    median_cost,
    module,
    publish,
)

VARIANTS: dict[str, tuple[str, ...]] = {
    "default Spark": ("--default",),
    "our session": (),
    "ours, no archive of classes": ("--no-archive",),
    "ours, full compiler": ("--java=-XX:TieredStopAtLevel=4",),
    "ours, default collector": ("--java=-XX:-UseParallelGC", "--java=-XX:+UseG1GC"),
}
"""Options of ``bench.first_actions`` by the name of the variant; to try a setting, add a line."""


def main(
    runs: Annotated[int, typer.Option(help="how many runs of each variant")] = 5,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure every variant and print one table of medians."""
    costs: defaultdict[str, list[Cost]] = defaultdict(list)
    for _ in range(runs):
        for name, options in VARIANTS.items():
            costs[name].append(_start(options))
    medians = {name: median_cost(each) for name, each in costs.items()}
    title = f"start of a session, medians of {runs} runs, stages in seconds"
    single = {name: as_figures(by_run(each)) for name, each in costs.items()}
    publish(
        costs_table(title, medians), {"medians": as_figures(medians), "runs": single}, json_path
    )


def _start(options: tuple[str, ...]) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        cost = measure(module("bench.first_actions", folder, *options), Path(folder))
        stages = json.loads((Path(folder) / "seconds.json").read_text(encoding="utf-8"))
    return replace(cost, stages=stages)


if __name__ == "__main__":
    typer.run(main)
