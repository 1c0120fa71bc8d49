"""The views of the report, for any span."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from report.page.sections import SECTIONS
from web.render import page, people_of
from web.state import Chosen, Heard, Here
from web.views import shown

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(web: Here, chosen: Chosen) -> RedirectResponse:
    """Lead to the first view."""
    return RedirectResponse(
        f"{web.settings.web_base_path}/view/overview{chosen.query()}", HTTPStatus.SEE_OTHER
    )


@router.get("/view/{name}")
def view(
    request: Request, web: Here, chosen: Chosen, snapshot: Heard, name: Annotated[str, Path()]
) -> HTMLResponse:
    """Show a section of the report."""
    if name not in SECTIONS:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no view {name}")
    section = shown(snapshot, name, chosen)
    return page(
        request,
        "view_page.html.j2",
        chosen,
        name=name,
        section=section.section,
        period=section.period,
        listening=snapshot.listening,
        people=people_of(web, snapshot.user_id),
    )
