"""What a person reads at the end of a run: what came in, what was made of it, what is missing."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape

from engines.models import literal
from lake.reader import has_table, open_lake
from report.feature_coverage import print_coverage
from report.layout import titled_table
from report.record_counts import record_counts
from schemas import ALL_TABLES
from schemas.gold_schemas import STATUSES

_REJECTIONS_SHOWN = 8
_PEOPLE_SHOWN = 4
_KINDS_OF_RECORDS = (
    "records",
    "  nameless: no name of their own",
    "  spoken: podcasts, audiobooks",
    "  told twice: by another source too",
    "  impossible: a track twice at once",
    "  plays",
    "tracks",
    "first play",
    "last play",
)


def print_summary(console: Console, data_dir: Path, run_id: str) -> None:
    """Print tables of this run's sources, of the lake's plays and of feature coverage."""
    with open_lake(data_dir) as lake:
        if has_table(lake, "ops.imported_files"):
            _print_sources(console, lake, run_id)
        if has_table(lake, "ops.rejected_records"):
            _print_rejections(console, lake, run_id)
        if has_table(lake, "silver.tracks"):
            _print_plays(console, lake)
            print_coverage(console, lake)
            _print_answers(console, lake)
        if has_table(lake, "ops.checks"):
            _print_checks(console, lake, run_id)


def print_notes(
    console: Console, problems: Sequence[tuple[str, str]], notes: Sequence[str]
) -> None:
    """Print a line for each (file, reason) that was not taken, and for each further note."""
    for name, reason in problems:
        console.print(
            f"[yellow]not taken[/] {escape(f'{name}: {reason}')}", soft_wrap=True, highlight=False
        )
    for note in notes:
        console.print(f"[dim]·[/] {escape(note)}", soft_wrap=True, highlight=False)


def _print_checks(console: Console, lake: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Print in one line what the run proved of the rows that it changed."""
    ((checks, tables, failed),) = lake.execute(
        "SELECT count(*), count(DISTINCT table_name), count_if(status = 'failed') "
        f"FROM ops.checks WHERE run_id = {literal(run_id)}"
    ).fetchall()
    if checks:
        outcome = f"[red]{failed:,} fail[/]" if failed else "all hold"
        console.print(
            f"{checks:,} checks of the {tables:,} tables that changed: {outcome} (ops.checks)",
            highlight=False,
        )


def _print_answers(console: Console, lake: duckdb.DuckDBPyConnection) -> None:
    """Print of how many rows of each gold table there was enough to say something."""
    counts = ", ".join(f"count_if(status = '{each}')" for each in STATUSES)
    counted = [
        f"SELECT '{each.name}', {counts} FROM {each.full_name}"
        for each in ALL_TABLES
        if each.layer == "gold"
        and "status" in each.column_names
        and has_table(lake, each.full_name)
    ]
    if not counted:
        return
    table = titled_table("What could be told: rows of each table")
    table.add_column("gold table")
    for name in STATUSES:
        table.add_column(name.replace("_", " "), justify="right")
    for name, *numbers in lake.execute(" UNION ALL ".join(counted)).fetchall():
        table.add_row(name, *(f"{number:,}" if number else "-" for number in numbers))
    console.print(table)
    console.print(
        "[dim]ok: told. too few data: too little listening to say. withheld: it would rest mostly "
        "on made-up audio features. no skill: no better than chance or a plain average.[/]",
        highlight=False,
    )


def _print_sources(console: Console, lake: duckdb.DuckDBPyConnection, run_id: str) -> None:
    rows = lake.execute(
        f"""
        SELECT user_id, kind, count(*), sum(records_read), sum(records_kept),
               sum(records_known), sum(records_rejected)
        FROM ops.imported_files WHERE run_id = {literal(run_id)} GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    if not rows:
        return
    table = titled_table("Read in this run")
    for heading in ("person", "source"):
        table.add_column(heading)
    for heading in ("files", "read", "kept", "already known", "rejected"):
        table.add_column(heading, justify="right")
    for person, kind, *numbers in rows:
        table.add_row(person, kind, *(f"{int(number):,}" for number in numbers))
    console.print(table)


def _print_rejections(console: Console, lake: duckdb.DuckDBPyConnection, run_id: str) -> None:
    rows = lake.execute(
        f"""
        SELECT source_file, position, reason FROM ops.rejected_records
        WHERE run_id = {literal(run_id)} AND (record IS NOT NULL OR position IS NOT NULL)
        ORDER BY source_file, position
        """
    ).fetchall()
    for name, position, reason in rows[:_REJECTIONS_SHOWN]:
        place = "" if position is None else f", record {position}"
        console.print(
            f"[yellow]rejected[/] {escape(f'{name}{place}: {reason}')}",
            soft_wrap=True,
            highlight=False,
        )
    if len(rows) > _REJECTIONS_SHOWN:
        console.print(
            f"[yellow]rejected[/] {len(rows) - _REJECTIONS_SHOWN:,} more; all of them, as they "
            "were, in ops.rejected_records",
            highlight=False,
        )


def _print_plays(console: Console, lake: duckdb.DuckDBPyConnection) -> None:
    rows = record_counts(lake)
    # A column a person: numbers side by side would be cut off on a narrow screen.
    table = titled_table("The lake now")
    table.add_column("")
    shown = rows[:_PEOPLE_SHOWN]
    for person in shown:
        table.add_column(person.user_id, justify="right")
    for kind, *values in zip(_KINDS_OF_RECORDS, *(each[1:] for each in shown), strict=True):
        table.add_row(kind, *(_cell(each) for each in values))
    console.print(table)
    if len(rows) > len(shown):
        console.print(
            f"and {len(rows) - len(shown):,} people more (silver.tracks)", highlight=False
        )
    console.print(
        "[dim]Nameless, spoken and impossible records are kept but count as no music; what is told "
        "twice counts once.[/]\n",
        highlight=False,
    )


def _cell(value: int | date | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value}"
