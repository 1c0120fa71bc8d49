"""The summary at the end of a run: what was read, what the lake holds now, what is missing."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape

from engines.models import literal
from lake.checks import IS_NAMED
from lake.reader import has_table, open_lake
from report.feature_coverage import print_coverage
from report.layout import titled_table
from schemas import ALL_TABLES
from schemas.bronze_schemas import IS_MUSIC, IS_SPOKEN, LISTENING_HISTORY
from schemas.ops_schemas import IMPOSSIBLE_PLAYS, REJECTED_RECORDS
from schemas.statuses import STATUSES

_REJECTIONS_SHOWN = 8
_PEOPLE_SHOWN = 4
_SOURCES_SHOWN = 20
_EXCLUDED = "  plays excluded by the person"
_HIDDEN = "  plays hidden by the person"
_KINDS_OF_RECORDS = (
    "records",
    "  untitled records",
    "  podcasts and audiobooks",
    "  duplicates across sources",
    "  impossible: a track twice at once",
    _EXCLUDED,
    _HIDDEN,
    "  plays",
    "tracks",
    "first play",
    "last play",
)


def print_summary(
    console: Console, data_dir: Path, run_id: str, concerned: frozenset[str] | None = None
) -> None:
    """Print tables of this run's sources, of the lake's plays and of feature coverage.

    Of many people those are shown whom the run ``concerned``.
    """
    with open_lake(data_dir) as lake:
        if has_table(lake, "ops.imported_files"):
            _print_sources(console, lake, run_id)
        if has_table(lake, "ops.rejected_records"):
            _print_rejections(console, lake, run_id)
        if has_table(lake, "silver.tracks"):
            _print_plays(console, lake, concerned or frozenset())
            print_coverage(console, lake)
            _print_answers(console, lake)
        if has_table(lake, "ops.checks"):
            _print_checks(console, lake, run_id)


def print_notes(
    console: Console, problems: Sequence[tuple[str, str]], notes: Sequence[str]
) -> None:
    """Print a line for each (file, reason) that was skipped, and for each further note."""
    for name, reason in problems:
        console.print(
            f"[yellow]skipped[/] {escape(f'{name}: {reason}')}", soft_wrap=True, highlight=False
        )
    for note in notes:
        console.print(f"[dim]·[/] {escape(note)}", soft_wrap=True, highlight=False)


def _print_checks(console: Console, lake: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Print in one line the checks of the rows that the run changed."""
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
    """Print the number of rows of each gold table by status."""
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
    table = titled_table("Results: rows of each gold table")
    table.add_column("gold table")
    for name in STATUSES:
        table.add_column(name.replace("_", " "), justify="right")
    for name, *numbers in lake.execute(" UNION ALL ".join(counted)).fetchall():
        table.add_row(name, *(f"{number:,}" if number else "-" for number in numbers))
    console.print(table)
    console.print(
        "[dim]ok: a result. too few data: too little listening to say. withheld: based mostly on "
        "synthetic audio features. no skill: no better than chance or a plain average.[/]",
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
    for person, kind, *numbers in rows[:_SOURCES_SHOWN]:
        table.add_row(person, kind, *(f"{int(number):,}" for number in numbers))
    console.print(table)
    if len(rows) > _SOURCES_SHOWN:
        console.print(f"and {len(rows) - _SOURCES_SHOWN:,} more (ops.imported_files)")


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
            f"[yellow]rejected[/] {len(rows) - _REJECTIONS_SHOWN:,} more; all of them, "
            "unchanged, in ops.rejected_records",
            highlight=False,
        )


def _print_plays(console: Console, lake: duckdb.DuckDBPyConnection, first: frozenset[str]) -> None:
    found = lake.execute(
        f"SELECT DISTINCT user_id FROM {LISTENING_HISTORY.full_name} ORDER BY 1"
    ).fetchall()
    people = sorted((user_id for (user_id,) in found), key=lambda each: each not in first)
    # Before anything is counted: of a thousand people that takes seconds.
    shown = people[:_PEOPLE_SHOWN]
    mine = f"user_id IN {literal(tuple(shown))}" if shown else "false"
    impossible = "SELECT NULL AS user_id, 0 AS records WHERE false"
    if has_table(lake, REJECTED_RECORDS.full_name):
        impossible = (
            f"SELECT user_id, count(*) AS records FROM {REJECTED_RECORDS.full_name} "
            f"WHERE {mine} AND reason IN {literal(tuple(IMPOSSIBLE_PLAYS.values()))} "
            "GROUP BY user_id"
        )
    rows = lake.execute(
        f"""
        WITH landed AS (
            SELECT user_id, count(*) AS records,
                   count_if({IS_MUSIC} AND {IS_NAMED}) AS music,
                   count_if(NOT {IS_SPOKEN}) - music AS untitled
            FROM bronze.listening_history_bronze WHERE {mine} GROUP BY user_id
        ), impossible AS ({impossible}
        ), repeated AS (
            SELECT user_id, sum(len(sources) - 1)::bigint AS records,
                   count(*) FILTER (is_hidden) AS hidden,
                   count(*) FILTER (is_excluded AND is_hidden IS NOT true) AS excluded
            FROM silver.listening_with_features WHERE {mine} GROUP BY user_id
        ), plays AS (
            -- one row per track: a tenth of the data of the plays themselves
            SELECT user_id, sum(plays)::bigint AS plays, count(*) AS tracks,
                   strftime(min(first_played_at), '%Y-%m-%d') AS first,
                   strftime(max(last_played_at), '%Y-%m-%d') AS last
            FROM silver.tracks WHERE {mine} GROUP BY user_id
        ), counted AS (
            SELECT user_id, landed.records, untitled, coalesce(repeated.records, 0) AS duplicates,
                   coalesce(impossible.records, 0) AS impossible,
                   coalesce(excluded, 0) AS excluded, coalesce(hidden, 0) AS hidden,
                   coalesce(plays, 0) AS plays,
                   coalesce(tracks, 0) AS tracks, coalesce(first, '-') AS first,
                   coalesce(last, '-') AS last
            FROM landed LEFT JOIN repeated USING (user_id) LEFT JOIN impossible USING (user_id)
            LEFT JOIN plays USING (user_id)
        )
        -- The rest are podcasts and audiobooks, by their own source or by another one.
        SELECT user_id, records, untitled,
        records - untitled - duplicates - impossible - excluded - hidden - plays,
        duplicates, impossible, excluded, hidden, plays, tracks, first, last
        FROM counted ORDER BY user_id
        """
    ).fetchall()
    # One column per person: in one per number they would be cut off on a narrow screen.
    table = titled_table("The lake now")
    table.add_column("")
    for person, *_ in rows:
        table.add_column(person, justify="right")
    for kind, *values in zip(_KINDS_OF_RECORDS, *(each[1:] for each in rows), strict=True):
        if kind in (_EXCLUDED, _HIDDEN) and not any(values):
            continue
        table.add_row(kind, *(f"{each:,}" if isinstance(each, int) else each for each in values))
    console.print(table)
    if len(people) > len(shown):
        console.print(
            f"and {len(people) - len(shown):,} people more (silver.tracks)", highlight=False
        )
    console.print(
        "[dim]Podcasts, audiobooks, untitled and impossible records are kept but are not plays; "
        "duplicates count once.[/]\n",
        highlight=False,
    )
