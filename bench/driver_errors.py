"""How often ``gold.mood_drivers`` finds what is there, and what is not there.

    python -m bench.driver_errors [--people 200] [--days 365] [--json FILE]

The people are those of ``tests.simulated.drivers``.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as RichTable

from bench.measure import publish
from tests.simulated.drivers import errors


def main(
    people: Annotated[int, typer.Option(min=1)] = 200,
    days: Annotated[int, typer.Option(min=1, help="Days of listening of each person.")] = 365,
    json: Annotated[Path | None, typer.Option(help="Also write the figures here.")] = None,
) -> None:
    """Print how often effects of the published size are covered, found, or found where none are."""
    found = errors(people, days)
    table = RichTable(title=f"{people} people over {days} days", title_justify="left")
    table.add_column("")
    table.add_column("asked", justify="right")
    table.add_column("measured", justify="right")
    rows = (
        ("intervals of planted effects that hold them", "93-97%", found.coverage),
        ("people in whom the planted valence is found", "", found.found["valence"]),
        ("people in whom the planted energy is found", "", found.found["energy"]),
        ("findings of planted effects with the wrong sign", "", found.wrong_sign),
        ("permuted: people with any reported effect", "at most 5%", found.people_with_false),
        ("permuted: tests that are findings", "at most 5%", found.false_tests),
        ("permuted: tests with p ≤ 0.05, uncorrected", "", found.uncorrected),
    )
    for name, asked, share in rows:
        table.add_row(name, asked, f"{share:.1%}")
    publish(table, {"people": people, "days": days, **asdict(found)}, json)


if __name__ == "__main__":
    typer.run(main)
