"""Sign-in at Spotify, syncs, uploads."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from clients.auth.redirect import code_in
from clients.auth.spotify_auth import (
    SignIn,
    TokenKeeper,
    has_sign_in,
    sign_in_address,
    sign_out,
    store_tokens_for,
)
from clients.errors import ApiError, SignInError
from report.page.listening import Listening
from web.choice import Choice
from web.corrections import corrections
from web.decisions import exclusions, verdicts
from web.pages.lake import under_way
from web.render import page, people_of
from web.runs import KINDS, Kind
from web.security import EVERY_ADDRESS, is_loopback
from web.state import Chosen, Here, Web, person_asked
from web.uploads import MAX_UPLOAD_BYTES

router = APIRouter(include_in_schema=False)
SIGN_IN_LASTS = timedelta(minutes=10)
_MAX_WAITING = 20


@router.get("/settings")
def settings_page(request: Request, web: Here, chosen: Chosen) -> HTMLResponse:
    """Show the sign-in, what can be synced, and where files are dropped."""
    return _page(request, web, chosen)


@router.post("/settings/sync")
def sync(web: Here, kind: Annotated[Kind, Form()]) -> RedirectResponse:
    """Start a run; the page of the run shows its lines."""
    run = web.runs.start(kind)
    return RedirectResponse(
        f"{web.settings.web_base_path}/data/runs/{run.run_id}", HTTPStatus.SEE_OTHER
    )


@router.post("/settings/sign-in")
def begin_sign_in(request: Request, web: Here, chosen: Chosen) -> Response:
    """Lead to Spotify, where the person agrees."""
    now = web.now()
    for state, (begun_at, _) in list(web.sign_ins.items()):
        if now - begun_at > SIGN_IN_LASTS or len(web.sign_ins) >= _MAX_WAITING:
            del web.sign_ins[state]
    begun = SignIn()
    try:
        address = sign_in_address(web.settings, begun)
    except SignInError as error:
        return _page(request, web, chosen, str(error), HTTPStatus.CONFLICT)
    web.sign_ins[begun.state] = now, begun
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


@router.post("/settings/sign-out")
def end_sign_in(request: Request, web: Here, chosen: Chosen) -> Response:
    """Delete the tokens of the lake."""
    try:
        sign_out(web.settings)
    except (SignInError, ApiError) as error:
        return _page(request, web, chosen, str(error), HTTPStatus.CONFLICT)
    return RedirectResponse(f"{web.settings.web_base_path}/settings", HTTPStatus.SEE_OTHER)


def finish_sign_in(request: Request, web: Here) -> Response:
    """Take the code with which Spotify sends the person back."""
    state = request.query_params.get("state", "")
    waiting = web.sign_ins.pop(state, None)
    if waiting is None or web.now() - waiting[0] > SIGN_IN_LASTS:
        # Anybody may come here, with or without the password: the settings are not shown.
        error = "this answer belongs to no sign-in that was begun here: sign in again"
        raise HTTPException(HTTPStatus.BAD_REQUEST, error)
    try:
        code = code_in(str(request.url), state)
        if code is None:
            raise SignInError("Spotify sent no code: sign in again")
        store_tokens_for(web.settings, code, waiting[1], web.now)
    except (SignInError, ApiError) as error:
        raise HTTPException(HTTPStatus.BAD_GATEWAY, str(error)) from None
    return RedirectResponse(_own_address(request, web), HTTPStatus.SEE_OTHER)


def callback_path(redirect_uri: str) -> str:
    """Return the path at which sign-ins come back."""
    return str(PurePosixPath("/") / urlsplit(redirect_uri).path)


def _own_address(request: Request, web: Web) -> str:
    """Return the page of settings, at the page's own port whichever port was asked."""
    host = web.settings.web_host
    if is_loopback(host) or host in EVERY_ADDRESS:
        host = request.url.hostname or host
    shown = f"[{host}]" if ":" in host else host
    path = f"{web.settings.web_base_path}/settings"
    if (request.scope.get("server") or ("", 0))[1] == web.settings.web_port:
        return path
    return f"http://{shown}:{web.settings.web_port}{path}"


def _page(
    request: Request,
    web: Web,
    chosen: Choice,
    error: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    snapshot = web.lakes.of(person_asked(web, chosen))
    listening: Listening | None = snapshot.listening
    try:
        ends_at = TokenKeeper(web.settings, web.now).ends_at
    except SignInError as damaged:
        ends_at, error = None, error or str(damaged)
    return page(
        request,
        "settings.html.j2",
        chosen,
        status,
        error=error,
        kinds=KINDS,
        **under_way(web),
        has_credentials=web.settings.has_credentials,
        is_signed_in=has_sign_in(web.settings),
        ends_at=ends_at,
        max_upload=MAX_UPLOAD_BYTES,
        exclusions=exclusions(snapshot.data_dir, snapshot.user_id),
        corrections=corrections(snapshot.data_dir, snapshot.user_id),
        verdicts=verdicts(snapshot.data_dir, snapshot.user_id),
        listening=listening,
        people=people_of(web, snapshot.user_id),
    )
