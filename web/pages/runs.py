"""A run: its lines while it is under way, where the page started it, and its record in the lake."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sse_starlette.sse import EventSourceResponse
from starlette.exceptions import HTTPException

from web.pages.lake import CHECKS, PAGES, STEPS
from web.render import page
from web.runs import Run
from web.state import Chosen, Here, Web

router = APIRouter(include_in_schema=False)
_LOOK_SECONDS = 0.2


@router.get("/data/runs/{run_id}")
def run_page(request: Request, web: Here, chosen: Chosen, run_id: str) -> HTMLResponse:
    """Show the lines of a run as they come, or what the lake knows of it."""
    run, record = web.runs.get(run_id), web.records.run(run_id)
    if run is None and record is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no record of a run {run_id}")
    is_failed = record is not None and record["failed_step"] is not None
    return page(
        request,
        "run.html.j2",
        chosen,
        run_id=run_id,
        run=run,
        record=record,
        outcome=run.status if run is not None else "failed" if is_failed else "done",
        started_at=run.started_at if run is not None else (record or {})["started_at"],
        lines=[] if run is None else run.lines_after(0)[0],
        title="Run" if run is None else run.title,
        steps=web.records.steps(run_id),
        checks=web.records.checks(run_id),
        has_logs=web.records.has_logs,
        step_columns=STEPS,
        check_columns=CHECKS,
        lake_pages=PAGES,
        place="/runs",
    )


@router.get("/data/runs/{run_id}/events")
async def run_events(web: Here, run_id: str) -> EventSourceResponse:
    """Send the lines of a run as they come, and its end."""
    return EventSourceResponse(_events(_run(web, run_id)))


async def _events(run: Run) -> AsyncIterator[dict[str, str]]:
    seen = 0
    while True:
        is_over = run.status != "running"
        lines, seen = run.lines_after(seen)
        for line in lines:
            yield {"event": "line", "data": line}
        if is_over:
            yield {"event": "end", "data": run.status}
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _run(web: Web, run_id: str) -> Run:
    run = web.runs.get(run_id)
    if run is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"the page started no run {run_id}")
    return run
