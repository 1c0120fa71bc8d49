"""All commands besides the single run: sign-in, checks, statistics, health, upkeep, scheduling.

A command imports what only it needs when it is called: `stats` should answer within a second, and
importing what a run needs would add a quarter to it.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from cli.console import console, exit_code_from, exit_codes, log_to_stderr, say, sign_in_here
from cli.exit_codes import ExitCode
from config.clock import utc_now
from config.settings import MAINTAINED_FILE, Settings, SettingsError, load_settings
from config.version import VERSION
from lake.reader import open_lake
from loaders.export_names import WHERE_EXPORTS_ARE
from report.answer_formats import AnswerFormat
from report.ask import (
    HISTORY_FILE,
    format_for,
    lake_for_queries,
    scratch_folder,
    show_answers,
    write_answer,
)
from report.export_table import FileFormat, export_table
from report.feature_coverage import print_coverage
from report.headlines import HEADLINE_TABLES, print_headlines
from report.query_errors import QueryError
from report.statistics import (
    STATISTICS_TABLES,
    days_with_plays,
    people,
    statistics,
)
from report.statistics_report import print_statistics
from schemas import ALL_TABLES
from schemas.lakes import find_lake
from schemas.play_sources import API

if TYPE_CHECKING:
    from writers.upkeep import Maintained

_PEOPLE_NAMED = 5

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
DataDir = Annotated[Path | None, typer.Option(help="Folder of the lake (setting DATA_DIR).")]


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


@app.command("test")
def check_connections(data_dir: DataDir = None) -> None:
    """Check every setting and every connection; no table is changed.

    Ends with 1 where something essential fails, else with 0.
    """
    from report.connection_checks import Verdict, checks

    failed = 0
    marks = {Verdict.OK: "[green]✓[/]", Verdict.NOTE: "[yellow]·[/]", Verdict.FAILED: "[red]✗[/]"}
    with exit_codes(data_dir):
        for check in checks(partial(load_settings, data_dir=data_dir), utc_now):
            said = escape(f"{check.subject:15}  {check.said}")
            console.print(f"{marks[check.verdict]} {said}", soft_wrap=True, highlight=False)
            failed += check.verdict is Verdict.FAILED
    if failed:
        console.print(f"[red]{failed} of these must be fixed[/]", highlight=False)
        raise typer.Exit(ExitCode.FAILED)


@app.command("login")
def login(data_dir: DataDir = None) -> None:
    """Sign in to Spotify; needed again every six months."""
    from clients.auth.spotify_auth import CONSENT_LASTS

    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        tokens = sign_in_here(settings)
    until = (tokens.consented_at or utc_now()) + CONSENT_LASTS
    console.print(f"[green]✓[/] signed in until {until:%Y-%m-%d}", highlight=False)


@app.command("stats")
def show_statistics(data_dir: DataDir = None) -> None:
    """Show totals, favourites, sources, coverage of features, errors and results."""
    with exit_codes(data_dir):
        settings = _settings_of_lake(data_dir)
        with open_lake(settings.data_dir, STATISTICS_TABLES + HEADLINE_TABLES) as lake:
            _require_plays(settings, people(lake))
            print_statistics(console, statistics(lake, settings.user_id))
            print_coverage(console, lake, settings.user_id)
            print_headlines(console, lake, settings.user_id)


@app.command("export")
def export(
    table: Annotated[str, typer.Option(help="Such as gold.mood_clusters, or mood_clusters.")],
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="Format of the file.")
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option(help="File to write; else one below exported/ in DATA_DIR.")
    ] = None,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace people, leave out where they are.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Write one table as a file for other programs, with the rows of all people."""
    with exit_codes(data_dir):
        settings = _settings_of_lake(data_dir)
        if out is None:
            out = settings.data_dir / "exported" / f"{table}.{file_format}"
            out.parent.mkdir(exist_ok=True)
        with console.status(f"writing {out} …"):
            written = export_table(
                settings.data_dir, table, file_format, out, pseudonymise=pseudonymise
            )
    console.print(f"[green]✓[/] {written.rows:,} rows in {out}", soft_wrap=True, highlight=False)
    if pseudonymise:
        say(f"left out, as it identifies the person: {', '.join(written.left_out) or 'nothing'}")


