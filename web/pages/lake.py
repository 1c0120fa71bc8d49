"""The lake: its health and what to do, files, what was rejected, gaps, runs, logs."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from report.health_report import KIND_WORDS
from web.records import Paged
from web.render import page as rendered
from web.state import Chosen, Here, Web
from web.texts import Level, PageNumber, PerPage, RunId, Words
from writers.lake_lock import Holder, holder_of

router = APIRouter(include_in_schema=False)
PAGES = {
    "": "Health",
    "/files": "Files",
    "/rejected": "Rejected",
    "/gaps": "Gaps",
    "/runs": "Runs",
    "/logs": "Logs",
}
LEVELS = tuple(each for each in get_args(Level) if each)


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, where its values come from, and how they are written."""

    title: str
    name: str
    format: str = "text"


_FILES = (
    Column("File", "source_file", "name"),
    Column("Kind", "kind"),
    Column("Read", "records_read", "count"),
    Column("New", "records_kept", "count"),
    Column("Known before", "records_known", "count"),
    Column("Rejected", "records_rejected", "count"),
    Column("First play", "first_played_at", "date"),
    Column("Last play", "last_played_at", "date"),
    Column("Imported", "imported_at", "moment"),
    Column("Run", "run_id", "run"),
)
_REJECTED = (
    Column("Reason", "reason"),
    Column("File", "source_file", "name"),
    Column("Place in it", "position", "count"),
    Column("Record", "record", "record"),
    Column("Found", "rejected_at", "moment"),
    Column("Run", "run_id", "run"),
)
_GAPS = (
    Column("From", "lost_from", "moment"),
    Column("Until", "lost_until", "moment"),
    Column("Why", "why"),
    Column("Missing files", "missing_files"),
    Column("Seen", "detected_at", "moment"),
    Column("Closed", "closed_at", "moment"),
    Column("Run", "run_id", "run"),
)
_RUNS = (
    Column("Begun", "started_at", "moment"),
    Column("Run", "run_id", "run"),
    Column("Seconds", "seconds", "number"),
    Column("Engine", "engine"),
    Column("Tables written", "written", "count"),
    Column("Checks passed", "checks_ok", "count"),
    Column("Checks failed", "checks_failed", "count"),
    Column("Failed step", "failed_step"),
    Column("Error", "error"),
)
_LOGS = (
    Column("At", "logged_at", "second"),
    Column("Level", "level"),
    Column("Line", "message", "record"),
    Column("Logger", "logger"),
    Column("Run", "run_id", "run"),
)
STEPS = (
    Column("Step", "step"),
    Column("Result", "status"),
    Column("Seconds", "seconds", "number"),
    Column("Rows read", "rows_in", "count"),
    Column("Rows written", "rows_out", "count"),
    Column("Rejected", "rows_rejected", "count"),
    Column("Error", "error"),
)
CHECKS = (
    Column("Table", "table_name"),
    Column("What must hold", "check_name"),
    Column("Result", "status"),
    Column("Rows that fail", "failures", "count"),
    Column("The first", "example", "record"),
)
_SIZES = (
    Column("Table", "name"),
    Column("Files", "files", "count"),
    Column("MB", "megabytes", "number"),
    Column("Rows", "rows", "count"),
)


@router.get("/data")
def health(request: Request, web: Here, chosen: Chosen) -> HTMLResponse:
    """Show the lake's health, what to do, and the sizes of its tables."""
    found = web.records.health()
    sizes = [] if found.known is None else [each._asdict() for each in found.known.sizes]
    return rendered(
        request,
        "lake_health.html.j2",
        chosen,
        health=found,
        columns=_SIZES,
        rows=sizes,
        **_frame(web, ""),
    )


@router.get("/data/files")
def files(
    request: Request, web: Here, chosen: Chosen, page: PageNumber = 1, per_page: PerPage = 50
) -> HTMLResponse:
    """Show what of each file was read, kept, known and rejected."""
    found = _with_short_names(web, web.records.files(page, per_page))
    lead = "Every file that was imported, and what became of its records."
    return _list(request, web, chosen, "/files", lead, _FILES, found)


