"""Make synthetic features for the tracks that have none at all, and bring silver and gold up."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from functools import partial
from typing import Annotated

import typer

from command_line import Watcher, exit_code_of, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import load_settings
from incremental.lake import Lake
from incremental.results import StepResult, Stopwatch
from incremental.step import Step
from pipeline import STEPS, Work, carry_out, step_as_work, synthetic_step
from schemas.bronze_schemas import SYNTHETIC_FEATURES
from writers.lake_lock import lake_lock


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake.")] = None,
) -> None:
    """Add what is missing; rows that are there already stay as they are."""
    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        step = synthetic_step(settings)
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
        ):
            add_missing = partial(_add_missing, lake, step)
            reads = tuple(each.full_name for each in step.reads)
            work = [Work(SYNTHETIC_FEATURES.full_name, add_missing, after=reads)]
            others = (each for each in STEPS if each is not step)
            work += [step_as_work(lake, each, rebuild=False) for each in others]
            results = carry_out(lake, work, watcher)
        raise typer.Exit(exit_code_of(results))


def _add_missing(lake: Lake, step: Step) -> StepResult:
    watch = Stopwatch(SYNTHETIC_FEATURES.full_name)
    step.compute(lake, step.whole)
    lake.bind(SYNTHETIC_FEATURES)
    columns = ", ".join(SYNTHETIC_FEATURES.column_names)
    lake.engine.run(
        "missing_features",
        f"SELECT {columns} FROM {SYNTHETIC_FEATURES.name} AS made WHERE NOT EXISTS (SELECT 1 FROM "
        f"{SYNTHETIC_FEATURES.full_name} AS filled WHERE filled.track_key = made.track_key)",
    )
    written = lake.append(SYNTHETIC_FEATURES, "missing_features", SYNTHETIC_FEATURES.full_name)
    return watch.result("written", rows_out=written.rows, version_written=written.version)


if __name__ == "__main__":
    typer.run(main)
