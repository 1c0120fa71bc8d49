"""Commands that keep a lake in order: its health, and its files."""

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from cli.console import console, exit_codes, log_to_stderr, say, settings_of_command
from cli.lakes import DataDir, settings_of_lake
from config.clock import utc_now
from config.settings import MAINTAINED_FILE
from lake.reader import open_lake

if TYPE_CHECKING:
    from writers.upkeep import Maintained


def examine_lake(data_dir: DataDir = None) -> None:
    """Show the lake's health and what to do about it; no service is asked."""
    from ingestion.api_state import load_state
    from report.health_report import print_health
    from report.lake_health import Polling, lake_health

    with exit_codes(data_dir):
        settings = settings_of_lake(data_dir)
        log_to_stderr(settings)
        state = load_state(settings.data_dir, settings.user_id, utc_now())
        polling = Polling(
            state.last_poll_at, state.blocked_until, state.spotify_features_refused_until
        )
        with open_lake(settings.data_dir) as lake:
            health = lake_health(lake, settings, polling, utc_now())
            print_health(console, lake, health, settings)


def maintain_lake(data_dir: DataDir = None) -> None:
    """Join small files, delete those that no table has needed for a week, and logs of 90 days ago.

    The scheduler does this every week.
    """
    from lake.delta_tables import is_misread
    from writers.lake_lock import lake_lock
    from writers.run_logs import remove_old_logs
    from writers.upkeep import maintain

    with settings_of_command(data_dir) as settings:
        with lake_lock(settings.data_dir):
            with console.status("joining small files, deleting old ones …"):
                remove_old_logs(settings.data_dir, utc_now())
                done = list(maintain(settings.data_dir))
            (settings.data_dir / MAINTAINED_FILE).touch()
        _print_upkeep(done)
        if is_misread(settings.data_dir):
            say(
                f"nothing was joined or deleted in {settings.data_dir}: upkeep fails with a "
                "percent sign before two digits in the path; rename the folder"
            )


def _print_upkeep(done: list["Maintained"]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("table")
    for heading in ("files before", "after", "MB before", "after"):
        table.add_column(heading, justify="right")
    for each in done:
        megabytes = (f"{size / 1e6:,.1f}" for size in (each.bytes_before, each.bytes_after))
        files = (f"{count:,}" for count in (each.files_before, each.files_after))
        table.add_row(each.table.full_name, *files, *megabytes)
    console.print(table)
