"""Everything that is no run: for now, the upkeep of the lake."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from command_line import console, exit_codes, log_to_stderr
from config.settings import MAINTAINED_FILE, load_settings
from maintenance import Maintained, maintain
from writers.delta_writer import lake_lock
from writers.steps import Lake

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def commands() -> None:
    """Look after the lake."""


@app.command("maintain")
def maintain_lake(
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the lake (setting DATA_DIR).")
    ] = None,
) -> None:
    """Join small files and delete those that no table has needed for a week.

    The scheduler does so every week by itself.
    """
    with exit_codes():
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        with lake_lock(settings.data_dir), Lake(settings, datetime.now(UTC)) as lake:
            with console.status("joining small files, deleting old ones …"):
                done = list(maintain(lake))
            (settings.data_dir / MAINTAINED_FILE).touch()
        _tell(done)


def _tell(done: list[Maintained]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("table")
    for heading in ("files before", "after", "MB before", "after"):
        table.add_column(heading, justify="right")
    for each in done:
        megabytes = (f"{size / 1e6:,.1f}" for size in (each.bytes_before, each.bytes_after))
        files = (f"{count:,}" for count in (each.files_before, each.files_after))
        table.add_row(each.table.full_name, *files, *megabytes)
    console.print(table)


if __name__ == "__main__":
    app()
