"""What keeps others out: the Host header, the origin of changes, the policy of content, a password.

A page on this machine can be reached by every site that its user visits: by a name that is made to
point here (rebinding), and by forms that a site sends here. Both are refused, with a password or
without one.
"""

import ipaddress
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings, SettingsError
from web.password import Doorkeeper
from web.problems import problem

Next = Callable[[Request], Awaitable[Response]]

_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN_SITE = {"same-origin", "none"}
_STATIC = "/static/"
_OPEN = ("/password", "/healthz")
_FOR_PROGRAMS = ("/api/v1/", "/openapi.json")
# What a browser sends: a name or an address, and maybe a port. Nothing that could be a path.
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
EVERY_ADDRESS = ("0.0.0.0", "::")
"""Where a server listens that listens at every address of its machine."""

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def is_loopback(host: str) -> bool:
    """Return whether an address or name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_password_on_public(settings: Settings) -> None:
    """Raise SettingsError where others can reach the page and no password keeps them out.

    A further name is one by which others reach it, through a proxy.
    """
    if settings.web_password is not None:
        return
    if not is_loopback(settings.web_host):
        raise SettingsError(
            f"WEB_HOST={settings.web_host} lets other machines reach the page: set WEB_PASSWORD, "
            "or leave WEB_HOST at 127.0.0.1"
        )
    for name in settings.web_allowed_hosts:
        if not is_loopback(name):
            raise SettingsError(
                f"WEB_ALLOWED_HOSTS={name} lets other machines reach the page: set WEB_PASSWORD, "
                "or leave WEB_ALLOWED_HOSTS empty"
            )


def allowed_hosts(settings: Settings) -> list[str]:
    """Return the names under which browsers may ask, without ports."""
    named = {*_LOOPBACK_NAMES, settings.web_host, *settings.web_allowed_hosts}
    return sorted(each.lower() for each in named - set(EVERY_ADDRESS))


def policy(settings: Settings) -> str:
    """Return the content security policy: nothing from elsewhere, no script within a page."""
    # A sign-in is a form that leads to Spotify, which may lead back at once.
    ways = (urlsplit(each) for each in (settings.spotify_accounts_url, settings.redirect_uri))
    sign_in = " ".join(f"{each.scheme}://{each.netloc}" for each in ways)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            f"form-action 'self' {sign_in}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def headers_of(settings: Settings) -> dict[str, str]:
    """Return the headers that every answer has."""
    return {
        "Content-Security-Policy": policy(settings),
        "X-Content-Type-Options": "nosniff",
        # With no-referrer browsers do not say either where a form of ours comes from.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class Guard:
    """Checks every request before it is answered, and adds headers to every answer."""

    def __init__(self, settings: Settings, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper
        self._hosts = {each.strip("[]") for each in allowed_hosts(settings)}
        # Rebinding needs a name: an address in the Host header is the one that was asked.
        self._takes_addresses = settings.web_host in EVERY_ADDRESS
        self._callback = urlsplit(settings.redirect_uri)
        self._base = settings.web_base_path
        self._headers = headers_of(settings)

    async def __call__(self, request: Request, answer: Next) -> Response:
        # As routes are found: what ``request.url`` says depends on headers.
        path = request.scope["path"]
        if path.startswith(f"{self._base}/"):
            path = path.removeprefix(self._base)
        response = await self._refusal(request, path) or await answer(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        if not path.startswith(_STATIC):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    async def _refusal(self, request: Request, path: str) -> Response | None:
        if not self._is_own_name(request.headers.get("host", "")):
            return problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this name is not one of the page's: add it to WEB_ALLOWED_HOSTS",
            )
        if self._is_callback_port(request) and path != self._callback.path:
            return problem(HTTPStatus.NOT_FOUND, "there is nothing here")
        if request.method not in _SAFE and not _is_from_here(request.headers):
            return problem(HTTPStatus.FORBIDDEN, "the request comes from another site")
        if path in (*_OPEN, self._callback.path) or path.startswith(_STATIC):
            return None
        return await self._without_password(request, path)

    def _is_own_name(self, header: str) -> bool:
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        host = found["host"].strip("[]").lower()
        return host in self._hosts or (self._takes_addresses and _is_address(host))

    async def _without_password(self, request: Request, path: str) -> Response | None:
        if not self._doorkeeper.is_needed or self._doorkeeper.knows(request.session):
            return None
        given = _basic_password(request.headers.get("authorization", ""))
        if given is not None:
            who = request.client.host if request.client else ""
            wait = self._doorkeeper.seconds_to_wait(who)
            if wait:
                return problem(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    f"too many wrong passwords: wait {wait} s",
                    {"Retry-After": str(wait)},
                )
            if await run_in_threadpool(self._doorkeeper.admits, given, who):
                return None
        if path.startswith(_FOR_PROGRAMS) or request.method not in _SAFE or given is not None:
            challenge = {"WWW-Authenticate": 'Basic realm="Soundlake", charset="UTF-8"'}
            return problem(HTTPStatus.UNAUTHORIZED, "the password is needed", challenge)
        return RedirectResponse(f"{self._base}/password", HTTPStatus.SEE_OTHER)

    def _is_callback_port(self, request: Request) -> bool:
        server = request.scope.get("server")
        return (
            server is not None
            and server[1] == self._callback.port
            and server[1] != request.app.state.port
        )


class SecureCookies:
    """Marks cookies of answers under HTTPS, as a trusted proxy says it is, as for HTTPS alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, value + b"; secure" if name.lower() == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self._app(scope, receive, marked if scope.get("scheme") == "https" else send)


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _is_from_here(headers: Headers) -> bool:
    """Return whether a change was asked for by a page of ours, or by no browser at all."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in _OWN_SITE:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _basic_password(header: str) -> str | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
