"""No token, code or client secret in any log, or in what a failure prints."""

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clients.auth.spotify_auth import TOKEN_FILE, TokenKeeper, sign_in
from clients.errors import ApiError, SignInError
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.clock import Clock
from demo.spotify_faults import Fault, cut_off, garbage, hung_up, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import MakeSettings

OLD_CODE = "secret-code-of-old"

log = logging.getLogger("a caller")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that anybody logs, at every level, with the tracebacks."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    levels = {each: each.level for each in (logging.root, *loggers)}
    for each in levels:
        each.setLevel(logging.DEBUG)
    logging.root.addHandler(handler)
    yield stream
    logging.root.removeHandler(handler)
    for each, level in levels.items():
        each.setLevel(level)


@pytest.fixture
def secrets(settings: Settings, stand_in: SpotifyStandIn) -> set[str]:
    assert settings.spotify_refresh_token is not None
    pair = f"{stand_in.accounts.client_id}:{stand_in.accounts.client_secret}"
    return {
        stand_in.accounts.client_secret,
        base64.b64encode(pair.encode()).decode(),
        settings.spotify_refresh_token.get_secret_value(),
    }


def tokens_of(settings: Settings) -> set[str]:
    kept = json.loads((settings.data_dir / TOKEN_FILE).read_text())
    return {kept["access_token"], kept["refresh_token"]}


def fail(call: Callable[[], Any]) -> None:
    """Log a failure as a careless caller would: with all that it is able to tell."""
    with pytest.raises((ApiError, SignInError)) as caught:
        call()
    log.error("%s %r %s", caught.value, caught.value, vars(caught.value))
    log.error("it failed", exc_info=caught.value)


def assert_silent(logged: io.StringIO, secrets: set[str]) -> None:
    text = logged.getvalue()
    assert text and secrets
    assert all(len(each) > 10 for each in secrets)
    assert [each for each in secrets if each in text] == []


@pytest.mark.parametrize(
    "fault",
    [
        *(server_error(500), cut_off(), garbage(), hung_up(), rate_limited(80_000)),
        *(Fault(401), Fault(403), Fault(404)),
    ],
)
def test_calls_and_their_failures_show_no_secret(
    settings: Settings,
    api: SpotifyApi,
    stand_in: SpotifyStandIn,
    secrets: set[str],
    logged: io.StringIO,
    fault: Fault,
) -> None:
    api.me()
    secrets |= tokens_of(settings)

    stand_in.faults.add(fault, "/v1", times=9)
    fail(api.me)

    assert "it failed" in logged.getvalue()
    assert "Traceback" in logged.getvalue()
    assert_silent(logged, secrets | tokens_of(settings))


@pytest.mark.parametrize(
    "fault",
    [
        *(server_error(500), cut_off(), garbage(), hung_up(), rate_limited(80_000)),
        Fault(200, body='{"access_token": "secret-in-the-answer", "expires_in": "soon"}'),
        Fault(400, body='{"error": "odd", "error_description": "secret-in-the-answer"}'),
        Fault(302, {"Location": "http://127.0.0.1:1/?code=secret-in-the-answer"}),
    ],
)
def test_renewals_and_their_failures_show_no_secret(
    keeper: TokenKeeper,
    stand_in: SpotifyStandIn,
    secrets: set[str],
    logged: io.StringIO,
    fault: Fault,
) -> None:
    stand_in.faults.add(fault, "/api/token")

    fail(keeper.get_access_token)

    assert_silent(logged, secrets | {"secret-in-the-answer"})


def test_refused_sign_ins_show_no_secret(
    keeper: TokenKeeper, stand_in: SpotifyStandIn, secrets: set[str], logged: io.StringIO
) -> None:
    stand_in.accounts.kill_tokens()
    fail(keeper.get_access_token)

    stand_in.accounts.client_secret = "another"
    fail(keeper.get_access_token)

    assert_silent(logged, secrets)


def test_an_accounts_service_out_of_reach_shows_no_secret(
    settings: Settings, clock: Clock, secrets: set[str], logged: io.StringIO
) -> None:
    for nowhere in ("http://127.0.0.1:1", "nonsense"):
        cut_off = settings.model_copy(update={"spotify_accounts_url": nowhere})
        fail(TokenKeeper(cut_off, clock.now).get_access_token)

    assert_silent(logged, secrets)


def test_tokens_that_no_header_can_hold_show_no_secret(
    settings: Settings, api: SpotifyApi, logged: io.StringIO
) -> None:
    api.me()
    file = settings.data_dir / TOKEN_FILE
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | {"access_token": "secret-with\na line break"}))

    fail(api.me)

    assert_silent(logged, {"secret-with"})


def test_signing_in_shows_no_secret(
    make_settings: MakeSettings,
    stand_in: SpotifyStandIn,
    clock: Clock,
    secrets: set[str],
    logged: io.StringIO,
) -> None:
    settings = make_settings(redirect_uri="https://my.example.org/in")

    fail(lambda: sign_in(settings, log.info, lambda _: OLD_CODE, clock.now))

    assert_silent(logged, secrets | {OLD_CODE})


def test_a_damaged_token_file_shows_no_secret(
    settings: Settings, keeper: TokenKeeper, secrets: set[str], logged: io.StringIO
) -> None:
    keeper.get_access_token()
    kept = tokens_of(settings)
    file = settings.data_dir / TOKEN_FILE
    file.write_text(file.read_text().replace("expires_at", "expires"))

    fail(keeper.get_access_token)

    assert_silent(logged, secrets | kept)


def test_settings_and_clients_do_not_show_secrets(
    settings: Settings, keeper: TokenKeeper, api: SpotifyApi, secrets: set[str]
) -> None:
    api.me()

    shown = f"{settings!r} {keeper!r} {api!r} {vars(keeper)!r} {vars(api)!r}"

    assert [each for each in secrets | tokens_of(settings) if each in shown] == []
