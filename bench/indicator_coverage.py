"""How often the intervals of ``gold.wellbeing_indicators`` hold the truth, in simulated people.

    python -m bench.indicator_coverage [--people 200] [--json out.json]

The people are those of ``tests.simulated.indicators``. An interval of 95 % should hold the truth
in 93 to 97 of 100 people; with 200 people chance alone lets the count stray from 92 to 98.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table as RichTable
from threadpoolctl import threadpool_limits

from gold.indicators.indicator_list import INDICATORS
from gold.indicators.indicator_results import changes
from gold.indicators.period_results import measure
from gold.indicators.person_indicators import WINDOW_DAYS
from tests.simulated.indicators import (
    FIRST_DAY,
    Coverage,
    coverage,
    false_inertia,
    simulated_person,
    truths,
)

LONG_DAYS = 365


def changes_of_nothing(people: int) -> Iterator[Coverage]:
    """Compare two eight weeks of the same listening: the change is 0."""
    found: dict[str, list[tuple[float, bool]]] = {each.name: [] for each in INDICATORS}
    for person in range(people):
        days = simulated_person(person, 2 * WINDOW_DAYS)
        before, after = (
            measure("someone", days.between(first, first + WINDOW_DAYS - 1), str(first))
            for first in (FIRST_DAY, FIRST_DAY + WINDOW_DAYS)
        )
        for result, change in zip(after, changes(after, before), strict=True):
            if change is not None:
                holds = change.low <= 0 <= change.high
                found[result.indicator.name].append((change.value, holds))
    for name, rows in found.items():
        if rows:
            moved, held = np.array(rows).T
            yield Coverage(name, WINDOW_DAYS, 0.0, len(rows), float(moved.mean()), held.mean())


def main(
    people: Annotated[int, typer.Option(help="simulated people of each kind")] = 200,
    json_path: Annotated[Path | None, typer.Option("--json", help="write all numbers here")] = None,
) -> None:
    """Simulate people and print how often each interval holds the truth."""
    # Products of small matrices, in which several threads would only wait for each other.
    with threadpool_limits(limits=1):
        known = truths()
        kinds = {
            f"{LONG_DAYS} days": list(coverage(people, LONG_DAYS, known)),
            f"{WINDOW_DAYS} days": list(coverage(people, WINDOW_DAYS, known)),
            f"change between two {WINDOW_DAYS} days": list(changes_of_nothing(people)),
        }
        inertia = false_inertia(people, LONG_DAYS)
    table = RichTable(title=f"intervals of 95 % that hold the truth, {people} people each")
    for heading in ("history", "indicator", "truth", "mean value", "people", "held"):
        table.add_column(heading, justify="left" if heading == "indicator" else "right")
    for kind, found in kinds.items():
        for each in found:
            numbers = (f"{each.truth:.4f}", f"{each.mean_value:.4f}", str(each.people))
            table.add_row(kind, each.indicator, *numbers, f"{each.covered:.1%}")
        table.add_section()
    console = Console(width=110)
    console.print(table)
    console.print(f"inertia found where features are drawn by track: {inertia:.1%}")
    if json_path is not None:
        summary = {kind: [vars(each) for each in found] for kind, found in kinds.items()}
        json_path.write_text(json.dumps(summary | {"false_inertia": inertia}, indent=1) + "\n")


if __name__ == "__main__":
    typer.run(main)
