"""What keeps others out: the Host header, the origin of changes, the policy of content, a password.

A page on this machine can be reached by every site that its user visits: by a name that is made to
point here (rebinding), and by forms that a site sends here. Both are refused, with a password or
without one.
"""

import ipaddress
from base64 import b64decode
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse

from config.settings import Settings, SettingsError
from web.password import Doorkeeper
from web.problems import problem

Next = Callable[[Request], Awaitable[Response]]

_SAFE = {"GET", "HEAD", "OPTIONS"}
_OWN_SITE = {"same-origin", "none"}
_OPEN = ("/static/", "/password", "/healthz")
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
    """Raise SettingsError where others can reach the page and no password keeps them out."""
    if not is_loopback(settings.web_host) and settings.web_password is None:
        raise SettingsError(
            f"WEB_HOST={settings.web_host} lets other machines reach the page: set WEB_PASSWORD, "
            "or leave WEB_HOST at 127.0.0.1"
        )


def allowed_hosts(settings: Settings) -> list[str]:
    """Return the names under which browsers may ask, without ports."""
    return sorted({*_LOOPBACK_NAMES, settings.web_host, *settings.web_allowed_hosts})


def policy(settings: Settings) -> str:
    """Return the content security policy: nothing from elsewhere, no script within a page."""
    accounts = urlsplit(settings.spotify_accounts_url)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            f"form-action 'self' {accounts.scheme}://{accounts.netloc}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


class Guard:
    """Checks every request before it is answered, and adds headers to every answer."""

    def __init__(self, settings: Settings, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper
        self._hosts = {each.strip("[]") for each in allowed_hosts(settings)}
        self._callback = urlsplit(settings.redirect_uri)
        self._base = settings.web_base_path
        self._headers = {
            "Content-Security-Policy": policy(settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, request: Request, answer: Next) -> Response:
        response = self._refusal(request) or await answer(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        if not request.url.path.startswith(f"{self._base}/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refusal(self, request: Request) -> Response | None:
        host = _host_in(request.headers.get("host", ""))
        if host is None or host not in self._hosts:
            return problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this name is not one of the page's: add it to WEB_ALLOWED_HOSTS",
            )
        path = request.url.path.removeprefix(self._base)
        if self._is_callback_port(request) and path != self._callback.path:
            return problem(HTTPStatus.NOT_FOUND, "there is nothing here")
        if request.method not in _SAFE and not _is_from_here(request.headers):
            return problem(HTTPStatus.FORBIDDEN, "the request comes from another site")
        if path.startswith(_OPEN) or path == self._callback.path:
            return None
        return self._without_password(request, path)

    def _without_password(self, request: Request, path: str) -> Response | None:
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
            if self._doorkeeper.admits(given, who):
                return None
        if path.startswith("/api/") or request.method not in _SAFE or given is not None:
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


def _host_in(header: str) -> str | None:
    """Return the host of a Host header without its port; None where it is none."""
    try:
        parts = urlsplit(f"//{header}")
        return parts.hostname if parts.port is None or parts.port else None
    except ValueError:
        return None


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
