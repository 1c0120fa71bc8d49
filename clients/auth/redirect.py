"""The end of a sign-in: the redirect URI, and the server that waits there for the browser."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from clients.errors import HOW_TO_SIGN_IN, SignInError
from config.desktop import is_in_container

Answer = str | SignInError
"""How a sign-in ended: with a code, or with the reason why there is none."""

_PAGE = """<!doctype html><meta charset="utf-8"><title>Soundlake</title>
<body style="font:1.2em sans-serif;margin:3em"><p>{}</p></body>
"""


def require_redirect_uri(uri: str) -> None:
    """Raise SignInError, naming REDIRECT_URI, where Spotify would refuse it."""
    parts = urlsplit(uri)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_loopback(parts.hostname):
        raise SignInError(
            f"REDIRECT_URI={uri} is refused by Spotify: set http://127.0.0.1:8888/callback in .env "
            "and at your app's page at https://developer.spotify.com/dashboard"
        )


def code_in(address: str, state: str) -> str | None:
    """Return the code in a final address, None where it is not the answer to this sign-in.

    Raises SignInError where Spotify says that the person did not agree.
    """
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if query.get("state") != state:
        return None
    if "error" in query:
        raise SignInError(f"the sign-in at Spotify failed ({query['error']}): {HOW_TO_SIGN_IN}")
    return query.get("code")


@contextmanager
def listening(uri: str, state: str, answers: "Queue[Answer]") -> Iterator[bool]:
    """Wait in the background at a loopback redirect URI, putting each answer into ``answers``.

    Yields False where no server can listen there: the address is not this machine's or its port is
    taken.
    """
    parts = urlsplit(uri)
    if not _is_loopback(parts.hostname) or parts.port is None:
        yield False
        return
    try:
        server = _RedirectServer(str(parts.hostname), parts.port, parts.path, state, answers)
    except OSError:
        yield False
        return
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield True
    finally:
        server.shutdown()
        server.server_close()


def _is_loopback(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:  # a name; Spotify takes none, not even localhost
        return False


class _RedirectServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, host: str, port: int, path: str, state: str, answers: "Queue[Answer]"
    ) -> None:
        self.redirect_path = path
        self.state = state
        self.answers = answers
        if is_in_container():
            host = "0.0.0.0"  # a published port does not reach the container's own loopback
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _RedirectHandler)


class _RedirectHandler(BaseHTTPRequestHandler):
    timeout = 10
    server: _RedirectServer

    def do_GET(self) -> None:
        if urlsplit(self.path).path != self.server.redirect_path:
            self._show(HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        try:
            code = code_in(self.path, self.server.state)
        except SignInError as error:
            self._show(HTTPStatus.OK, "The sign-in at Spotify failed. You can close this page.")
            self.server.answers.put(error)
            return
        if code is None:
            self._show(
                HTTPStatus.BAD_REQUEST, "This belongs to another sign-in: open the address shown."
            )
            return
        self._show(HTTPStatus.OK, "Soundlake has what it needs. You can close this page.")
        self.server.answers.put(code)

    def log_message(self, *_: object) -> None:
        """Stay silent: the line would hold the code."""

    def _show(self, status: HTTPStatus, text: str) -> None:
        page = _PAGE.format(text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
