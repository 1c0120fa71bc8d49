"""Print a lake's health, for ``doctor``."""

from collections.abc import Sequence

import duckdb
from rich.console import Console
from rich.markup import escape

from config.settings import Settings
from config.version import VERSION
from lake.reader import has_table
from report.feature_coverage import print_coverage
from report.lake_health import Gap, LakeHealth, TableSize, advice, risk_in_words
from report.layout import titled_table
from report.listening_rate import PLAYS_AIMED_AT
from schemas.play_sources import API
from schemas.silver_schemas import TRACKS

_GAPS_SHOWN = 10
KIND_WORDS = {
    "window_full": "more plays than the API shows",
    "outage": "the API showed none for long",
    "missing_file": "a file of the export is missing",
}
"""Why plays may be missing, by the kind of a gap."""


def print_health(
    console: Console, lake: duckdb.DuckDBPyConnection, health: LakeHealth, settings: Settings
) -> None:
    """Print the lake's health, the coverage of features, table sizes and advice."""
    table = titled_table(f"Lake {settings.data_dir}")
    table.show_header = False
    for subject, said in findings(health, settings):
        table.add_row(subject, escape(said))
    console.print(table)
    if health.open_gaps:
        _print_gaps(console, health.open_gaps)
    if has_table(lake, TRACKS.full_name):
        print_coverage(console, lake)
    _print_sizes(console, health.sizes)
    given = advice(health, settings)
    console.print("[bold]What to do[/]" if given else "[green]✓[/] nothing to do")
    for each in given:
        console.print(f"[yellow]→[/] {escape(each)}", soft_wrap=True, highlight=False)


def findings(health: LakeHealth, settings: Settings) -> list[tuple[str, str]]:
    """Return what is known of a lake: pairs of a subject and what is said of it."""
    closed = len(health.gaps) - len(health.open_gaps)
    return [
        ("version", f"Soundlake {VERSION}"),
        ("last run with news", _last_run(health)),
        ("Web API", _polling(health)),
        ("sign-in", _sign_in(health, settings)),
        ("gaps", f"{len(health.open_gaps):,} open, {closed:,} closed by an export"),
        ("interval", _interval(health, settings)),
    ]


def _last_run(health: LakeHealth) -> str:
    run = health.last_run
    if run is None:
        return "none yet"
    result = f"tables written: {run.written}"
    if run.failed_step is not None:
        result += f", failed at {run.failed_step}"
    return f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.seconds:,.0f} s, {result} ({run.run_id})"


def _polling(health: LakeHealth) -> str:
    asked, blocked, refused = health.polling
    said = "never asked" if asked is None else f"asked on {asked:%Y-%m-%d %H:%M} UTC"
    if blocked is not None and blocked > health.now:
        said += f"; rate-limited by Spotify until {blocked:%Y-%m-%d %H:%M} UTC"
    if refused is not None and refused > health.now:
        said += f"; audio features refused (403), requested again on {refused:%Y-%m-%d}"
    return said


def _sign_in(health: LakeHealth, settings: Settings) -> str:
    if not settings.has_credentials:
        return "CLIENT_ID and CLIENT_SECRET are not set: exports only"
    if health.sign_in is None:
        return "nobody is signed in"
    consented_at, ends_at, _ = health.sign_in
    if consented_at is None or ends_at is None:
        return "signed in; since when is not known"
    days = (ends_at - health.now).days
    return f"of {consented_at:%Y-%m-%d}, ends on {ends_at:%Y-%m-%d}, {days} days left"


def _interval(health: LakeHealth, settings: Settings) -> str:
    present = settings.ingest_interval_hours
    if health.rate is None:
        return f"{present:g} h; too few plays to recommend another"
    recommended = health.rate.recommended_hours
    return (
        f"recommended {recommended:g} h, as at your busiest {PLAYS_AIMED_AT} plays came within "
        f"{health.rate.busiest_hours:.2g} h and Spotify shows the last {API.window} only; "
        f"{risk_in_words(health.rate, present)}"
    )


def _print_gaps(console: Console, gaps: Sequence[Gap]) -> None:
    table = titled_table("Times in which plays may be missing, UTC")
    for heading in ("from", "until", "why", "seen"):
        table.add_column(heading)
    for gap in gaps[-_GAPS_SHOWN:]:
        moments = [gap.lost_from, gap.lost_until, gap.detected_at]
        since, until, seen = (f"{each:%Y-%m-%d %H:%M}" if each else "-" for each in moments)
        table.add_row(since, until, KIND_WORDS[gap.kind], seen)
    console.print(table)
    if len(gaps) > _GAPS_SHOWN:
        console.print(
            f"and {len(gaps) - _GAPS_SHOWN:,} earlier; all of them in ops.play_gaps",
            highlight=False,
        )


def _print_sizes(console: Console, sizes: Sequence[TableSize]) -> None:
    table = titled_table("Tables")
    table.add_column("table")
    for heading in ("files", "MB", "rows"):
        table.add_column(heading, justify="right")
    for size in sizes:
        table.add_row(size.name, f"{size.files:,}", f"{size.megabytes:,.1f}", f"{size.rows:,}")
    console.print(table)
