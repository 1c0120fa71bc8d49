import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
import requests

from clients.auth.redirect import Answer, code_in, listening, require_redirect_uri
from clients.errors import SignInError


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def uri(port: int) -> str:
    return f"http://127.0.0.1:{port}/callback"


@pytest.fixture
def answers() -> "Queue[Answer]":
    return Queue()


@pytest.fixture(autouse=True)
def in_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let every test run outside a container, unless it calls this."""
    mark = tmp_path / ".dockerenv"
    monkeypatch.setattr("config.desktop.CONTAINER_MARKS", (mark,))
    yield mark.touch


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:8888/callback", "http://[::1]:8888/callback", "https://my.example.org/in"],
)
def test_addresses_that_spotify_takes(uri: str) -> None:
    require_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8888/callback",
        "http://my.example.org/in",
        "http://192.168.1.2:8888/",
        "127.0.0.1:8888",
        "",
    ],
)
def test_addresses_that_spotify_refuses_are_one_line_that_names_the_setting(uri: str) -> None:
    with pytest.raises(SignInError, match=r"^REDIRECT_URI=.*http://127\.0\.0\.1:8888/callback.*$"):
        require_redirect_uri(uri)


def test_a_code_counts_only_with_the_state_of_this_sign_in() -> None:
    assert code_in("http://127.0.0.1:8888/callback?code=abc&state=mine", "mine") == "abc"
    assert code_in("http://127.0.0.1:8888/callback?code=abc&state=other", "mine") is None
    assert code_in("http://127.0.0.1:8888/callback?code=abc", "mine") is None
    assert code_in("http://127.0.0.1:8888/callback?error=access_denied&state=x", "mine") is None
    assert code_in("http://127.0.0.1:8888/callback?state=mine", "mine") is None


def test_a_person_who_does_not_agree_ends_the_sign_in() -> None:
    with pytest.raises(SignInError, match="access_denied"):
        code_in("/callback?error=access_denied&state=mine", "mine")


def test_the_browser_brings_the_code(uri: str, answers: "Queue[Answer]") -> None:
    with listening(uri, "mine", answers) as is_listening:
        page = requests.get(f"{uri}?code=abc&state=mine", timeout=5)

    assert is_listening
    assert page.ok
    assert "abc" not in page.text
    assert answers.get(timeout=5) == "abc"  # put after the page is sent


def test_what_belongs_to_another_sign_in_is_refused_and_waiting_goes_on(
    uri: str, answers: "Queue[Answer]"
) -> None:
    with listening(uri, "mine", answers):
        assert requests.get(f"{uri}?code=stolen&state=other", timeout=5).status_code == 400
        assert requests.get(f"{uri}?error=access_denied", timeout=5).status_code == 400
        assert requests.get(uri.replace("callback", "favicon.ico"), timeout=5).status_code == 404
        with pytest.raises(Empty):
            answers.get_nowait()

        requests.get(f"{uri}?code=abc&state=mine", timeout=5)

    assert answers.get(timeout=5) == "abc"  # put after the page is sent


def test_a_connection_that_says_nothing_holds_nobody_up(
    uri: str, port: int, answers: "Queue[Answer]"
) -> None:
    with (
        listening(uri, "mine", answers),
        socket.create_connection(("127.0.0.1", port)),
    ):
        requests.get(f"{uri}?code=abc&state=mine", timeout=5)

    assert answers.get(timeout=5) == "abc"  # put after the page is sent


def test_only_this_machine_is_listened_to(uri: str, port: int, answers: "Queue[Answer]") -> None:
    with listening(uri, "mine", answers), pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port))


def test_in_a_container_the_published_port_is_listened_to(
    uri: str, port: int, answers: "Queue[Answer]", in_container: Callable[[], None]
) -> None:
    in_container()

    with listening(uri, "mine", answers):
        socket.create_connection(("127.0.0.2", port)).close()


def test_a_port_that_is_taken_is_not_listened_at(
    uri: str, port: int, answers: "Queue[Answer]"
) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        listening(uri, "mine", answers) as is_listening,
    ):
        assert not is_listening


@pytest.mark.parametrize("uri", ["https://my.example.org/in", "http://127.0.0.1/callback"])
def test_an_address_elsewhere_or_without_port_is_not_listened_at(
    uri: str, answers: "Queue[Answer]"
) -> None:
    with listening(uri, "mine", answers) as is_listening:
        assert not is_listening


def test_the_code_is_in_no_log(
    uri: str, answers: "Queue[Answer]", capfd: pytest.CaptureFixture[str]
) -> None:
    with listening(uri, "mine", answers):
        requests.get(f"{uri}?code=abc&state=mine", timeout=5)

    assert capfd.readouterr() == ("", "")
