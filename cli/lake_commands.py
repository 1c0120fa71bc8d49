"""Commands that show what the lake holds, or write it as files."""

import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.console import console, exit_codes, say
from cli.exit_codes import ExitCode
from cli.lakes import DataDir, require_plays, settings_of_lake
from config.clock import utc_now
from config.settings import load_settings
from lake.reader import open_lake
from report.answer_formats import AnswerFormat
from report.ask import (
    HISTORY_FILE,
    format_for,
    lake_for_queries,
    scratch_folder,
    show_answers,
    write_answer,
)
from report.export_table import EXPORTED_FOLDER, FileFormat, export_table
from report.feature_coverage import print_coverage
from report.headlines import HEADLINE_TABLES, print_headlines
from report.query_errors import QueryError
from report.statistics import STATISTICS_TABLES, people, statistics
from report.statistics_report import print_statistics


def show_statistics(data_dir: DataDir = None) -> None:
    """Show totals, favourites, sources, coverage of features, errors and results."""
    with exit_codes(data_dir):
        settings = settings_of_lake(data_dir)
        with open_lake(settings.data_dir, STATISTICS_TABLES + HEADLINE_TABLES) as lake:
            require_plays(settings, people(lake))
            print_statistics(console, statistics(lake, settings.user_id))
            print_coverage(console, lake, settings.user_id)
            print_headlines(console, lake, settings.user_id)


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
        settings = settings_of_lake(data_dir, partial(typer.echo, err=True))
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
        settings = settings_of_lake(data_dir)
        if out is None:
            out = settings.data_dir / EXPORTED_FOLDER / f"{table}.{file_format}"
            out.parent.mkdir(exist_ok=True)
        with console.status(f"writing {out} …"):
            written = export_table(
                settings.data_dir, table, file_format, out, pseudonymise=pseudonymise
            )
    console.print(f"[green]✓[/] {written.rows:,} rows in {out}", soft_wrap=True, highlight=False)
    if pseudonymise:
        say(f"left out, as it identifies the person: {', '.join(written.left_out) or 'nothing'}")


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
        settings = settings_of_lake(data_dir)
        if user is not None:
            settings = settings.model_copy(update={"user_id": user})
        require_plays(settings, people_with_plays(settings.data_dir))
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


def _show_answers(
    lake_dir: Path, query: str | None, answer_format: AnswerFormat, history_path: Path
) -> None:
    with scratch_folder() as scratch, lake_for_queries(lake_dir, scratch) as lake:
        if query is not None:
            show_answers(lake, query, answer_format, scratch, console.width, sys.stdout)
            return
        from report.ask_prompt import prompt_for_queries

        prompt_for_queries(lake, history_path, answer_format, scratch)
