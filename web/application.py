"""The application: its parts put together, what comes before every answer, and how it fails."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware

from config.settings import Settings, SettingsError
from config.version import VERSION
from lake.releases import NewerLakeError
from web.api import API_ROUTERS
from web.choice import WrongChoiceError
from web.lakes import Lakes, Snapshot
from web.pages import PAGE_ROUTERS
from web.pages.settings import callback_path, finish_sign_in
from web.password import SESSION_SECONDS, Doorkeeper, session_key
from web.problems import api_document, problem, problems
from web.records import Records
from web.render import REPORT, STATIC, page
from web.runs import Runs, RunUnderWayError
from web.security import Guard, SecureCookies, headers_of
from web.state import NoPlaysError, Web
from web.views import warm_up
from writers.corrections import MergeRefusedError
from writers.lake_lock import LakeBusyError

log = logging.getLogger("web")
_LEAST_COMPRESSED = 1000
# What every question to the API can be answered with.
_ALWAYS_POSSIBLE = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)


def application(settings: Settings, now: Callable[[], datetime], root: Path) -> FastAPI:
    """Return the application on the lake of ``settings``.

    ``now`` gives the time in UTC, ``root`` is the folder of the commands that runs are started by.
    """
    doorkeeper = Doorkeeper(settings)
    lakes = Lakes(settings.data_dir, own_only=settings.has_credentials)
    records = Records(lakes, settings, now)
    web = Web(settings, now, lakes, Runs(settings, root), doorkeeper, records)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        ended = Event()

        def ready(read: Snapshot) -> None:
            warm_up(read, ended)
            web.records.health()

        fresh = Thread(target=web.lakes.keep_fresh, args=(settings.user_id, ended, ready))
        fresh.start()
        yield
        ended.set()
        web.runs.stop()
        fresh.join()

    app = FastAPI(
        title="Soundlake",
        version=VERSION,
        summary="A person's whole Spotify listening: every view, list and number of the page.",
        docs_url=None,
        redoc_url=None,
        root_path=settings.web_base_path,
        lifespan=lifespan,
    )
    app.state.web = web
    app.state.port = settings.web_port
    # The last one added sees a request first.
    app.add_middleware(BaseHTTPMiddleware, dispatch=Guard(settings, doorkeeper))
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings),
        session_cookie="soundlake",
        max_age=SESSION_SECONDS,
        same_site="lax",  # strict would sign out whoever comes back from Spotify's sign-in
    )
    app.add_middleware(SecureCookies)
    app.add_middleware(GZipMiddleware, minimum_size=_LEAST_COMPRESSED)
    app.mount("/static/report", StaticFiles(directory=REPORT / "static"))
    app.mount(
        "/static/explorer", StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static")
    )
    app.mount("/static", StaticFiles(directory=STATIC))
    for router in PAGE_ROUTERS:
        app.include_router(router)
    for router in API_ROUTERS:
        app.include_router(router, responses=problems(*_ALWAYS_POSSIBLE))
    app.add_api_route(callback_path(settings.redirect_uri), finish_sign_in, include_in_schema=False)
    _handle_errors(app, headers_of(settings))
    app.openapi = partial(api_document, app)  # type: ignore[method-assign]
    return app


def _handle_errors(app: FastAPI, headers: Mapping[str, str]) -> None:
    def failed(
        request: Request, status: HTTPStatus, detail: str, more: Mapping[str, str] | None = None
    ) -> Response:
        if is_for_programs(request):
            return problem(status, detail, more)
        shown = page(request, "problem.html.j2", status=status, problem=status, detail=detail)
        shown.headers.update(more or {})
        return shown

    @app.exception_handler(HTTPException)
    def _(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        detail = error.detail if error.detail != status.phrase else "there is nothing here"
        return failed(request, status, detail, error.headers)

    @app.exception_handler(RequestValidationError)
    def _(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"][1:])
        return failed(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {first['msg']}")

    @app.exception_handler(WrongChoiceError)
    def _(request: Request, error: WrongChoiceError) -> Response:
        return failed(request, HTTPStatus.NOT_FOUND, str(error))

    @app.exception_handler(RunUnderWayError)
    @app.exception_handler(LakeBusyError)
    @app.exception_handler(NewerLakeError)
    @app.exception_handler(SettingsError)
    @app.exception_handler(MergeRefusedError)
    def _(request: Request, error: Exception) -> Response:
        return failed(request, HTTPStatus.CONFLICT, str(error))

    @app.exception_handler(NoPlaysError)
    def _(request: Request, error: NoPlaysError) -> Response:
        if is_for_programs(request):
            return problem(HTTPStatus.NOT_FOUND, str(error))
        return page(request, "no_plays.html.j2", detail=str(error))

    @app.exception_handler(Exception)
    def _(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return failed(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "the page failed; its log says why (docker-compose logs spotify-web, or the terminal)",
            headers,  # the guard is passed by
        )


def is_for_programs(request: Request) -> bool:
    """Return whether an answer is read by a program."""
    base = request.app.state.web.settings.web_base_path
    return request.url.path.removeprefix(base).startswith(("/api/", "/openapi.json"))
