"""Syncs, uploads, and how runs that the page started go."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from config.settings import EXPORTS_FOLDER
from web.problems import problems
from web.runs import Kind, Run, RunKind, RunUnderWayError
from web.state import Here
from web.uploads import RefusedUploadError, TooLargeError, keep

router = APIRouter(prefix="/api/v1", tags=["runs"])


class RunOut(BaseModel):
    """A run that the page started; ``exit_code`` is null while it is under way."""

    run_id: str
    kind: RunKind
    rule: str | None = Field(description="the rule whose playlist it syncs")
    status: Literal["running", "done", "failed"]
    started_at: datetime
    exit_code: int | None
    lines: list[str] = Field(description="the last 1,000 lines of its output")


class SyncIn(BaseModel):
    """What to ask for."""

    kind: Kind


@router.post("/syncs", status_code=HTTPStatus.ACCEPTED, responses=problems(HTTPStatus.CONFLICT))
def start_sync(web: Here, wanted: SyncIn) -> RunOut:
    """Start a run; 409 while another one of the page is under way."""
    return run_out(web.runs.start(wanted.kind))


@router.get("/syncs/{run_id}", responses=problems(HTTPStatus.NOT_FOUND))
def sync_status(web: Here, run_id: Annotated[str, Path(max_length=64)]) -> RunOut:
    """Return how a run that the page started goes."""
    run = web.runs.get(run_id)
    if run is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"the page started no run {run_id}")
    return run_out(run)


@router.post(
    "/uploads",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    request: Request, web: Here, name: Annotated[str, Query(max_length=255)] = "export.zip"
) -> RunOut:
    """Keep an export in ``exports`` and import it; the body is the zip itself."""
    length = request.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdigit() else None
    try:
        kept = await keep(request.stream(), size, name, web.settings.data_dir / EXPORTS_FOLDER)
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the upload was cut off") from None
    except TooLargeError as error:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
    except RefusedUploadError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from None
    try:
        return run_out(web.runs.start("files"))
    except RunUnderWayError as error:
        detail = f"{kept.name} is kept and imported by the next run; {error}"
        raise HTTPException(HTTPStatus.CONFLICT, detail) from None


def run_out(run: Run) -> RunOut:
    """Return how a run goes, as data."""
    lines, _ = run.lines_after(0)
    return RunOut(
        run_id=run.run_id,
        kind=run.kind,
        rule=run.rule,
        status=run.status,
        started_at=run.started_at,
        exit_code=run.exit_code,
        lines=lines,
    )
