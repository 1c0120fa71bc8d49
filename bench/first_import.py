"""What a first run costs: the import of a whole history and of the catalogue, and every step.

    python -m bench.first_import [--plays 150000] [--runs 3] [--json FILE]
    python -m bench.first_import --exports PATH --catalogue CSV

Without files of one's own the listening is simulated: one person, and a catalogue of 114,000 rows.
Every run starts in an empty folder.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench.measure import as_figures, by_run, costs_table, ingestion, measure, median_cost, publish
from tests.simulated.plays import Listening, write_data_folder

LIMIT_MEGABYTES = 1_200


def main(
    plays: Annotated[int, typer.Option(help="simulated plays of one person")] = 150_000,
    exports: Annotated[Path | None, typer.Option(help="an export of one's own instead")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="a dataset.csv of one's own")] = None,
    runs: Annotated[int, typer.Option(help="how many runs")] = 3,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure first runs and print one table."""
    with tempfile.TemporaryDirectory() as made:
        if exports is None or catalogue is None:
            write_data_folder(Listening.of(1, plays), Path(made))
        options = (
            f"--exports={exports or Path(made) / 'exports'}",
            f"--catalogue={catalogue or Path(made) / 'kaggle' / 'dataset.csv'}",
        )
        costs = []
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as lake:
                costs.append(measure(ingestion(Path(lake), *options), Path(lake)))
    what = "own files" if exports else f"{plays:,} simulated plays"
    title = f"first import, {what}; memory limit {LIMIT_MEGABYTES:,} MB"
    figures = {**by_run(costs), "median": median_cost(costs)}
    publish(costs_table(title, figures), as_figures(figures), json_path)


if __name__ == "__main__":
    typer.run(main)