@app.command("sql")
def answer_query(
    query: Annotated[
        str | None, typer.Argument(help="Such as 'FROM silver.tracks'; without it, a prompt.")
    ] = None,
    answer_format: Annotated[
        AnswerFormat | None, typer.Option("--format", help="Format of the answer.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write instead, with all rows.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Query the lake in DuckDB's SQL, read-only. SHOW TABLES lists the tables."""
    with exit_codes(data_dir):
        chosen = format_for(answer_format, out)
        # Not among the rows: another program may read them.
        settings = _settings_of_lake(data_dir, partial(typer.echo, err=True))
        if query is None and not sys.stdin.isatty():
            query = sys.stdin.read()
        try:
            if out is None:
                history_path = load_settings(data_dir=data_dir).data_dir / HISTORY_FILE
                _show_answers(settings.data_dir, query, chosen, history_path)
            elif query is None:
                raise QueryError("--out needs a query: main.py sql 'FROM silver.tracks' --out FILE")
            else:
                rows = write_answer(settings.data_dir, query, chosen, out)
                said = f"[green]✓[/] {rows:,} rows in {escape(str(out))}"
                console.print(said, soft_wrap=True, highlight=False)
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None


@app.command("report")
def write_report(
    user: Annotated[str | None, typer.Option(help="Whose page (setting USER_ID).")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First local date.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local date.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else reports/USER/index.html in DATA_DIR.")
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="For sharing: no single plays, devices, countries.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Write the page of a person's listening: one file, which needs no network and no server."""
    from cli.pages import address_of, open_on_a_desktop
    from report.page.listening import people_with_plays
    from report.page.write import Span, page_of, write_page

    with exit_codes(data_dir):
        settings = _settings_of_lake(data_dir)
        if user is not None:
            settings = settings.model_copy(update={"user_id": user})
        _require_plays(settings, people_with_plays(settings.data_dir))
        span = Span(first and first.date(), last and last.date())
        if out is None and (redact or first or last):
            out = page_of(settings.data_dir, settings.user_id).with_name(
                "redacted.html" if redact else "part.html"
            )
        with console.status("writing the page …"):
            page = write_page(
                settings.data_dir,
                settings.user_id,
                utc_now(),
                span=span,
                out=out,
                redact=redact,
            )
    say(f"the page: {address_of(page)}")
    open_on_a_desktop(page)


@app.command("web")
def serve_page(data_dir: DataDir = None) -> None:
    """Serve the page as an application, until stopped."""
    from web.server import address_of, serve

    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        say(f"the page: {address_of(settings)} (Ctrl-C stops it)")
        serve(settings, utc_now, Path(__file__).parent)


@app.command("doctor")
def examine_lake(data_dir: DataDir = None) -> None:
    """Show the lake's health and what to do about it; no service is asked."""
    from ingestion.api_state import load_state
    from report.health_report import print_health
    from report.lake_health import Polling, lake_health

    with exit_codes(data_dir):
        settings = _settings_of_lake(data_dir)
        log_to_stderr(settings)
        state = load_state(settings.data_dir, settings.user_id)
        polling = Polling(
            state.last_poll_at, state.blocked_until, state.spotify_features_refused_until
        )
        with open_lake(settings.data_dir) as lake:
            health = lake_health(lake, settings, polling, utc_now())
            print_health(console, lake, health, settings)


@app.command(
    "run-once",
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)
def run_once(context: typer.Context) -> None:
    """Do one run, as run_ingestion.py does, with its flags (run-once --help)."""
    from run_ingestion import app as run

    run(context.args, prog_name="main.py run-once", obj=context.obj)


@app.command("run-continuous")
def run_continuous() -> None:
    """Run now and then every INGEST_INTERVAL_HOURS, until stopped."""
    from scheduler import main as serve

    raise typer.Exit(exit_code_from(serve))


@app.command("backfill")
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


@app.command("maintain")
def maintain_lake(data_dir: DataDir = None) -> None:
    """Join small files, delete those that no table has needed for a week, and logs of 90 days ago.

    The scheduler does this every week.
    """
    from lake.delta_tables import is_misread
    from writers.lake_lock import lake_lock
    from writers.run_logs import remove_old_logs
    from writers.upkeep import maintain

    with exit_codes(data_dir):
        settings = load_settings(data_dir=data_dir)
        log_to_stderr(settings)
        with lake_lock(settings.data_dir):
            with console.status("joining small files, deleting old ones …"):
                remove_old_logs(settings.data_dir, utc_now())
                done = list(maintain(settings.data_dir))
            (settings.data_dir / MAINTAINED_FILE).touch()
        _tell_upkeep(done)
        if is_misread(settings.data_dir):
            say(
                f"nothing was joined or deleted in {settings.data_dir}: upkeep fails with a "
                "percent sign before two digits in the path; rename the folder"
            )


def _require_plays(settings: Settings, known: Sequence[str]) -> None:
    if not known:
        raise SettingsError(f"no plays in {settings.data_dir} yet: start a run (make run)")
    if settings.user_id not in known:
        others = ", ".join(known[:_PEOPLE_NAMED])
        raise SettingsError(
            f"no plays of USER_ID={settings.user_id} in {settings.data_dir}: set it to one of "
            f"{len(known):,} people, such as {others}"
        )


def _show_answers(
    lake_dir: Path, query: str | None, answer_format: AnswerFormat, history_path: Path
) -> None:
    with scratch_folder() as scratch, lake_for_queries(lake_dir, scratch) as lake:
        if query is not None:
            show_answers(lake, query, answer_format, scratch, console.width, sys.stdout)
            return
        from report.ask_prompt import prompt_for_queries

        prompt_for_queries(lake, history_path, answer_format, scratch)


def _settings_of_lake(data_dir: Path | None, tell: Callable[[str], None] = say) -> Settings:
    """Return the settings with the existing lake: the person's, else the simulated account's."""
    settings = load_settings(data_dir=data_dir)
    folder = settings.data_dir if settings.has_credentials else find_lake(settings.data_dir)
    if not any(table.exists(folder) for table in ALL_TABLES):
        raise SettingsError(f"no lake in {folder} yet: start a run (make run), or set DATA_DIR")
    if folder != settings.data_dir:
        tell(f"There is only the simulated account, in {folder}: these are not real plays.")
    return settings.model_copy(update={"data_dir": folder})


def _tell_upkeep(done: list["Maintained"]) -> None:
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
