"""Where the page listens, and that nobody else reaches it without a password."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

import web.server
from config.settings import Settings, SettingsError
from web.security import require_password_on_public
from web.server import address_of

ROOT = Path(__file__).resolve().parents[2]


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "nas.local", "", "127.0.0.1.nip"])
def test_a_public_address_needs_a_password(host: str) -> None:
    with pytest.raises(SettingsError, match="WEB_PASSWORD"):
        require_password_on_public(settings(web_host=host))
    require_password_on_public(settings(web_host=host, web_password="a password"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
def test_this_machine_needs_none(host: str) -> None:
    require_password_on_public(settings(web_host=host))


def test_a_name_of_a_proxy_needs_a_password() -> None:
    with pytest.raises(SettingsError, match=r"WEB_ALLOWED_HOSTS=music\.example"):
        require_password_on_public(settings(web_allowed_hosts="localhost, music.example"))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8080/"),
        ({"web_host": "0.0.0.0", "web_port": 9000}, "http://127.0.0.1:9000/"),
        ({"web_host": "::1", "web_base_path": "/music"}, "http://[::1]:8080/music/"),
    ],
)
def test_the_address_is_one_to_open(given: dict[str, Any], address: str) -> None:
    assert address_of(settings(**given)) == address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(data_dir: Path, **given: Any) -> tuple[list[str], dict[str, str]]:
    own = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {name: str(value) for name, value in given.items()}
    return [sys.executable, str(ROOT / "main.py"), "web", "--data-dir", str(data_dir)], environment


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"WEB_HOST": "0.0.0.0"}, "WEB_PASSWORD"),
        ({"WEB_ALLOWED_HOSTS": "music.example"}, "WEB_PASSWORD"),
        ({"WEB_PORT": "taken"}, "WEB_PORT"),
    ],
)
def test_what_cannot_be_served_ends_in_one_line(
    tmp_path: Path, given: dict[str, Any], named: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        if given.get("WEB_PORT") == "taken":
            given = {"WEB_PORT": taken.getsockname()[1]}
        asked, environment = command(tmp_path, **given)
        done = subprocess.run(
            asked, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert named in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-name.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(SettingsError, match="set WEB_HOST"):
        web.server._listening(host, 0, "WEB_PORT")


@contextmanager
def served(data_dir: Path, **given: Any) -> Iterator[subprocess.Popen[str]]:
    """Serve the page in a process of its own, until the test ends."""
    asked, environment = command(data_dir, **given)
    with subprocess.Popen(asked, env=environment, cwd=data_dir, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def status_of(url: str, wait: float = 0) -> int:
    until = time.monotonic() + wait
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_the_way_back_of_sign_ins_has_a_port_that_shows_nothing_else(tmp_path: Path) -> None:
    port, callback = free_port(), free_port()
    redirect = f"http://127.0.0.1:{callback}/callback"
    with served(tmp_path, WEB_PORT=port, REDIRECT_URI=redirect) as process:
        assert status_of(f"http://127.0.0.1:{port}/healthz", wait=60) == 200
        assert status_of(f"http://127.0.0.1:{port}/settings") == 200
        assert status_of(redirect) == 400  # it belongs to no sign-in
        for path in ("", "settings", "healthz", "api/v1/summary", "static/web.js"):
            assert status_of(f"http://127.0.0.1:{callback}/{path}") == 404
        begun = time.monotonic()
        process.terminate()
        assert process.wait(timeout=30) in (0, -15)
        assert time.monotonic() - begun < 8


def test_in_a_container_it_listens_everywhere_where_the_published_address_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, int]] = []

    def listening(host: str, port: int, setting: str) -> socket.socket:
        asked.append((host, port))
        return socket.socket()

    monkeypatch.setattr(web.server, "is_in_container", lambda: True)
    monkeypatch.setattr(web.server, "_listening", listening)
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)
    for given, host in (({"web_host": "127.0.0.1"}, "0.0.0.0"), ({}, "127.0.0.1")):
        asked.clear()
        web.server.serve(settings(data_dir=tmp_path, **given), None, tmp_path)  # type: ignore[arg-type]
        assert asked == [(host, 8080), ("0.0.0.0", 8888)]

    with pytest.raises(SettingsError, match="WEB_PASSWORD"):
        web.server.serve(settings(data_dir=tmp_path, web_host="0.0.0.0"), None, tmp_path)  # type: ignore[arg-type]
