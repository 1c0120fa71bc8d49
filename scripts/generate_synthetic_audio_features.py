"""Rebuild the synthetic features: for tracks without measured ones, or for all of them."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from cli.console import Watcher, exit_code_of, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import Settings, load_settings
from engines.models import Parameters
from features.steps import synthetic_parameters, synthetic_step
from incremental.lake import Lake
from incremental.step import Step
from pipeline import STEPS, run_steps, step_as_work
from writers.lake_lock import lake_lock


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake.")] = None,
    every: Annotated[bool, typer.Option("--all", help="For measured tracks too.")] = False,
) -> None:
    """Rebuild the synthetic features.

    Without --all: for tracks that no source measured, as every run does. With it, for every track;
    runs keep to that until this is called without --all. Then silver and gold are brought up.
    """
    generate(data_dir, every=every)


def generate(data_dir: Path | None, steps: Sequence[Step] = STEPS, *, every: bool = False) -> None:
    """Do what the command does, by these steps."""
    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        step = synthetic_step(settings)
        step = replace(step, parameters=partial(_parameters, every_track=every), sticky=())
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
        ):
            wanted = (each for each in steps if each.wanted(settings))
            work = [
                step_as_work(lake, step, rebuild=True)
                if each.table is step.table
                else step_as_work(lake, each, rebuild=False)
                for each in wanted
            ]
            results = run_steps(lake, work, watcher)
        raise typer.Exit(exit_code_of(results))


def _parameters(settings: Settings, *, every_track: bool) -> Parameters:
    return {**synthetic_parameters(settings), "every_track": every_track}


if __name__ == "__main__":
    typer.run(main)
