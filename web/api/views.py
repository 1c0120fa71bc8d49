"""The views of the report as data, and a summary for dashboards."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from report.page.questions.totals import totals
from report.page.sections import SECTIONS
from web.api.models import ViewOut, view_out
from web.choice import period_of
from web.problems import problems
from web.state import Chosen, Heard
from web.views import shown

router = APIRouter(prefix="/api/v1", tags=["views"], responses=problems(HTTPStatus.NOT_FOUND))
ViewName = Literal["overview", "when", "what", "mood", "why", "next", "indicators", "recap", "data"]
assert set(SECTIONS) == set(ViewName.__args__)  # type: ignore[attr-defined]


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
    return view_out(shown(snapshot, name, chosen))


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
