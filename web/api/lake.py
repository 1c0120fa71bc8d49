"""What runs left in the lake: files, what was rejected, gaps, runs with steps, logs, health."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from web.problems import problems
from web.records import Paged
from web.state import Here
from web.texts import Level, PageNumber, PerPage, RunId, Words

router = APIRouter(prefix="/api/v1", tags=["lake"])
Item = TypeVar("Item", bound=BaseModel)


class PageOf(BaseModel, Generic[Item]):
    """A page of a list; ``total`` is how many rows the whole list has."""

    items: list[Item]
    total: int
    page: int
    per_page: int


class FileOut(BaseModel):
    """A file that was imported, with the counts of its records."""

    user_id: str
    source_file: str
    kind: str | None
    records_read: int
    records_kept: int
    records_known: int | None
    records_rejected: int
    first_played_at: datetime | None
    last_played_at: datetime | None
    imported_at: datetime
    run_id: str


class RejectedOut(BaseModel):
    """A record or a whole file that was rejected, and why."""

    user_id: str
    reason: str
    source_file: str | None
    position: int | None = Field(description="place in the file, from 1; null for a whole file")
    record: str | None
    rejected_at: datetime
    run_id: str


class GapOut(BaseModel):
    """A time in which plays may be missing; open while ``closed_at`` is null."""

    user_id: str
    source: str
    kind: str
    lost_from: datetime | None
    lost_until: datetime
    missing_files: str | None
    detected_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    run_id: str


class LakeRunOut(BaseModel):
    """A run that left a record: one that changed something or failed."""

    run_id: str
    started_at: datetime
    seconds: float
    engine: str | None
    version: str | None
    written: int = Field(description="tables written")
    failed_step: str | None
    error: str | None
    checks_ok: int
    checks_failed: int


class StepOut(BaseModel):
    step: str
    status: str
    started_at: datetime
    seconds: float
    rows_in: int | None
    rows_out: int | None
    rows_rejected: int | None
    error: str | None


class CheckOut(BaseModel):
    table_name: str
    check_name: str
    status: str
    failures: int | None
    example: str | None
    seconds: float


class RunDetailsOut(LakeRunOut):
    steps: list[StepOut]
    checks: list[CheckOut]


class LogOut(BaseModel):
    run_id: str
    line_number: int
    logged_at: datetime
    level: str
    logger: str
    message: str


class FindingOut(BaseModel):
    subject: str
    said: str


class SizeOut(BaseModel):
    name: str
    files: int
    megabytes: float
    rows: int


class HealthOut(BaseModel):
    """What `doctor` shows: findings, what to do, the most urgent first, and sizes of tables."""

    findings: list[FindingOut]
    advice: list[str]
    signed_in_until: datetime | None
    open_gaps: int | None
    tables: list[SizeOut]


@router.get("/files")
def files(web: Here, page: PageNumber = 1, per_page: PerPage = 50) -> PageOf[FileOut]:
    """Return the files that were imported, the newest first."""
    return _page(FileOut, web.records.files(page, per_page))


@router.get("/rejected")
def rejected(
    web: Here,
    page: PageNumber = 1,
    per_page: PerPage = 50,
    q: Words = "",
    file: Annotated[str, Query(max_length=1000, description="Only of this file")] = "",
) -> PageOf[RejectedOut]:
    """Return what was rejected, the newest first."""
    return _page(RejectedOut, web.records.rejected(page, per_page, words=q, file=file))


@router.get("/gaps")
def gaps(web: Here, page: PageNumber = 1, per_page: PerPage = 50) -> PageOf[GapOut]:
    """Return the times in which plays may be missing, open ones first."""
    return _page(GapOut, web.records.gaps(page, per_page))


@router.get("/runs")
def runs(web: Here, page: PageNumber = 1, per_page: PerPage = 50) -> PageOf[LakeRunOut]:
    """Return the runs that left a record, the newest first."""
    return _page(LakeRunOut, web.records.runs(page, per_page))


@router.get("/runs/{run_id}", responses=problems(HTTPStatus.NOT_FOUND))
def run(web: Here, run_id: Annotated[str, Path(max_length=64)]) -> RunDetailsOut:
    """Return a run with its steps and checks; one with nothing new leaves no record."""
    found = web.records.run(run_id)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"the lake has no record of a run {run_id}")
    return RunDetailsOut(
        **found,
        steps=[StepOut(**each) for each in web.records.steps(run_id)],
        checks=[CheckOut(**each) for each in web.records.checks(run_id)],
    )


@router.get("/logs")
def logs(
    web: Here,
    page: PageNumber = 1,
    per_page: PerPage = 100,
    level: Annotated[Level, Query(description="Only lines of this level")] = "",
    run_id: RunId = "",
    q: Words = "",
) -> PageOf[LogOut]:
    """Return what runs logged: the newest run first, its lines in order."""
    return _page(LogOut, web.records.logs(page, per_page, level=level, run_id=run_id, words=q))


@router.get("/health")
def health(web: Here) -> HealthOut:
    """Return the lake's health and what to do about it; no service is asked."""
    found = web.records.health()
    known = found.known
    sign_in = None if known is None else known.sign_in
    return HealthOut(
        findings=[FindingOut(subject=subject, said=said) for subject, said in found.findings],
        advice=found.advice,
        signed_in_until=None if sign_in is None else sign_in.ends_at,
        open_gaps=None if known is None else len(known.open_gaps),
        tables=[] if known is None else [SizeOut(**each._asdict()) for each in known.sizes],
    )


def _page(kind: type[Item], found: Paged) -> PageOf[Item]:
    return PageOf[Item](
        items=[kind(**row) for row in found.rows],
        total=found.total,
        page=found.page,
        per_page=found.per_page,
    )
