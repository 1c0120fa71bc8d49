"""Peak memory of the whole process tree, beside what it may be.

    python -m bench.memory --folder FOLDER [--plays 10000000] [--json FILE]

Two runs, each from files to gold: a first import of one person's 150,000 plays, and one of many
people's plays. A lake that FOLDER holds already was measured when it was made.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as RichTable

from bench.lakes import lake_of, listening_of
from bench.measure import as_figures, publish
from tests.simulated.plays import Listening

ONE_PERSON = Listening.of(people=1, plays=150_000)
LIMITS_MEGABYTES = {"one person": 1_200, "many people": 4_000}


def main(
    folder: Annotated[Path, typer.Option(help="where the lakes are, or are to be made")],
    plays: Annotated[int, typer.Option(help="plays of many people")] = 10_000_000,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Print the peaks and their limits."""
    listenings = {"one person": ONE_PERSON, "many people": listening_of(plays)}
    costs = {name: lake_of(each, folder)[1] for name, each in listenings.items()}
    table = RichTable(title="peak memory, files to gold", title_justify="left")
    for heading in ("", "plays", "peak MB", "limit MB", "within it", "seconds", "CPU seconds"):
        table.add_column(heading, justify="right")
    for name, cost in costs.items():
        table.add_row(
            name,
            f"{listenings[name].people * listenings[name].plays_of_one:,}",
            f"{cost.peak_megabytes:,}",
            f"{LIMITS_MEGABYTES[name]:,}",
            "yes" if cost.peak_megabytes <= LIMITS_MEGABYTES[name] else "NO",
            f"{cost.wall_seconds:,}",
            f"{cost.cpu_seconds:,}",
        )
    publish(table, as_figures(costs) | {"limits_megabytes": LIMITS_MEGABYTES}, json_path)


if __name__ == "__main__":
    typer.run(main)
