"""A page to try the REST API."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from web.render import page

router = APIRouter(include_in_schema=False)


@router.get("/api")
def explorer(request: Request) -> HTMLResponse:
    """Show every question of the API, with a form to ask it."""
    return page(request, "explorer.html.j2")
