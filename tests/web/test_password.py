"""The password: asked for where there is one, in few tries, remembered in a signed cookie."""

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import Settings
from tests.web.conftest import ADDRESS, PASSWORD, Made
from web.password import MAX_TRIES, SECRET_FILE, WINDOW_SECONDS, Doorkeeper, session_key

SUMMARY = "/api/v1/summary"


class Seconds:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def doorkeeper(tmp_path: Path, seconds: Seconds) -> Doorkeeper:
    return Doorkeeper(settings(tmp_path, PASSWORD), seconds)


def settings(data_dir: Path, password: str | None) -> Settings:
    secret = None if password is None else SecretStr(password)
    return Settings(_env_file=None, data_dir=data_dir, web_password=secret)


def give(client: TestClient, password: str) -> int:
    return int(client.post("/password", data={"password": password}).status_code)


def test_without_the_password_nothing_is_shown(locked: TestClient) -> None:
    for path in ("/", "/view/overview", "/settings", "/data/runs/x"):
        answer = locked.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    for path in (SUMMARY, "/openapi.json"):
        answer = locked.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert locked.post("/settings/sync", data={"kind": "files"}).status_code == 401
    assert locked.get("/healthz").text == "ok"


def test_the_password_opens_the_page_until_it_is_forgotten(locked: TestClient) -> None:
    assert give(locked, "wrong") == 403
    assert give(locked, PASSWORD) == 303
    assert locked.get(SUMMARY).status_code == 200

    locked.post("/password/forget")

    assert locked.get(SUMMARY).status_code == 401


def test_the_cookie_is_no_scripts_and_no_other_sites(locked: TestClient) -> None:
    answer = locked.post("/password", data={"password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=2592000" in cookie


def test_a_cookie_that_was_changed_opens_nothing(locked: TestClient) -> None:
    give(locked, PASSWORD)
    signed = locked.cookies["soundlake"]
    content, rest = signed.split(".", 1)
    for changed in (content, f"{content}x.{rest}", f"{content}.{rest[:-2]}", "null", ""):
        locked.cookies.clear()
        locked.cookies.set("soundlake", changed)
        assert locked.get(SUMMARY).status_code == 401


def test_another_password_signs_everybody_out_and_a_restart_nobody(make: Made) -> None:
    with TestClient(make(web_password=PASSWORD), base_url=ADDRESS) as client:
        client.post("/password", data={"password": PASSWORD})
        cookie = client.cookies["soundlake"]
    for password, status in ((PASSWORD, 200), ("another one", 401)):
        app = make(web_password=password)
        with TestClient(app, base_url=ADDRESS, cookies={"soundlake": cookie}) as client:
            assert client.get(SUMMARY).status_code == status


def test_programs_send_the_password_with_every_question(locked: TestClient) -> None:
    assert locked.get(SUMMARY, auth=("anybody", PASSWORD)).status_code == 200
    assert locked.get(SUMMARY, auth=("anybody", "wrong")).status_code == 401
    for header in ("Basic", "Basic ???", "Basic /w==", f"Bearer {PASSWORD}"):
        assert locked.get(SUMMARY, headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("way", ["form", "header"])
def test_who_guesses_has_five_tries(locked: TestClient, way: str) -> None:
    def guess(password: str) -> tuple[int, str | None]:
        if way == "form":
            answer = locked.post("/password", data={"password": password})
        else:
            answer = locked.get(SUMMARY, auth=("x", password))
        return answer.status_code, answer.headers.get("retry-after")

    refused = 403 if way == "form" else 401
    assert [guess("wrong") for _ in range(5)] == [(refused, None)] * 5
    status, wait = guess(PASSWORD)
    assert status == 429
    assert wait is not None
    assert 55 <= int(wait) <= 61


def test_a_right_password_uses_up_no_try(locked: TestClient) -> None:
    for _ in range(2 * MAX_TRIES):
        assert locked.get(SUMMARY, auth=("x", PASSWORD)).status_code == 200


def test_tries_come_back_with_time(doorkeeper: Doorkeeper, seconds: Seconds) -> None:
    for _ in range(MAX_TRIES):
        assert not doorkeeper.admits("wrong", "a")
        seconds.now += 1
    assert doorkeeper.seconds_to_wait("a") == WINDOW_SECONDS - 5 + 1
    assert doorkeeper.seconds_to_wait("b") == 0
    assert not doorkeeper.admits(PASSWORD, "a")  # not even the right one

    seconds.now += WINDOW_SECONDS - 4

    assert doorkeeper.seconds_to_wait("a") == 0
    assert doorkeeper.admits(PASSWORD, "a")


def test_many_who_guess_have_fifty_tries_together(
    doorkeeper: Doorkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "_slow_hash", lambda password: password.encode())
    for number in range(50):
        assert doorkeeper.seconds_to_wait("new") == 0
        doorkeeper.admits("wrong", f"client {number}")
    assert doorkeeper.seconds_to_wait("new") > 0


def test_guesses_at_once_are_no_more_than_one_after_another(doorkeeper: Doorkeeper) -> None:
    looked_at: list[str] = []
    hash_of = doorkeeper._slow_hash

    def slow(password: str) -> bytes:
        looked_at.append(password)
        return hash_of(password)

    doorkeeper._slow_hash = slow  # type: ignore[method-assign]
    guesses = [
        threading.Thread(target=doorkeeper.admits, args=(f"guess {number}", "a"))
        for number in range(20)
    ]
    for each in guesses:
        each.start()
    for each in guesses:
        each.join()
    assert len(looked_at) == MAX_TRIES


@pytest.fixture
def kept_key(tmp_path: Path) -> Iterator[str]:
    yield session_key(settings(tmp_path, PASSWORD))


def test_the_key_of_cookies_is_private_and_kept(tmp_path: Path, kept_key: str) -> None:
    file = tmp_path / SECRET_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert session_key(settings(tmp_path, PASSWORD)) == kept_key
    assert session_key(settings(tmp_path, "other")) != kept_key


@pytest.mark.parametrize("left", [b"", b"short"])
def test_a_key_that_a_full_disk_cut_off_is_made_again(
    tmp_path: Path, kept_key: str, left: bytes
) -> None:
    file = tmp_path / SECRET_FILE
    file.write_bytes(left)
    assert session_key(settings(tmp_path, PASSWORD)) != kept_key
    assert len(file.read_bytes()) == 32
