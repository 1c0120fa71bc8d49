"""A person who signs in: at a desktop, in a container, at a terminal."""

import re
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import SecretStr

from clients.auth.spotify_auth import (
    SCOPES,
    TOKEN_FILE,
    SignIn,
    TokenKeeper,
    sign_in,
    sign_in_address,
    store_tokens_for,
)
from clients.errors import ApiError, SignInError
from config.settings import Settings
from demo.clock import Clock
from demo.spotify_faults import server_error
from demo.spotify_server import SpotifyStandIn
from tests.clients.conftest import NOW, MakeSettings


@pytest.fixture
def settings(make_settings: MakeSettings, stand_in: SpotifyStandIn) -> Settings:
    """Return the settings of a person at a machine, whose app knows a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        redirect_uri = f"http://127.0.0.1:{free.getsockname()[1]}/callback"
    stand_in.accounts.redirect_uris.add(redirect_uri)
    return make_settings(redirect_uri=redirect_uri)


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a browser was opened with; there is none unless a test sets DISPLAY."""
    addresses: list[str] = []
    monkeypatch.setattr("webbrowser.open", addresses.append)
    monkeypatch.setattr("clients.auth.spotify_auth.SIGN_IN_WAIT", timedelta(seconds=10))
    monkeypatch.setattr("config.desktop.CONTAINER_MARKS", ())
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return addresses


class Person:
    """Reads what is said; agrees in a browser of this machine, or elsewhere and pastes."""

    def __init__(self) -> None:
        self.read: list[str] = []

    @property
    def address(self) -> str:
        found = re.search(r"http\S+", "\n".join(self.read))
        assert found
        return found[0]

    def note(self, text: str) -> None:
        self.read.append(text)

    def agree_here(self, text: str) -> None:
        """Open the address at once, so that the browser ends at the loopback port."""
        self.note(text)
        assert requests.get(self.address, timeout=5).ok

    def final_address(self) -> str:
        """Open the address on another machine and copy where the browser ends."""
        return requests.get(self.address, allow_redirects=False, timeout=5).headers["Location"]


@pytest.fixture
def person() -> Person:
    return Person()


def nothing_typed(_: str) -> str:
    threading.Event().wait()
    raise AssertionError


def test_on_a_desktop_a_browser_opens(
    settings: Settings,
    clock: Clock,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda address: requests.get(address, timeout=5).ok)

    tokens = sign_in(settings, person.note, None, clock.now)

    assert tokens.consented_at == NOW
    assert tokens.expires_at == NOW + timedelta(hours=1)
    assert {*tokens.scope.split()} == {*SCOPES}


def test_the_sign_in_is_kept_for_batch_code(
    settings: Settings, clock: Clock, person: Person, stand_in: SpotifyStandIn
) -> None:
    tokens = sign_in(settings, person.agree_here, None, clock.now)
    keeper = TokenKeeper(settings, clock.now)

    assert keeper.get_access_token() == tokens.access_token
    assert keeper.consented_at == NOW
    assert (settings.data_dir / TOKEN_FILE).stat().st_mode & 0o777 == 0o600
    assert stand_in.count("/api/token") == 1


def test_all_scopes_are_asked_for_at_once(settings: Settings, clock: Clock, person: Person) -> None:
    sign_in(settings, person.agree_here, None, clock.now)

    asked = parse_qs(urlsplit(person.address).query)
    assert asked["scope"] == [" ".join(SCOPES)]
    assert asked["redirect_uri"] == [settings.redirect_uri]
    assert "demo-secret" not in person.address


@pytest.mark.parametrize("display", ["", ":0"])
def test_in_a_container_no_browser_opens_and_the_published_port_works(
    settings: Settings,
    clock: Clock,
    person: Person,
    opened: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    display: str,
) -> None:
    monkeypatch.setattr("config.desktop.CONTAINER_MARKS", (tmp_path,))
    if display:
        monkeypatch.setenv("DISPLAY", display)

    assert sign_in(settings, person.agree_here, nothing_typed, clock.now).refresh_token

    assert opened == []


def test_pasting_the_final_address_works_as_well(
    settings: Settings, clock: Clock, person: Person
) -> None:
    tokens = sign_in(settings, person.note, lambda _: f"  {person.final_address()}\n", clock.now)

    assert tokens.refresh_token


def test_pasting_the_code_works_as_well(settings: Settings, clock: Clock, person: Person) -> None:
    def code(_: str) -> str:
        return parse_qs(urlsplit(person.final_address()).query)["code"][0]

    assert sign_in(settings, person.note, code, clock.now).refresh_token


def test_a_wrong_address_is_said_and_asked_for_again(
    settings: Settings, clock: Clock, person: Person
) -> None:
    wrong = [f"{settings.redirect_uri}?code=stolen&state=other", ""]

    def paste(_: str) -> str:
        return wrong.pop() if wrong else person.final_address()

    assert sign_in(settings, person.note, paste, clock.now).refresh_token

    assert (
        person.read[1:]
        == ["That is not the address of this sign-in: paste the whole last address."] * 2
    )


def test_every_sign_in_has_a_state_of_its_own(settings: Settings, clock: Clock) -> None:
    people = [Person(), Person()]
    for each in people:
        sign_in(settings, each.agree_here, None, clock.now)

    first, second = (parse_qs(urlsplit(each.address).query)["state"] for each in people)
    assert first != second


