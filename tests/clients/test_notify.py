"""What a person is sent, with a small server in place of ntfy."""

import logging
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest

from clients.notify import notify
from config.settings import Settings

SECRET = "a-topic-nobody-may-know"


@dataclass(frozen=True)
class Received:
    """A message as it came in."""

    title: str
    message: str


class Mailbox:
    """Takes messages at ``url`` and keeps them; answers with ``status``.

    A ``slow`` one sends its answer so slowly that it never ends.
    """

    def __init__(self, status: int = 200, *, slow: bool = False) -> None:
        self.status = status
        self.slow = slow
        self.received: list[Received] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/{SECRET}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                title = self.headers["Title"].encode("latin-1").decode()
                mailbox.received.append(Received(title, body))
                while mailbox.slow and not mailbox.closing.wait(0.05):
                    self.wfile.write(b"H")
                self.send_response(mailbox.status)
                self.send_header("Location", mailbox.url)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def settings_with(url: str | None, data_dir: Path) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, notify_url=url)


def test_title_and_message_arrive_in_any_script(tmp_path: Path) -> None:
    with Mailbox() as mailbox:
        assert notify(settings_with(mailbox.url, tmp_path), "Möglicher Verlust", "50 von 50 – 音楽")

    assert mailbox.received == [Received("Möglicher Verlust", "50 von 50 – 音楽")]


def test_without_an_address_nothing_is_sent_or_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    assert not notify(settings_with(None, tmp_path), "title", "message")
    assert caplog.records == []


@pytest.mark.parametrize("status", [301, 307, 403, 429, 500])
def test_an_answer_that_is_no_success_is_a_line_with_its_status(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with Mailbox(status) as mailbox:
        assert not notify(settings_with(mailbox.url, tmp_path), "title", "message")

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"HTTP {status}" in caplog.text
    assert "NOTIFY_URL" in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/{SECRET}",
        f"http://{SECRET}.invalid/topic",
        f"{SECRET}.example/without-a-scheme",
        f"mailto:{SECRET}@example.org",
        f"http://[{SECRET}/",
        f"http://.{SECRET}.example/",
    ],
)
def test_an_address_that_does_not_work_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level(logging.DEBUG)

    assert not notify(settings_with(url, tmp_path), "title", "message")
    assert "could not send to NOTIFY_URL" in caplog.text
    assert SECRET not in caplog.text


def test_a_title_that_is_no_header_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Mailbox() as mailbox:
        assert not notify(settings_with(mailbox.url, tmp_path), "two\nlines", "message")

    assert "could not send to NOTIFY_URL" in caplog.text


def test_an_answer_that_trickles_in_is_not_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.notify.MAX_SECONDS", 0.2)
    with Mailbox(slow=True) as mailbox:
        assert not notify(settings_with(mailbox.url, tmp_path), "title", "message")

    assert "no answer within 0.2 s" in caplog.text


def test_the_address_is_in_no_log_at_any_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Mailbox() as mailbox:
        assert notify(settings_with(mailbox.url, tmp_path), "title", "message")

    assert "sent to NOTIFY_URL: title" in caplog.text
    assert SECRET not in caplog.text
