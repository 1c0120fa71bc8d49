"""How often the forecast of ``gold.mood_forecast`` claims skill, where there is any and where not.

    python -m bench.forecast_skill [--people 200] [--json FILE]

The people are those of ``tests.simulated.series``.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as RichTable

from bench.measure import publish
from tests.simulated.series import SERIES, noise_with_silent_days, skill

LENGTHS = (90, 180, 365, 1095)


def main(
    people: Annotated[int, typer.Option(min=1)] = 200,
    json: Annotated[Path | None, typer.Option(help="Also write the figures here.")] = None,
) -> None:
    """Print how often skill is claimed, and how often the intervals held, by pattern and length."""
    table = RichTable(title=f"{people} people each", title_justify="left")
    for name in ("pattern", "days", "skill claimed", "mean skill", "80% held", "95% held"):
        table.add_column(name, justify="left" if name == "pattern" else "right")
    figures = {}
    for make in SERIES:
        for days in LENGTHS:
            if make is noise_with_silent_days and days < 180:
                continue  # too few days have a value
            found = skill(make, days, people)
            shares = (f"{each:.1%}" for each in asdict(found).values())
            table.add_row(make.__name__.replace("_", " "), str(days), *shares)
            figures[f"{make.__name__}, {days} days"] = asdict(found)
    publish(table, {"people": people, "skill": figures}, json)


if __name__ == "__main__":
    typer.run(main)
