"""A stand-in for the Web API, the accounts service and ReccoBeats, for tests and the demo.

``python3 -m demo.spotify_server`` serves the simulated listener, whose days go by fast.
"""

import contextlib
import logging
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Annotated, Self

import typer
from flask import Flask, Response, g, request
from werkzeug.serving import WSGIRequestHandler, make_server

from demo.account import demo_catalogue, demo_listener
from demo.accounts_service import AccountsService
from demo.clock import CatchUpClock, Clock
from demo.plays import Play
from demo.reccobeats_server import ReccoBeats
from demo.simulated_account import simulated_account
from demo.spotify_account import Account
from demo.spotify_faults import Fault, Faults
from demo.spotify_web_api import WebApi

__all__ = ["Account", "AccountsService", "Clock", "Faults", "Play", "SpotifyStandIn"]

DEMO_REFRESH_TOKEN = "demo-refresh-token"
DEMO_SCOPE = (
    "user-read-recently-played user-library-read user-top-read user-read-private "
    "playlist-read-private playlist-read-collaborative playlist-modify-private"
)

_DEMO_LAG = timedelta(days=28)
_STOP_WITHIN_SECONDS = 0.02
_SECRETS = {"code", "state"}

log = logging.getLogger("demo.spotify_server")


@dataclass(frozen=True)
class Asked:
    """A request that came in, without secrets; status is none if it got no answer."""

    method: str
    path: str
    query: dict[str, str]
    status: int | None


class SpotifyStandIn:
    """The server: Web API below ``{url}/v1/``, accounts below ``{url}``, and ``{url}/reccobeats``.

    Used as a context manager; it serves from entry to exit, each request in a thread of its own.

    ``account``: whose plays and library it shows. ``clock``: by which plays appear and tokens
    age. ``token_clock``: by which tokens age, where that is another clock. ``host``, ``port``:
    where it listens; port 0 takes a free one.

    ``account``, ``clock``, ``faults``, ``accounts``, ``web_api``, ``reccobeats``: what a test sets.
    ``requests``: every request so far, in the order of the answers.
    """

    def __init__(
        self,
        account: Account,
        clock: Clock,
        *,
        token_clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.account = account
        self.clock = clock
        self.faults = Faults()
        self.accounts = AccountsService(token_clock or clock)
        self.web_api = WebApi(account, self.accounts, clock)
        self.reccobeats = ReccoBeats(account)
        self.requests: list[Asked] = []
        self._stopping = threading.Event()
        self._server = make_server(
            host, port, self._app(), threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_WITHIN_SECONDS,), daemon=True
        )
        self.url = f"http://{host}:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; an answer that is waiting is given at once."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def count(self, path: str, status: int | None = None) -> int:
        """Return how many requests came whose path begins so, of those with a status if given."""
        return sum(
            asked.path.startswith(path) and status in (None, asked.status)
            for asked in list(self.requests)
        )

    def _app(self) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.url_map.strict_slashes = False
        app.before_request(self._meet_fault)
        app.after_request(self._send)
        for service in (self.web_api, self.accounts, self.reccobeats):
            app.register_blueprint(service.blueprint())
        return app

    def _meet_fault(self) -> Response | None:
        fault = self.faults.take(request.path, self.clock.now(), request.method) or Fault()
        g.fault = fault
        self._stopping.wait(fault.delay_seconds)
        if fault.status is None or fault.comes_late:
            return None
        return _answer_to(fault, fault.status)

    def _send(self, answer: Response) -> Response:
        connection: socket.socket = request.environ["werkzeug.socket"]
        if g.fault.comes_late:
            answer = _answer_to(g.fault, g.fault.status)
        elif g.fault.spoilt == "garbage":
            answer = Response("<html>upstream connect error", 200, mimetype="text/html")
        elif g.fault.spoilt == "cut_off":
            whole = answer.get_data()
            answer.set_data(whole[: len(whole) // 2])
            answer.headers["Content-Length"] = str(len(whole))
        elif g.fault.spoilt is None and not _is_closed(connection):
            self.account.note_offered(g.get("offered", ()))
        # Noted before the client can know of it, so that a test finds it at once.
        self._note(None if g.fault.spoilt == "hung_up" else answer.status_code)
        if g.fault.spoilt == "hung_up":
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return answer

    def _note(self, status: int | None) -> None:
        query = {name: text for name, text in request.args.items() if name not in _SECRETS}
        self.requests.append(Asked(request.method, request.path, query, status))
        log.info("%s %s %s → %s", request.method, request.path, query, status)


class _QuietHandler(WSGIRequestHandler):
    """Does not log: the request line may hold a code; ``SpotifyStandIn`` logs without it."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _answer_to(fault: Fault, status: int) -> Response:
    answer = Response(fault.body, status, mimetype="application/json")
    answer.headers.update(fault.headers)
    return answer


def _is_closed(connection: socket.socket) -> bool:
    """Return whether the client has given up waiting."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


def main(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    speed: Annotated[
        float, typer.Option(help="Simulated seconds a second, until it is today.", min=1.0)
    ] = 360.0,
) -> None:
    """Serve the simulated listener's last four weeks fast, and from then on their days as they go.

    Sign in as client ``demo-client`` with the secret ``demo-secret``; the refresh token
    ``demo-refresh-token`` is good at once.
    """
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    now = datetime.now(UTC)
    # The same listener all year long: a restart goes on with the same plays.
    listener = demo_listener(end=date(now.year + 2, 1, 1))
    account = simulated_account(listener, demo_catalogue())
    clock = CatchUpClock(now - _DEMO_LAG, speed)
    # As the first process of a container it would not heed the signal by itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with SpotifyStandIn(
        account, clock, token_clock=Clock(now, speed=1.0), host=host, port=port
    ) as stand_in:
        stand_in.accounts.consent(DEMO_SCOPE, DEMO_REFRESH_TOKEN)
        log.info("serving %s from %s on", stand_in.url, clock.now().isoformat(" ", "minutes"))
        stand_in.wait()


if __name__ == "__main__":
    typer.run(main)
