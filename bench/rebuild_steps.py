"""Computes every silver and gold table of a lake again, by the engine that ENGINE names.

    python -m bench.rebuild_steps LAKE [--layer gold]

No file is read again: bronze is taken as it is. The steps are recorded in ``ops.pipeline_runs``.
"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Watcher, exit_code_of
from config.settings import load_settings
from incremental.lake import Lake
from loaders.privacy_export import Discovery
from pipeline import STEPS, bytes_to_read, run_steps, step_as_work
from writers.lake_lock import lake_lock

LAYERS = ("silver", "gold")


def main(
    data_dir: Annotated[Path, typer.Argument(help="data folder of the lake")],
    layers: Annotated[list[str], typer.Option("--layer", help="repeatable")] = [*LAYERS],  # noqa: B006
) -> None:
    """Rebuild silver and gold."""
    settings = load_settings(data_dir=data_dir)
    size = partial(bytes_to_read, settings, Discovery(), rebuild=True)
    now = datetime.now(UTC)
    with lake_lock(data_dir), Lake(settings, now, work_bytes=size) as lake, Watcher() as watcher:
        steps = (step for step in STEPS if step.table.layer in layers)
        work = [step_as_work(lake, step, rebuild=True) for step in steps]
        results = run_steps(lake, work, watcher)
    raise typer.Exit(exit_code_of(results))


if __name__ == "__main__":
    typer.run(main)
