"""What a service may do to whoever asks it, and what becomes of that."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from clients.errors import ApiError, RateLimitedError
from clients.http import PATIENCE, JsonSession, Patience
from demo.clock import Clock
from demo.spotify_faults import (
    Fault,
    cut_off,
    garbage,
    hung_up,
    rate_limited,
    server_error,
    slow,
)
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import NOW

PATH = "/reccobeats/v1/audio-features"


@pytest.fixture
def session(clock: Clock) -> Iterator[JsonSession]:
    with JsonSession("The service", clock.now) as session:
        yield session


@pytest.fixture
def address(stand_in: SpotifyStandIn) -> str:
    return f"{stand_in.url}{PATH}?ids=x"


@contextmanager
def sending(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """Return the address of a server that sends just these bytes, with a pause after each part."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join()
    listener.close()


def impatient(monkeypatch: pytest.MonkeyPatch, patience: Patience) -> JsonSession:
    monkeypatch.setattr("clients.http.PATIENCE", patience)
    return JsonSession("The service", lambda: NOW)


def test_a_good_answer_is_returned_as_it_is(session: JsonSession, address: str) -> None:
    assert session.get(address).json() == {"content": []}


@pytest.mark.parametrize("fault", [server_error(500), cut_off(), garbage(), hung_up()])
def test_what_may_pass_is_tried_again_after_growing_pauses(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, fault: Fault, slept: list[float]
) -> None:
    stand_in.faults.add(fault, times=2)

    assert session.get(address).ok

    first, second = slept
    assert 1 <= first < 2 <= second < 3


def test_the_pauses_differ_between_clients(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, slept: list[float]
) -> None:
    for _ in range(5):
        stand_in.faults.add(server_error(500))
        session.get(address)

    assert len(set(slept)) > 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_500_is_called_a_500(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, status: int
) -> None:
    stand_in.faults.add(Fault(status), times=9)

    with pytest.raises(ApiError, match=f"The service answered {status} to GET {PATH}") as caught:
        session.get(address)

    assert caught.value.status == status
    assert not isinstance(caught.value, RateLimitedError)
    assert stand_in.count(PATH) == PATIENCE.tries


@pytest.mark.parametrize(
    ("fault", "message"),
    [(cut_off(), "gave no answer"), (garbage(), "gave no JSON"), (hung_up(), "gave no answer")],
)
def test_answers_of_no_use_have_no_status(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, fault: Fault, message: str
) -> None:
    stand_in.faults.add(fault, times=9)

    with pytest.raises(ApiError, match=message) as caught:
        session.get(address)

    assert caught.value.status is None


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, status: int
) -> None:
    stand_in.faults.add(Fault(status, body='{"error": {"message": "No,\\n  never"}}'))

    with pytest.raises(ApiError, match="No, never") as caught:
        session.get(address)

    assert caught.value.status == status
    assert stand_in.count(PATH) == 1


def test_a_short_retry_after_is_waited_for(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, slept: list[float]
) -> None:
    stand_in.faults.add(rate_limited(7))

    assert session.get(address).ok

    assert slept == [7]


def test_a_long_retry_after_is_reported_and_never_slept(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, slept: list[float]
) -> None:
    stand_in.faults.add(rate_limited(80_000))

    with pytest.raises(RateLimitedError, match="2026-10-16 10:13:20 UTC") as caught:
        session.get(address)

    assert caught.value.until == NOW + timedelta(seconds=80_000)
    assert caught.value.status == 429
    assert slept == []
    assert stand_in.count(PATH) == 1


def test_a_used_up_quota_is_reported_at_once(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, slept: list[float]
) -> None:
    stand_in.faults.add(rate_limited(1, reason="QUOTA_EXCEEDED"))

    with pytest.raises(RateLimitedError) as caught:
        session.get(address)

    assert caught.value.reason == "QUOTA_EXCEEDED"
    assert slept == []


def test_a_quota_without_retry_after_is_left_alone_for_an_hour(
    session: JsonSession, stand_in: SpotifyStandIn, address: str
) -> None:
    stand_in.faults.add(Fault(429, body='{"reason": "QUOTA_EXCEEDED"}'))

    with pytest.raises(RateLimitedError) as caught:
        session.get(address)

    assert caught.value.until == NOW + timedelta(hours=1)


@pytest.mark.parametrize("retry_after", ["99999999999999999999", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_retry_after_without_measure_is_reported_too(
    session: JsonSession,
    stand_in: SpotifyStandIn,
    address: str,
    retry_after: str,
    slept: list[float],
) -> None:
    stand_in.faults.add(Fault(429, {"Retry-After": retry_after}))

    with pytest.raises(RateLimitedError):
        session.get(address)

    assert slept == []


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}])
def test_a_limit_without_a_time_is_waited_for_half_a_minute(
    session: JsonSession,
    stand_in: SpotifyStandIn,
    address: str,
    headers: dict[str, str],
    slept: list[float],
) -> None:
    stand_in.faults.add(Fault(429, headers))

    assert session.get(address).ok

    assert slept == [30]


def test_many_short_waits_do_not_become_hours(
    session: JsonSession, stand_in: SpotifyStandIn, address: str, slept: list[float]
) -> None:
    with pytest.raises(RateLimitedError):
        for _ in range(99):
            stand_in.faults.add(rate_limited(25))
            session.get(address)

    assert sum(slept) == PATIENCE.total_wait


def test_a_post_is_never_sent_twice(
    session: JsonSession, stand_in: SpotifyStandIn, slept: list[float]
) -> None:
    for fault in (server_error(500), hung_up(), rate_limited(1)):
        stand_in.faults.add(fault)
        with pytest.raises(ApiError):
            session.post(f"{stand_in.url}/api/token")

    assert stand_in.count("/api/token") == 3
    assert slept == []


def test_an_answer_that_does_not_come_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, stand_in: SpotifyStandIn, address: str
) -> None:
    stand_in.faults.add(slow(600), times=9)
    session = impatient(monkeypatch, Patience(between_bytes=0.1, tries=2))

    with pytest.raises(ApiError, match="ReadTimeout") as caught:
        session.get(address)

    assert caught.value.status is None


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    session = impatient(monkeypatch, Patience(whole_answer=0.2, tries=1))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"

    with (
        sending(head, *[b" "] * 97, b"{}", pause=0.05) as address,
        pytest.raises(ApiError, match="ReadTimeout"),
    ):
        session.get(address)


def test_nobody_at_the_address_is_an_error_of_the_service(session: JsonSession) -> None:
    with pytest.raises(ApiError, match="The service gave no answer to GET / ") as caught:
        session.get("http://127.0.0.1:1/?query=kept-out")

    assert caught.value.status is None
    assert "kept-out" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        b'Content-Length: 10\r\n\r\n{"it": 12}',
        b'Connection: close\r\n\r\n{"it": 12}',
        b'Transfer-Encoding: chunked\r\n\r\n4\r\n{"it\r\n6\r\n": 12}\r\n0\r\n\r\n',
        b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b'{"it": 12}'),
    ],
    ids=["length", "close", "chunked", "gzip"],
)
def test_a_body_is_read_however_it_is_packed(session: JsonSession, answer: bytes) -> None:
    with sending(b"HTTP/1.1 200 OK\r\n" + answer) as address:
        assert session.get(address).json() == {"it": 12}
