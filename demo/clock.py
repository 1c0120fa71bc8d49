"""The time that the stand-in for Spotify goes by."""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that a test sets, or that runs by itself; safe to use from several threads.

    ``now``: the instant it shows at first; aware of its zone. ``speed``: simulated seconds a
    second; 0 stands still until it is set.
    """

    def __init__(self, now: datetime, speed: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._speed = speed
        self.set(now)

    def now(self) -> datetime:
        """Return the instant it shows, in UTC."""
        with self._lock:
            return self._shown()

    def set(self, now: datetime) -> None:
        """Show another instant; it runs on from there."""
        with self._lock:
            self._show(now.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Show a later instant."""
        with self._lock:
            self._show(self._shown() + by)

    def _shown(self) -> datetime:
        return self._at + timedelta(seconds=self._speed * (time.monotonic() - self._since))

    def _show(self, now: datetime) -> None:
        self._at = now
        self._since = time.monotonic()


class CatchUpClock(Clock):
    """Runs at a speed from an instant in the past until it meets the wall clock, then with it.

    So nothing that it dates lies in anybody's future.
    """

    def now(self) -> datetime:
        """Return the instant it shows, in UTC."""
        return min(super().now(), datetime.now(UTC))
