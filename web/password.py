"""The password of the page: checked slowly, in few tries, remembered in a signed cookie."""

import hashlib
import hmac
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from config.folders import make_private_folder
from config.settings import Settings

SECRET_FILE = ".web_secret"
MAX_TRIES = 5
"""Wrong passwords that somebody may send within ``WINDOW_SECONDS``; all together ten times that."""

WINDOW_SECONDS = 60
SESSION_SECONDS = 30 * 24 * 60 * 60
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}
_SIGNED_IN = "signed_in"
_SECRET_BYTES = 32


class Doorkeeper:
    """Knows the password of ``settings``, if there is one. ``clock`` gives seconds."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        password = settings.web_password
        self._salt = secrets.token_bytes(16)
        self._hash = None if password is None else self._slow_hash(password.get_secret_value())
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}
        self._lock = Lock()

    @property
    def is_needed(self) -> bool:
        """Whether there is a password at all."""
        return self._hash is not None

    def knows(self, session: MutableMapping[str, Any]) -> bool:
        """Return whether the session is of somebody who gave the password."""
        return session.get(_SIGNED_IN) is True

    def remember(self, session: MutableMapping[str, Any]) -> None:
        session[_SIGNED_IN] = True

    def admits(self, password: str, who: str) -> bool:
        """Return whether the password is right and ``who`` may try; a wrong one counts as a try."""
        now = self._clock()
        # Counted before it is looked at: who sends many at once has no more tries.
        with self._lock:
            if self._wait(who):
                return False
            for each in (who, ""):
                self._wrong.setdefault(each, deque()).append(now)
        if self._hash is None or not hmac.compare_digest(self._slow_hash(password), self._hash):
            return False
        with self._lock:
            for each in (who, ""):
                with suppress(KeyError, ValueError):
                    self._wrong[each].remove(now)
        return True

    def seconds_to_wait(self, who: str) -> int:
        """Return after how many seconds ``who`` may try again; 0 for now."""
        with self._lock:
            return self._wait(who)

    def _wait(self, who: str) -> int:
        self._forget()
        waits = [
            tries[-limit] + WINDOW_SECONDS - self._clock()
            for each, limit in ((who, MAX_TRIES), ("", MAX_TRIES * 10))
            if len(tries := self._wrong.get(each, deque())) >= limit
        ]
        return max((int(each) + 1 for each in waits), default=0)

    def _forget(self) -> None:
        now = self._clock()
        for who, tries in list(self._wrong.items()):
            while tries and now - tries[0] > WINDOW_SECONDS:
                tries.popleft()
            if not tries:
                del self._wrong[who]

    def _slow_hash(self, password: str) -> bytes:
        return hashlib.scrypt(password.encode(), salt=self._salt, **_SCRYPT)


def session_key(settings: Settings) -> str:
    """Return the key that cookies are signed with: another one for another password.

    It is made once and kept in ``DATA_DIR``, so that a restart signs nobody out.
    """
    file = settings.data_dir / SECRET_FILE
    kept = file.read_bytes() if file.exists() else b""
    if len(kept) < _SECRET_BYTES:  # also what a full disk left of it
        kept = secrets.token_bytes(_SECRET_BYTES)
        _write_private(file, kept)
    password = settings.web_password.get_secret_value() if settings.web_password else ""
    return hmac.new(kept, password.encode(), hashlib.sha256).hexdigest()


def _write_private(file: Path, content: bytes) -> None:
    make_private_folder(file.parent)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
