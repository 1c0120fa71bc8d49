"""Staying signed in without a person."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from clients.auth.spotify_auth import (
    CONSENT_LASTS,
    SCOPES,
    TOKEN_FILE,
    TokenKeeper,
    has_sign_in,
)
from clients.auth.token_file import TokenFile, Tokens
from clients.errors import ApiError, RateLimitedError, SignInError
from config.settings import Settings
from demo.clock import Clock
from demo.spotify_faults import Fault, garbage, hung_up, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import NOW, MakeSettings

SCOPE = " ".join(SCOPES)
TOKEN = "/api/token"


@pytest.fixture
def signed_in(make_settings: MakeSettings, stand_in: SpotifyStandIn) -> Settings:
    """Settings of a lake whose person signed in at ``NOW``."""
    settings = make_settings()
    refresh_token = stand_in.accounts.consent(SCOPE)
    tokens = Tokens("", refresh_token, NOW, SCOPE, consented_at=NOW)
    TokenFile(settings.data_dir).write(tokens)
    return settings


def cache_file(folder: Path, refresh_token: str) -> Path:
    """Write what spotipy leaves behind."""
    path = folder / ".cache"
    token = {
        "access_token": "old",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCOPE,
        "expires_at": 1_760_000_000,
        "refresh_token": refresh_token,
    }
    path.write_text(json.dumps(token))
    return path


def test_a_machine_without_a_person_takes_its_token_from_the_environment(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    token = TokenKeeper(settings, clock.now).get_access_token()

    assert stand_in.accounts.scope_of(token) == {*SCOPES}
    assert (settings.data_dir / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


def test_a_token_serves_until_it_is_about_to_end(
    keeper: TokenKeeper, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    first = keeper.get_access_token()
    clock.advance(timedelta(minutes=59))
    assert keeper.get_access_token() == first

    clock.advance(timedelta(seconds=1))

    assert keeper.get_access_token() != first
    assert stand_in.count(TOKEN) == 2


def test_a_later_run_uses_what_an_earlier_one_got(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    first = TokenKeeper(settings, clock.now).get_access_token()

    assert TokenKeeper(settings, clock.now).get_access_token() == first
    assert stand_in.count(TOKEN) == 1


def test_rotated_refresh_tokens_are_kept(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    stand_in.accounts.rotates = True

    for _ in range(3):
        TokenKeeper(settings, clock.now).get_access_token()
        clock.advance(timedelta(hours=6))

    assert stand_in.count(TOKEN, status=200) == 3


def test_another_token_in_the_environment_is_taken_up(
    settings: Settings, make_settings: MakeSettings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    TokenKeeper(settings, clock.now).get_access_token()
    stand_in.accounts.kill_tokens()
    renewed = make_settings(spotify_refresh_token=stand_in.accounts.consent("user-top-read"))

    token = TokenKeeper(renewed, clock.now).get_access_token()

    assert stand_in.accounts.scope_of(token) == {"user-top-read"}


def test_without_the_file_the_environment_counts_again(
    settings: Settings, keeper: TokenKeeper, stand_in: SpotifyStandIn
) -> None:
    keeper.get_access_token()
    (settings.data_dir / TOKEN_FILE).unlink()

    keeper.get_access_token()

    assert stand_in.count(TOKEN, status=200) == 2


def test_a_cache_of_spotipy_serves_as_well(
    make_settings: MakeSettings, stand_in: SpotifyStandIn, clock: Clock, tmp_path: Path
) -> None:
    stand_in.accounts.rotates = True
    cache = cache_file(tmp_path, stand_in.accounts.consent(SCOPE))
    settings = make_settings(spotipy_cache=cache)

    TokenKeeper(settings, clock.now).get_access_token()
    clock.advance(timedelta(hours=6))
    TokenKeeper(settings, clock.now).get_access_token()
    cache.unlink()
    clock.advance(timedelta(hours=6))
    TokenKeeper(settings, clock.now).get_access_token()

    assert stand_in.count(TOKEN, status=200) == 3


@pytest.mark.parametrize("content", [None, "", "{}", '{"refresh_token": null, "x": "secret-1"}'])
def test_a_cache_of_no_use_is_one_line_that_names_the_setting(
    make_settings: MakeSettings, clock: Clock, tmp_path: Path, content: str | None
) -> None:
    cache = tmp_path / ".cache"
    if content is not None:
        cache.write_text(content)

    with pytest.raises(SignInError, match=r"python main\.py login") as caught:
        TokenKeeper(make_settings(spotipy_cache=cache), clock.now).get_access_token()

    assert str(caught.value).startswith(f"SPOTIPY_CACHE={cache} ")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_nobody_signed_in_fails_at_once_with_the_command_that_fixes_it(
    make_settings: MakeSettings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    keeper = TokenKeeper(make_settings(), clock.now)

    with pytest.raises(SignInError) as caught:
        keeper.get_access_token()

    message = str(caught.value)
    assert "`python main.py login`" in message
    assert (
        "docker-compose run --rm --service-ports spotify-pipeline python3 main.py login" in message
    )
    assert "\n" not in message
    assert stand_in.requests == []
    assert (keeper.consented_at, keeper.ends_at, keeper.warning()) == (None, None, None)


def test_whether_there_is_a_sign_in(
    make_settings: MakeSettings, signed_in: Settings, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"

    assert has_sign_in(signed_in)
    assert has_sign_in(make_settings(data_dir=elsewhere, spotify_refresh_token="x"))
    assert has_sign_in(make_settings(data_dir=elsewhere, spotipy_cache=tmp_path / ".cache"))
    assert not has_sign_in(make_settings(data_dir=elsewhere))


def test_the_end_of_a_consent_is_explained(
    signed_in: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    clock.advance(timedelta(days=183))

    with pytest.raises(SignInError) as caught:
        TokenKeeper(signed_in, clock.now).get_access_token()

    message = str(caught.value)
    assert (
        "a consent lasts six months and can be withdrawn (yours was given on 2026-10-15)" in message
    )
    assert "python main.py login" in message
    assert "\n" not in message


def test_a_wrong_secret_names_the_settings(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    stand_in.accounts.client_secret = "another"

    with pytest.raises(SignInError, match="CLIENT_ID and CLIENT_SECRET"):
        TokenKeeper(settings, clock.now).get_access_token()


def test_missing_credentials_name_the_settings(
    make_settings: MakeSettings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    settings = make_settings(client_secret=None, spotify_refresh_token="x")

    with pytest.raises(SignInError, match="CLIENT_ID and CLIENT_SECRET are not set"):
        TokenKeeper(settings, clock.now).get_access_token()

    assert stand_in.requests == []


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (server_error(500), 500),
        (server_error(503), 503),
        (hung_up(), None),
        (garbage(), None),
        (Fault(200, body="{}"), None),
        (Fault(400, body='{"error": "server_is_odd"}'), 400),
    ],
)
def test_a_service_in_trouble_is_no_reason_to_sign_in_again(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock, fault: Fault, status: int | None
) -> None:
    keeper = TokenKeeper(settings, clock.now)
    stand_in.faults.add(fault, TOKEN)

    with pytest.raises(ApiError, match="accounts service") as caught:
        keeper.get_access_token()

    assert caught.value.status == status
    assert keeper.get_access_token()
    assert stand_in.count(TOKEN) == 2


def test_no_network_is_no_reason_to_sign_in_again(signed_in: Settings, clock: Clock) -> None:
    cut_off = signed_in.model_copy(update={"spotify_accounts_url": "http://127.0.0.1:1"})

    with pytest.raises(ApiError, match="gave no answer"):
        TokenKeeper(cut_off, clock.now).get_access_token()


def test_a_limit_of_the_accounts_service_is_reported(
    settings: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    stand_in.faults.add(rate_limited(600), TOKEN)

    with pytest.raises(RateLimitedError) as caught:
        TokenKeeper(settings, clock.now).get_access_token()

    assert caught.value.until == NOW + timedelta(minutes=10)


def test_the_day_of_consent_outlives_every_renewal(
    signed_in: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    stand_in.accounts.rotates = True
    keeper = TokenKeeper(signed_in, clock.now)

    for _ in range(3):
        clock.advance(timedelta(days=30))
        keeper.get_access_token()

    assert keeper.consented_at == NOW
    assert keeper.ends_at == NOW + CONSENT_LASTS


def test_the_end_is_warned_of_from_fourteen_days_before(signed_in: Settings, clock: Clock) -> None:
    keeper = TokenKeeper(signed_in, clock.now)
    assert keeper.warning() is None

    clock.set(NOW + CONSENT_LASTS - timedelta(days=14))
    assert keeper.warning() is None

    clock.advance(timedelta(seconds=1))
    warning = keeper.warning()
    assert warning is not None
    assert "ends about 2027-04-14" in warning
    assert "python main.py login" in warning


def test_of_tokens_from_elsewhere_the_day_of_consent_is_not_known(
    keeper: TokenKeeper, clock: Clock
) -> None:
    keeper.get_access_token()
    clock.advance(timedelta(days=170))

    assert keeper.consented_at is None
    assert keeper.warning() is None


def test_two_at_once_renew_a_token_once(
    signed_in: Settings, stand_in: SpotifyStandIn, clock: Clock
) -> None:
    stand_in.accounts.rotates = True
    start, tokens = threading.Barrier(2), []

    def work() -> None:
        keeper = TokenKeeper(signed_in, clock.now)
        start.wait()
        tokens.append(keeper.get_access_token())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    assert stand_in.count(TOKEN) == 1
