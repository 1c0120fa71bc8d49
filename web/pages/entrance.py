"""The password, and whether the page is alive."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from web.render import page
from web.state import Here

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Say that the page answers."""
    return PlainTextResponse("ok")


@router.get("/password")
def ask_for_password(request: Request, web: Here) -> Response:
    """Show the form for the password."""
    if not web.doorkeeper.is_needed or web.doorkeeper.knows(request.session):
        return _to_start(web)
    return _form(request, "", HTTPStatus.OK)


@router.post("/password")
def take_password(
    request: Request, web: Here, password: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """Let in whoever knows the password."""
    if not web.doorkeeper.is_needed:
        return _to_start(web)
    who = request.client.host if request.client else ""
    wait = web.doorkeeper.seconds_to_wait(who)
    if wait:
        answer = _form(
            request, f"Too many wrong passwords: wait {wait} s.", HTTPStatus.TOO_MANY_REQUESTS
        )
        answer.headers["Retry-After"] = str(wait)
        return answer
    if not web.doorkeeper.admits(password, who):
        return _form(request, "That is not the password.", HTTPStatus.FORBIDDEN)
    web.doorkeeper.remember(request.session)
    return _to_start(web)


@router.post("/password/forget")
def leave(request: Request, web: Here) -> Response:
    """Forget who gave the password in this browser."""
    request.session.clear()
    return _to_start(web)


def _form(request: Request, error: str, status: HTTPStatus) -> HTMLResponse:
    return page(request, "password.html.j2", status=status, error=error)


def _to_start(web: Here) -> RedirectResponse:
    return RedirectResponse(f"{web.settings.web_base_path}/", HTTPStatus.SEE_OTHER)