@router.get("/data/rejected")
def rejected(
    request: Request,
    web: Here,
    chosen: Chosen,
    page: PageNumber = 1,
    per_page: PerPage = 50,
    q: Words = "",
    file: Annotated[str, Query(max_length=1000)] = "",
) -> HTMLResponse:
    """Show every record that was rejected, and why."""
    found = _with_short_names(web, web.records.rejected(page, per_page, words=q, file=file))
    lead = "Records and files that are no plays, and why. None is lost: they are kept here."
    return _list(
        request,
        web,
        chosen,
        "/rejected",
        lead,
        _REJECTED,
        found,
        filters={"q": q, "file": file},
        reasons=web.records.reasons(),
    )


@router.get("/data/gaps")
def gaps(
    request: Request, web: Here, chosen: Chosen, page: PageNumber = 1, per_page: PerPage = 50
) -> HTMLResponse:
    """Show the times in which plays may be missing."""
    found = web.records.gaps(page, per_page)
    rows = [row | {"why": KIND_WORDS.get(row["kind"], row["kind"])} for row in found.rows]
    lead = "Times in which plays may be missing, in UTC. A full export closes them."
    shown = Paged(rows, found.total, found.page, found.per_page)
    return _list(request, web, chosen, "/gaps", lead, _GAPS, shown)


@router.get("/data/runs")
def runs(
    request: Request, web: Here, chosen: Chosen, page: PageNumber = 1, per_page: PerPage = 50
) -> HTMLResponse:
    """Show the runs that left a record."""
    found = web.records.runs(page, per_page)
    lead = "Runs that changed something or failed; one with nothing new leaves no record. In UTC."
    return _list(request, web, chosen, "/runs", lead, _RUNS, found)


@router.get("/data/logs")
def logs(
    request: Request,
    web: Here,
    chosen: Chosen,
    page: PageNumber = 1,
    per_page: PerPage = 100,
    level: Level = "",
    run_id: RunId = "",
    q: Words = "",
) -> HTMLResponse:
    """Show what runs logged."""
    found = web.records.logs(page, per_page, level=level, run_id=run_id, words=q)
    lead = "What runs logged, the newest run first, in UTC; kept for 90 days."
    if not web.records.has_logs:
        lead = "Nothing yet: lines are kept from the next run on."
    filters = {"q": q, "level": level, "run_id": run_id}
    return _list(request, web, chosen, "/logs", lead, _LOGS, found, filters=filters, levels=LEVELS)


def _list(
    request: Request,
    web: Web,
    chosen: Chosen,
    place: str,
    lead: str,
    columns: tuple[Column, ...],
    found: Paged,
    **values: Any,
) -> HTMLResponse:
    return rendered(
        request,
        "lake_list.html.j2",
        chosen,
        lead=lead,
        columns=columns,
        found=found,
        **{"filters": {}, "reasons": [], "levels": (), **values},
        **_frame(web, place),
    )


def _with_short_names(web: Web, found: Paged) -> Paged:
    """Return rows whose files are named as they lie in the data folder."""
    folder = f"{web.settings.data_dir}/"
    rows = [
        row | {"source_file": (row["source_file"] or "").removeprefix(folder) or None}
        for row in found.rows
    ]
    return replace(found, rows=rows)


def under_way(web: Web) -> dict[str, Any]:
    """Return which run is under way, as templates show it: one of this page, or another's."""
    latest = web.runs.latest
    is_ours = latest is not None and latest.status == "running"
    holder: Holder | None = None if is_ours else holder_of(web.settings.data_dir)
    return {"under_way": latest if is_ours else None, "holder": holder}


def _frame(web: Web, place: str) -> dict[str, Any]:
    """Return what every page of the lake shows: where it is, and whether a run is under way."""
    return {"place": place, "lake_pages": PAGES, "title": PAGES[place], **under_way(web)}
