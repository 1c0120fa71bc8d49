"""What all of gold costs once silver is there.

    python -m bench.gold_tables --folder FOLDER [--plays 150000] [--runs 3] [--json FILE]

One person's lake; every gold table is recomputed from silver as it stands, in a session of its
own (``bench.rebuild_steps``). "From the first step to the last" leaves out the session's start.
"""

from pathlib import Path
from typing import Annotated

import typer

from bench.lakes import lake_of
from bench.measure import (
    as_figures,
    by_run,
    costs_table,
    measure,
    median_cost,
    module,
    publish,
)
from lake.reader import open_lake
from schemas.ops_schemas import PIPELINE_RUNS
from tests.simulated.plays import Listening


def main(
    folder: Annotated[Path, typer.Option(help="where the lakes are, or are to be made")],
    plays: Annotated[int, typer.Option(help="plays of the one person")] = 150_000,
    runs: Annotated[int, typer.Option(help="how often")] = 3,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure rebuilds of gold and print one table."""
    lake, _ = lake_of(Listening.of(1, plays), folder)
    command = module("bench.rebuild_steps", str(lake), "--layer=gold")
    costs, spans = [], []
    for _ in range(runs):
        costs.append(measure(command, lake))
        spans.append(_seconds_of_last_run(lake))
    shown = {**by_run(costs), "median": median_cost(costs)}
    table = costs_table(f"gold after silver, {plays:,} plays of one person", shown)
    table.add_section()
    table.add_row("from the first step to the last", *(f"{each:.1f}" for each in spans))
    publish(table, {"costs": as_figures(shown), "spans": spans}, json_path)


def _seconds_of_last_run(lake: Path) -> float:
    with open_lake(lake, [PIPELINE_RUNS]) as tables:
        ((seconds,),) = tables.execute(
            "SELECT max(epoch(started_at) + seconds) - min(epoch(started_at)) "
            f"FROM {PIPELINE_RUNS.full_name} WHERE run_id = (SELECT arg_max(run_id, started_at) "
            f"FROM {PIPELINE_RUNS.full_name})"
        ).fetchall()
    return float(seconds)


if __name__ == "__main__":
    typer.run(main)
