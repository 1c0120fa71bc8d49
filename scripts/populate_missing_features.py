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
from pipeline import STEPS, Work, carry_out, fill, step_as_work, synthetic_step, tracks_to_fill
from schemas.bronze_schemas import SYNTHETIC_FEATURES
from writers.lake_lock import lake_lock
from writers.steps import Lake, Step, StepResult, Stopwatch


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake.")] = None,
) -> None:
    """Add what is missing; rows that are there already stay as they are."""
    with exit_codes():
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
    inputs = step.inputs(lake)
    filled = lake.read(SYNTHETIC_FEATURES).select("track_key")
    empty = tracks_to_fill(inputs, lake.settings).join(filled, on="track_key", how="left_anti")
    rows = fill(empty, inputs)
    written = lake.writer.append_new(SYNTHETIC_FEATURES, rows, step.provenance(lake))
    return watch.result("written", rows_out=written.rows, version_written=written.version)


if __name__ == "__main__":
    typer.run(main)
