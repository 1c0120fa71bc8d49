"""Rebuild the synthetic features: for tracks without measured ones, or for all of them."""

import sys
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dataclasses import replace
from typing import Annotated

import typer

from command_line import Watcher, exit_code_of, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import Settings, load_settings
from engines.models import Parameters
from incremental.lake import Lake
from pipeline import STEPS, carry_out, step_as_work, synthetic_parameters, synthetic_step
from writers.lake_lock import lake_lock


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake.")] = None,
    every: Annotated[bool, typer.Option("--all", help="For measured tracks too.")] = False,
) -> None:
    """Rebuild the synthetic features.

    Without --all: for tracks that no source measured, as every run does. With it, for every track,
    until the next run.
    """
    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        step = synthetic_step(settings)
        if every:
            step = replace(step, parameters=_for_every_track)
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
        ):
            before = [each for each in STEPS if each.table in step.reads]
            work = [step_as_work(lake, each, rebuild=False) for each in before]
            work.append(step_as_work(lake, step, rebuild=True))
            results = carry_out(lake, work, watcher)
        raise typer.Exit(exit_code_of(results))


def _for_every_track(settings: Settings) -> Parameters:
    return {**synthetic_parameters(settings), "every_track": True}


if __name__ == "__main__":
    typer.run(main)
