"""Consent, tokens and how they end."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from demo.accounts_service import CONSENT_LASTS, DEMO_REDIRECT_URI
from demo.spotify_server import SpotifyStandIn
from tests.demo.spotify_samples import stand_in

SCOPE = "user-read-recently-played user-library-read"


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    with stand_in() as server:
        yield server


def authorize(server: SpotifyStandIn, **changes: str) -> requests.Response:
    query = {
        "client_id": server.accounts.client_id,
        "response_type": "code",
        "redirect_uri": DEMO_REDIRECT_URI,
        "scope": SCOPE,
        "state": "some-state",
    }
    address = f"{server.url}/authorize"
    return requests.get(address, params=query | changes, allow_redirects=False, timeout=5)


def code_of(answer: requests.Response) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def token(server: SpotifyStandIn, secret: str = "", **form: str) -> requests.Response:
    client = (server.accounts.client_id, secret or server.accounts.client_secret)
    return requests.post(f"{server.url}/api/token", data=form, auth=client, timeout=5)


def by_code(server: SpotifyStandIn, code: str, uri: str = DEMO_REDIRECT_URI) -> requests.Response:
    return token(server, grant_type="authorization_code", code=code, redirect_uri=uri)


def refresh(server: SpotifyStandIn, refresh_token: str) -> requests.Response:
    return token(server, grant_type="refresh_token", refresh_token=refresh_token)


def status_with(server: SpotifyStandIn, access_token: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = requests.get(f"{server.url}/v1/me", headers=headers, timeout=5)
    return answer.status_code, answer.json().get("error", {}).get("message", "")


def test_the_listener_agrees_at_once(server: SpotifyStandIn) -> None:
    answer = authorize(server)

    location = urlsplit(answer.headers["Location"])
    assert answer.status_code == 302
    assert location._replace(query="").geturl() == DEMO_REDIRECT_URI
    assert parse_qs(location.query)["state"] == ["some-state"]


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:9999/callback"},
        {"redirect_uri": "http://localhost:8888/callback"},
        {"client_id": "another"},
        {"response_type": "token"},
    ],
)
def test_an_unknown_app_or_address_is_refused(
    server: SpotifyStandIn, changes: dict[str, str]
) -> None:
    server.accounts.redirect_uris.add("http://localhost:8888/callback")

    answer = authorize(server, **changes)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_brings_tokens_once(server: SpotifyStandIn) -> None:
    code = code_of(authorize(server))

    granted = by_code(server, code).json()
    again = by_code(server, code)

    assert granted["token_type"] == "Bearer"
    assert (granted["expires_in"], granted["scope"]) == (3600, SCOPE)
    assert status_with(server, granted["access_token"])[0] == 200
    assert refresh(server, granted["refresh_token"]).status_code == 200
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_for_its_own_address_and_for_minutes(server: SpotifyStandIn) -> None:
    elsewhere = by_code(server, code_of(authorize(server)), "http://127.0.0.1:9999/callback")
    code = code_of(authorize(server))
    server.clock.advance(timedelta(minutes=10))
    too_late = by_code(server, code)

    assert elsewhere.json()["error_description"] == "Invalid redirect URI"
    assert too_late.json()["error_description"] == "Invalid authorization code"


def test_an_access_token_lives_for_an_hour(server: SpotifyStandIn) -> None:
    access_token = refresh(server, server.accounts.consent(SCOPE)).json()["access_token"]

    server.clock.advance(timedelta(minutes=59))
    assert status_with(server, access_token) == (200, "")
    server.clock.advance(timedelta(minutes=1))
    assert status_with(server, access_token) == (401, "The access token expired")
    assert status_with(server, "made-up") == (401, "Invalid access token")


def test_a_refresh_token_stays_unless_tokens_rotate(server: SpotifyStandIn) -> None:
    first = server.accounts.consent(SCOPE)

    assert "refresh_token" not in refresh(server, first).json()
    server.accounts.rotates = True
    second = refresh(server, first).json()["refresh_token"]

    assert second != first
    assert refresh(server, first).json()["error_description"] == "Refresh token revoked"
    assert refresh(server, second).status_code == 200


def test_consent_ends_after_six_months_whatever_is_refreshed(server: SpotifyStandIn) -> None:
    server.accounts.rotates = True
    refresh_token = server.accounts.consent(SCOPE)
    server.clock.advance(CONSENT_LASTS - timedelta(seconds=1))
    refresh_token = refresh(server, refresh_token).json()["refresh_token"]
    server.clock.advance(timedelta(seconds=1))

    answer = refresh(server, refresh_token)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token expired",
    }


def test_killed_tokens_are_of_no_use(server: SpotifyStandIn) -> None:
    refresh_token = server.accounts.consent(SCOPE)
    access_token = refresh(server, refresh_token).json()["access_token"]
    server.accounts.kill_tokens()

    answer = refresh(server, refresh_token)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token revoked",
    }
    assert status_with(server, access_token)[0] == 401


def test_a_wrong_client_is_refused(server: SpotifyStandIn) -> None:
    refresh_token = server.accounts.consent(SCOPE)
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}

    wrong = token(server, "wrong secret", **form)
    nobody = requests.post(f"{server.url}/api/token", data=form, timeout=5)

    for answer in (wrong, nobody):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_another_kind_of_grant_is_refused(server: SpotifyStandIn) -> None:
    answer = token(server, grant_type="password")

    assert answer.json()["error"] == "unsupported_grant_type"


def test_no_secret_is_kept_with_the_requests(server: SpotifyStandIn) -> None:
    code = code_of(authorize(server, state="secret-state"))
    refresh_token = by_code(server, code).json()["refresh_token"]
    access_token = refresh(server, refresh_token).json()["access_token"]

    status_with(server, access_token)

    kept = repr(server.requests)
    for secret in (code, "secret-state", refresh_token, access_token, "demo-secret"):
        assert secret not in kept
