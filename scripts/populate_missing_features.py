"""Generate synthetic features for the tracks without any, then update silver and gold."""

import sys
from collections.abc import Sequence
from pathlib import Path

# Started by its path, a script sees its own folder only.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from typing import Annotated

import typer

from cli.console import Watcher, exit_code_of, exit_codes, log_to_stderr
from config.clock import utc_now
from config.settings import load_settings
from features.steps import synthetic_step
from incremental.lake import Lake
from incremental.step import Step
from pipeline import STEPS, run_steps, step_as_work
from writers.lake_lock import lake_lock


def main(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the lake.")] = None,
) -> None:
    """Add missing features and update stale ones; nothing is imported."""
    populate(data_dir)


def populate(data_dir: Path | None, steps: Sequence[Step] = STEPS) -> None:
    """Do what the command does, by these steps."""
    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        synthetic_step(settings)
        with (
            lake_lock(settings.data_dir),
            Lake(settings, utc_now()) as lake,
            Watcher() as watcher,
        ):
            wanted = (each for each in steps if each.wanted(settings))
            work = [step_as_work(lake, each, rebuild=False) for each in wanted]
            results = run_steps(lake, work, watcher)
        raise typer.Exit(exit_code_of(results))


if __name__ == "__main__":
    typer.run(main)
