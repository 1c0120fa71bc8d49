"""What a test can have go wrong on the way."""

import contextlib
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from demo.plays import Period
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
from tests.demo.spotify_samples import NOW, Client, plays, stand_in

RECENT = "me/player/recently-played"


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    with stand_in(plays(3)) as server:
        yield server


@pytest.fixture
def client(server: SpotifyStandIn) -> Client:
    return Client(server)


def test_faults_come_as_often_as_ordered_and_in_order(
    server: SpotifyStandIn, client: Client
) -> None:
    server.faults.add(server_error(500), times=2)
    server.faults.add(server_error(503))

    assert [client.get("me").status_code for _ in range(4)] == [500, 500, 503, 200]
    assert server.count("/v1/me", 500) == 2


def test_a_fault_meets_only_the_paths_it_is_for(server: SpotifyStandIn, client: Client) -> None:
    server.faults.add(server_error(502), "/v1/me/tracks")

    assert client.get("me").status_code == 200
    assert client.get("me/tracks").status_code == 502
    assert client.get("me/tracks").status_code == 200


def test_a_fault_lasts_for_a_period_of_the_clock(server: SpotifyStandIn, client: Client) -> None:
    an_hour = timedelta(hours=1)
    server.faults.during(Period(NOW, NOW + an_hour), server_error(500), "/v1/")

    assert [client.get("me").status_code for _ in range(3)] == [500] * 3
    server.clock.advance(an_hour)
    assert client.get("me").status_code == 200


def test_ordered_faults_can_be_taken_back(server: SpotifyStandIn, client: Client) -> None:
    server.faults.add(server_error(500), times=9)
    server.faults.clear()

    assert client.get("me").status_code == 200


@pytest.mark.parametrize("seconds", [1, 80_000])
def test_a_rate_limit_says_how_long_to_wait(
    server: SpotifyStandIn, client: Client, seconds: int
) -> None:
    server.faults.add(rate_limited(seconds))
    server.faults.add(rate_limited(seconds, "QUOTA_EXCEEDED"))

    plain, quota = client.get("me"), client.get("me")

    assert (plain.status_code, plain.headers["Retry-After"]) == (429, str(seconds))
    assert "reason" not in plain.json()["error"]
    assert quota.json()["error"]["reason"] == "QUOTA_EXCEEDED"


def test_a_slow_answer_outlasts_the_patience_of_a_client(server: SpotifyStandIn) -> None:
    token = server.accounts.access_token("user-read-recently-played")
    server.faults.add(slow(0.3))

    with pytest.raises(requests.ReadTimeout):
        requests.get(
            f"{server.url}/v1/{RECENT}", headers={"Authorization": f"Bearer {token}"}, timeout=0.05
        )

    assert Client(server).get("me").status_code == 200


def test_half_an_answer_is_noticed(server: SpotifyStandIn, client: Client) -> None:
    server.faults.add(cut_off())

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get("me")


def test_no_answer_at_all_is_noticed(server: SpotifyStandIn, client: Client) -> None:
    server.faults.add(hung_up())

    with pytest.raises(requests.ConnectionError):
        client.get("me")
    assert [asked.status for asked in server.requests] == [None]


def test_garbage_is_no_json(server: SpotifyStandIn, client: Client) -> None:
    server.faults.add(garbage())

    answer = client.get("me")

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("fault", [cut_off(), hung_up(), garbage(), server_error(500)])
def test_what_did_not_reach_the_client_was_not_offered(
    server: SpotifyStandIn, client: Client, fault: Fault
) -> None:
    server.faults.add(fault)
    with contextlib.suppress(requests.RequestException):
        client.get(RECENT)

    assert server.account.offered == set()
    client.get(RECENT)
    assert server.account.offered == {0, 1, 2}


def test_plays_are_not_offered_to_a_client_that_has_hung_up(server: SpotifyStandIn) -> None:
    token = server.accounts.access_token("user-read-recently-played")
    server.faults.add(slow(0.2))
    with pytest.raises(requests.ReadTimeout):
        requests.get(
            f"{server.url}/v1/{RECENT}", headers={"Authorization": f"Bearer {token}"}, timeout=0.05
        )

    _wait_for_answer(server)

    assert server.account.offered == set()


def test_faults_meet_the_accounts_service_and_reccobeats_too(server: SpotifyStandIn) -> None:
    server.faults.add(server_error(503), "/api/token")
    server.faults.add(rate_limited(2), "/reccobeats/")

    token = requests.post(f"{server.url}/api/token", timeout=5)
    features = requests.get(f"{server.url}/reccobeats/v1/audio-features", timeout=5)

    assert (token.status_code, features.status_code) == (503, 429)
    assert features.headers["Retry-After"] == "2"


def _wait_for_answer(server: SpotifyStandIn) -> None:
    deadline = time.monotonic() + 5
    while not server.requests:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