def test_a_code_is_of_use_only_to_whom_the_sign_in_began(
    settings: Settings, clock: Clock, person: Person
) -> None:
    """By PKCE: who reads the address and the code cannot redeem it, whatever else they know."""
    begun = SignIn()
    person.note(sign_in_address(settings, begun))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(person.address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert begun.verifier not in person.address
    assert begun.verifier not in repr(begun)
    code = parse_qs(urlsplit(person.final_address()).query)["code"][0]

    with pytest.raises(SignInError, match="Spotify rejected the code"):
        store_tokens_for(settings, code, SignIn(state=begun.state), clock.now)

    assert not (settings.data_dir / TOKEN_FILE).exists()
    code = parse_qs(urlsplit(person.final_address()).query)["code"][0]
    assert store_tokens_for(settings, code, begun, clock.now).refresh_token


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    begun = SignIn(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert begun.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_sign_in_has_a_verifier_as_long_as_the_standard_asks() -> None:
    verifiers = {SignIn().verifier for _ in range(20)}

    assert len(verifiers) == 20
    assert all(43 <= len(each) <= 128 for each in verifiers)


def test_a_person_who_does_not_agree_is_not_signed_in(
    settings: Settings, clock: Clock, person: Person
) -> None:
    def refuse(text: str) -> None:
        person.note(text)
        state = parse_qs(urlsplit(person.address).query)["state"][0]
        requests.get(f"{settings.redirect_uri}?error=access_denied&state={state}", timeout=5)

    with pytest.raises(SignInError, match=r"access_denied.*python main.py login"):
        sign_in(settings, refuse, None, clock.now)

    assert not settings.data_dir.exists()


def test_nobody_who_signs_in_is_waited_for_some_minutes_only(
    settings: Settings, clock: Clock, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.auth.spotify_auth.SIGN_IN_WAIT", timedelta(seconds=0.1))

    with pytest.raises(SignInError, match=r"nobody signed in within .* min: run `python main.py"):
        sign_in(settings, person.note, nothing_typed, clock.now)


@pytest.fixture
def taken_port(settings: Settings) -> Callable[[], socket.socket]:
    port = urlsplit(settings.redirect_uri).port
    return lambda: socket.create_server(("127.0.0.1", port or 0))


def test_a_taken_port_leaves_the_terminal(
    settings: Settings,
    clock: Clock,
    person: Person,
    taken_port: Callable[[], socket.socket],
) -> None:
    with taken_port():
        tokens = sign_in(settings, person.note, lambda _: person.final_address(), clock.now)

    assert tokens.refresh_token


def test_a_taken_port_and_no_terminal_is_reported_at_once(
    settings: Settings,
    clock: Clock,
    person: Person,
    taken_port: Callable[[], socket.socket],
) -> None:
    with taken_port(), pytest.raises(SignInError, match=r"REDIRECT_URI=.*free its port"):
        sign_in(settings, person.note, None, clock.now)

    assert person.read == []


def test_a_terminal_that_closes_is_reported_at_once(
    settings: Settings,
    clock: Clock,
    person: Person,
    taken_port: Callable[[], socket.socket],
) -> None:
    def end(_: str) -> str:
        raise EOFError

    with taken_port(), pytest.raises(SignInError, match="no address was pasted"):
        sign_in(settings, person.note, end, clock.now)


def test_localhost_is_refused_before_anybody_is_asked(
    make_settings: MakeSettings, clock: Clock, person: Person
) -> None:
    settings = make_settings(redirect_uri="http://localhost:8888/callback")

    with pytest.raises(SignInError, match="REDIRECT_URI=http://localhost:8888/callback"):
        sign_in(settings, person.note, None, clock.now)

    assert person.read == []


def test_missing_credentials_are_reported_before_anybody_is_asked(
    make_settings: MakeSettings, clock: Clock, person: Person
) -> None:
    with pytest.raises(SignInError, match="CLIENT_ID and CLIENT_SECRET are not set"):
        sign_in(make_settings(client_id=None), person.note, None, clock.now)

    assert person.read == []


def test_a_code_that_is_not_taken_is_explained(
    settings: Settings, clock: Clock, person: Person
) -> None:
    with pytest.raises(SignInError, match=r"rejected the code.*REDIRECT_URI") as caught:
        sign_in(settings, person.note, lambda _: "a-code-of-last-week", clock.now)

    assert "a-code-of-last-week" not in str(caught.value)


def test_a_wrong_secret_names_the_settings(
    settings: Settings, clock: Clock, person: Person, stand_in: SpotifyStandIn
) -> None:
    stand_in.accounts.client_secret = "another"

    with pytest.raises(SignInError, match="CLIENT_ID and CLIENT_SECRET"):
        sign_in(settings, person.agree_here, None, clock.now)


def test_a_service_in_trouble_is_no_fault_of_the_person(
    settings: Settings, clock: Clock, person: Person, stand_in: SpotifyStandIn
) -> None:
    stand_in.faults.add(server_error(503), "/api/token")

    with pytest.raises(ApiError) as caught:
        sign_in(settings, person.agree_here, None, clock.now)

    assert caught.value.status == 503


def test_a_new_sign_in_counts_more_than_an_old_token_of_the_environment(
    settings: Settings, clock: Clock, person: Person
) -> None:
    with_old_token = settings.model_copy(update={"spotify_refresh_token": SecretStr("long-dead")})

    tokens = sign_in(with_old_token, person.agree_here, None, clock.now)

    assert TokenKeeper(with_old_token, clock.now).get_access_token() == tokens.access_token
