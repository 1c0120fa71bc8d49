"""The views of the report as data, and a summary for dashboards."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from report.page.parts import Block, View
from report.page.questions.totals import totals
from schemas.statuses import Status
from web.choice import period_of
from web.problems import problems
from web.state import Chosen, Heard
from web.views import VIEWS, Shown, shown, view_of

router = APIRouter(prefix="/api/v1", tags=["views"], responses=problems(HTTPStatus.NOT_FOUND))
ViewName = Literal["overview", "when", "what", "mood", "why", "next", "indicators", "recap", "data"]
assert set(VIEWS) == set(ViewName.__args__)  # type: ignore[attr-defined]


class ColumnOut(BaseModel):
    title: str
    format: str = Field(description="`count`, `minutes`, `percent` (a share of 1), `date`, …")


class TableOut(BaseModel):
    columns: list[ColumnOut]
    rows: list[list[Any]]


class FigureOut(BaseModel):
    label: str
    value: Any
    format: str
    change: float | None = Field(description="share by which it differs from the time before")


class BlockOut(BaseModel):
    """A question and its answer. Where ``status`` is not ``ok``, ``reason`` says why."""

    id: str
    title: str
    status: Status
    reason: str
    sentence: str
    note: str
    figures: list[FigureOut]
    table: TableOut | None


class ViewOut(BaseModel):
    id: str
    title: str
    first: date
    last: date
    blocks: list[BlockOut]


class SummaryOut(BaseModel):
    """What a dashboard shows of a span."""

    user: str
    first: date
    last: date
    plays: int
    minutes: float | None
    tracks: int
    artists: int
    days: int = Field(description="days with music")


@router.get("/views/{name}")
def view(name: Annotated[ViewName, Path()], chosen: Chosen, snapshot: Heard) -> ViewOut:
    """Return everything that a view shows, of the span chosen."""
    if name not in VIEWS:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no view {name}")
    return _out(shown(snapshot, name, chosen))


@router.get("/summary")
def summary(chosen: Chosen, snapshot: Heard) -> SummaryOut:
    """Return the totals of a span, for dashboards."""
    assert snapshot.listening is not None
    period = period_of(chosen, snapshot.listening)
    with snapshot.ask(period) as listening:
        now = totals(listening, [period])[period.id].now
    return SummaryOut(
        user=snapshot.user_id,
        first=period.first,
        last=period.last,
        plays=now.plays,
        minutes=now.minutes,
        tracks=now.tracks,
        artists=now.artists,
        days=now.days,
    )


def _out(section: Shown) -> ViewOut:
    return ViewOut(
        id=section.section.id,
        title=section.section.title,
        first=section.period.first,
        last=section.period.last,
        blocks=[_block(each) for each in section.section.blocks],
    )


def _block(block: Block) -> BlockOut:
    chosen = view_of(block)
    return BlockOut(
        id=block.id,
        title=block.title,
        status=chosen.status,
        reason=chosen.reason,
        sentence=chosen.sentence,
        note=block.note,
        figures=[
            FigureOut(label=each.label, value=each.value, format=each.format, change=each.change)
            for each in chosen.figures
        ],
        table=_table(chosen),
    )


def _table(chosen: View) -> TableOut | None:
    if chosen.table is None:
        return None
    return TableOut(
        columns=[ColumnOut(title=each.title, format=each.format) for each in chosen.table.columns],
        rows=[list(row) for row in chosen.table.rows],
    )
