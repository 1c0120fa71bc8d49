"""What a scheduled run costs that finds 50 new plays, on a small lake and on large ones.

    python -m bench.scheduled_run --folder FOLDER [--sizes 100000 --sizes 1000000] [--json FILE]

Each run finds one new zip with 50 plays of one person, those of six hours, ten of them of tracks
that nobody played before. Statistics that are made of complete days change with the first run after
a day's end, so that four runs in turn are a day's. After each comes a run that finds nothing new.
"""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from deltalake import DeltaTable
from rich.table import Table as RichTable

from bench.lakes import lake_of, listening_of
from bench.measure import Cost, ingestion, measure, median_cost, publish
from schemas import ALL_TABLES
from tests.simulated.plays import Listening, connect, person_name

NEW_PLAYS = 50
_PERSON = 0


def main(
    folder: Annotated[Path, typer.Option(help="where the lakes are, or are to be made")],
    sizes: Annotated[list[int], typer.Option(help="plays of a lake; repeatable")] = [  # noqa: B006
        100_000,
        1_000_000,
        10_000_000,
    ],
    runs: Annotated[int, typer.Option(help="runs on each lake")] = 4,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the figures here")] = None,
) -> None:
    """Measure scheduled runs and print one table."""
    connection = connect()
    of_sizes = {size: _measured(connection, folder, size, runs) for size in sorted(sizes)}
    publish(_table(of_sizes), {"sizes": of_sizes}, json_path)


def _measured(
    connection: duckdb.DuckDBPyConnection, folder: Path, size: int, runs: int
) -> dict[str, Any]:
    listening = listening_of(size)
    lake, _ = lake_of(listening, folder)
    scheduled: list[Cost] = []
    nothing_new: list[Cost] = []
    tables: list[int] = []
    # The first of each is left out: it warms the file cache.
    for _ in range(1 + runs):
        _add_export(connection, listening, lake)
        before = _versions(lake)
        scheduled.append(measure(ingestion(lake), lake))
        tables.append(sum(before.get(name) != now for name, now in _versions(lake).items()))
        nothing_new.append(measure(ingestion(lake), lake))
    costs = {"scheduled": scheduled[1:], "nothing new": nothing_new[1:]}
    return {
        "tables_changed": tables[1:],
        "medians": {name: asdict(median_cost(each)) for name, each in costs.items()},
        **{name: [asdict(each) for each in of_name] for name, of_name in costs.items()},
    }


def _add_export(connection: duckdb.DuckDBPyConnection, listening: Listening, lake: Path) -> None:
    """Put a zip with the person's next plays to where the next run finds it."""
    own = lake / "exports" / person_name(_PERSON)
    first = listening.plays_of_one + NEW_PLAYS * len(list(own.glob("new_*.zip")))
    numbers = range(first, first + NEW_PLAYS)
    listening.write_extended(connection, _PERSON, numbers, own / f"new_{first}.zip")


def _versions(lake: Path) -> dict[str, int]:
    return {
        table.full_name: DeltaTable(str(table.path(lake))).version()
        for table in ALL_TABLES
        if table.exists(lake)
    }


def _table(of_sizes: dict[int, dict[str, Any]]) -> RichTable:
    table = RichTable(title=f"{NEW_PLAYS} new plays: medians, single runs in brackets")
    table.add_column("plays in the lake")
    for size in of_sizes:
        table.add_column(f"{size:,}", justify="right")

    def add(title: str, cell: Any) -> None:
        table.add_row(title, *(str(cell(each)) for each in of_sizes.values()))

    for name in ("scheduled", "nothing new"):
        for figure in ("wall_seconds", "cpu_seconds", "peak_megabytes"):
            add(
                f"{name}: {figure.replace('_', ' ')}",
                lambda each, name=name, figure=figure: (
                    f"{each['medians'][name][figure]} "
                    f"{_in_brackets(run[figure] for run in each[name])}"
                ),
            )
        table.add_section()
    smallest = next(iter(of_sizes.values()))["medians"]["scheduled"]["wall_seconds"]
    add(
        "scheduled / scheduled of the smallest lake",
        lambda each: round(each["medians"]["scheduled"]["wall_seconds"] / smallest, 2),
    )
    add("tables changed", lambda each: ", ".join(map(str, each["tables_changed"])))
    add("files written", lambda each: each["medians"]["scheduled"]["files_written"])
    add("megabytes written", lambda each: each["medians"]["scheduled"]["megabytes_written"])
    add(
        "Java started with nothing new", lambda each: each["medians"]["nothing new"]["started_java"]
    )
    table.add_section()
    for step in next(iter(of_sizes.values()))["medians"]["scheduled"]["stages"]:
        add(step, lambda each, step=step: each["medians"]["scheduled"]["stages"].get(step, ""))
    return table


def _in_brackets(values: Iterable[float]) -> str:
    return f"({', '.join(map(str, values))})"


if __name__ == "__main__":
    typer.run(main)
