"""What silver and gold of a large lake cost to rebuild, beside hand-tuned SQL.

    python -m bench.full_rebuild --folder FOLDER [--plays 10000000] [--runs 1] [--json FILE]

One process runs every silver and gold step from bronze by the engine that ENGINE names
(``bench.rebuild_steps``), another makes silver and ``gold.temporal_patterns`` from the same files
by the SQL of ``tests.reference``. They run in turn. "The same tables" are the steps of the tables
that both make. Then both results are compared row by row.
"""

import shutil
from pathlib import Path
from typing import Annotated

import duckdb
import psutil
import typer
from rich.table import Table as RichTable

from bench.lakes import lake_of, listening_of
from bench.measure import Cost, as_figures, costs_table, measure, median_cost, module, publish
from engines.parquet import path_literal
from tests.reference.duckdb_reference import RESULTS
from tests.reference.row_comparison import TABLES, differences


def main(
    folder: Annotated[Path, typer.Option(help="where the lakes are, or are to be made")],
    plays: Annotated[int, typer.Option(help="plays in the lake")] = 10_000_000,
    runs: Annotated[int, typer.Option(help="how many runs of each")] = 1,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure rebuilds beside the reference, compare the rows, print one table."""
    lake, _ = lake_of(listening_of(plays), folder)
    out = folder / "duckdb"
    rebuilds: list[Cost] = []
    reference: list[Cost] = []
    for _ in range(runs):
        rebuilds.append(measure(module("bench.rebuild_steps", str(lake)), lake))
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        threads = f"--threads={psutil.cpu_count()}"
        reference.append(
            measure(module("tests.reference.duckdb_reference", str(lake), str(out), threads), out)
        )
    costs = {
        **{f"rebuild {n}": cost for n, cost in enumerate(rebuilds, 1)},
        **{f"reference {n}": cost for n, cost in enumerate(reference, 1)},
        "rebuild": median_cost(rebuilds),
        "reference": median_cost(reference),
    }
    table = costs_table(f"rebuild of silver and gold, {plays:,} plays; medians last", costs)
    different = _compared(lake, out)
    summary = _summary(costs["rebuild"], costs["reference"])
    _add_below(table, summary, different)
    figures = {"costs": as_figures(costs), "differences": different, **summary}
    publish(table, figures, json_path)


def _summary(rebuild: Cost, reference: Cost) -> dict[str, float]:
    same_tables = sum(rebuild.stages[table.full_name] for table in TABLES)
    return {
        "all steps, seconds": round(sum(rebuild.stages.values()), 1),
        "the same tables, seconds": round(same_tables, 1),
        "whole process / reference": round(rebuild.wall_seconds / reference.wall_seconds, 2),
        "the same tables / reference": round(same_tables / reference.wall_seconds, 2),
        "CPU of the whole process / reference": round(
            rebuild.cpu_seconds / reference.cpu_seconds, 2
        ),
    }


def _compared(lake: Path, out: Path) -> dict[str, dict[str, int]]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    results = {name: f"read_parquet({path_literal(out / f'{name}.parquet')})" for name in RESULTS}
    return differences(connection, lake, results)


def _add_below(
    table: RichTable, summary: dict[str, float], different: dict[str, dict[str, int]]
) -> None:
    table.add_section()
    for name, value in summary.items():
        table.add_row(name, str(value))
    table.add_section()
    for name, found in different.items():
        said = ", ".join(f"{what}: {rows}" for what, rows in found.items())
        table.add_row(f"rows of {name}", said or "equal")


if __name__ == "__main__":
    typer.run(main)
