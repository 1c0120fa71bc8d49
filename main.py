"""All commands besides the single run, by name: those that start runs stand here, others in cli/.

A command imports what only it needs when it is called: `stats` should answer within a second, and
importing what a run needs would add a quarter to it.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.backup_commands import back_up_lake, restore_lake, roll_back_table, verify_lake
from cli.console import exit_code_from, exit_codes, say, settings_of_command
from cli.lake_commands import answer_query, export, show_statistics, write_report
from cli.lakes import DataDir
from cli.playlist_commands import playlists_app
from cli.playlist_sync_commands import map_rule, sync_playlists
from cli.sign_in_commands import check_connections, login
from cli.upkeep_commands import examine_lake, maintain_lake
from config.clock import utc_now
from config.settings import load_settings
from config.version import VERSION
from lake.reader import open_lake
from loaders.export_names import WHERE_EXPORTS_ARE
from report.statistics import STATISTICS_TABLES, days_with_plays
from schemas.play_sources import API

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"Soundlake {VERSION}")
        raise typer.Exit


@app.callback()
def commands(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Sign in, maintain the lake, check its health, ask what it holds."""


def serve_page(data_dir: DataDir = None) -> None:
    """Serve the page as an application, until stopped."""
    from web.server import address_of, serve

    with settings_of_command(data_dir) as settings:
        say(f"the page: {address_of(settings)} (Ctrl-C stops it)")
        serve(settings, utc_now, Path(__file__).parent)


def run_once(context: typer.Context) -> None:
    """Do one run, as run_ingestion.py does, with its flags (run-once --help)."""
    from run_ingestion import app as run

    run(context.args, prog_name="main.py run-once", obj=context.obj)


def run_continuous() -> None:
    """Run now and then every INGEST_INTERVAL_HOURS, until stopped."""
    from scheduler import main as serve

    raise typer.Exit(exit_code_from(serve))


def backfill(
    days: Annotated[int, typer.Option(min=1, help="How far back to look, in days.")],
    data_dir: DataDir = None,
) -> None:
    """Fetch what the Web API still has of the last days, and say what it lacks."""
    from clients.auth.accounts import require_credentials
    from run_ingestion import app as run

    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        say(
            f"The Web API shows the last {API.window} plays and nothing before them, however many "
            "days are asked for.\n"
            f"Older plays come by the privacy export alone: {WHERE_EXPORTS_ARE}; put the zip into "
            f"{settings.data_dir / 'exports'}."
        )
        require_credentials(settings)
        say(
            f"Now one run: it fetches those {API.window}, and reads the whole library and every "
            "export again."
        )
        flags = ["--full", "--data-dir", str(settings.data_dir)]
        code = run(flags, standalone_mode=False)
        since = utc_now().astimezone(settings.zone).date() - timedelta(days=days - 1)
        with open_lake(settings.data_dir, STATISTICS_TABLES) as lake:
            found = days_with_plays(lake, settings.user_id, since)
        say(f"The lake has plays on {found:,} of the last {days:,} days.")
    raise typer.Exit(code)


def purge(
    user: Annotated[str, typer.Option(help="Whom.")],
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only what they played before this local date."),
    ] = None,
    exports: Annotated[
        bool, typer.Option("--exports", help="Delete their files in DATA_DIR/exports too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a person, or what they played before a date, from tables, logs and files."""
    from cli.purge_commands import purge_person
    from pipeline import compute_from_sources

    purge_person(user, before, data_dir, compute_from_sources, exports=exports, yes=yes)


_TAKES_ANY_FLAG = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}

app.command("test")(check_connections)
app.command("login")(login)
app.command("stats")(show_statistics)
app.command("export")(export)
app.command("sql")(answer_query)
app.command("report")(write_report)
app.command("web")(serve_page)
app.command("doctor")(examine_lake)
app.command("run-once", context_settings=_TAKES_ANY_FLAG)(run_once)
app.command("run-continuous")(run_continuous)
app.command("backfill")(backfill)
app.command("maintain")(maintain_lake)
app.command("backup")(back_up_lake)
app.command("restore")(restore_lake)
app.command("rollback")(roll_back_table)
app.command("verify")(verify_lake)
app.command("purge")(purge)
playlists_app.command("sync")(sync_playlists)
playlists_app.command("map")(map_rule)
app.add_typer(playlists_app, name="playlists")


if __name__ == "__main__":
    app()
