"""What goes wrong on the way, as a test orders it: refusals, errors, slow and broken answers."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from demo.plays import Period

Spoilt = Literal["cut_off", "hung_up", "garbage"]


@dataclass(frozen=True)
class Fault:
    """One way in which a request fails; made by the functions below.

    ``status``: answered in place of the right answer; none to let that be made. ``headers``,
    ``body``: of that answer. ``delay_seconds``: how long the client waits for it. ``spoilt``: what
    becomes of the right answer on its way. ``comes_late``: the request is carried out, and then
    answered with ``status`` all the same.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    delay_seconds: float = 0.0
    spoilt: Spoilt | None = None
    comes_late: bool = False


def rate_limited(retry_after: int, reason: str | None = None) -> Fault:
    """429 with ``Retry-After`` in seconds, and a reason such as ``QUOTA_EXCEEDED`` if given."""
    error = {"status": 429, "message": "Too many requests"}
    body = {"error": error | ({"reason": reason} if reason else {})}
    return Fault(429, {"Retry-After": str(retry_after)}, json.dumps(body))


def server_error(status: Literal[500, 502, 503], *, comes_late: bool = False) -> Fault:
    """Return an error of the service itself, before or after it did what was asked."""
    message = {500: "Server error.", 502: "Bad gateway.", 503: "Service unavailable"}[status]
    body = json.dumps({"error": {"status": status, "message": message}})
    return Fault(status, {}, body, comes_late=comes_late)


def slow(seconds: float) -> Fault:
    """Return the right answer, late."""
    return Fault(delay_seconds=seconds)


def cut_off() -> Fault:
    """Half of the right answer, then the connection is closed."""
    return Fault(spoilt="cut_off")


def hung_up() -> Fault:
    """Return a connection that is closed without an answer."""
    return Fault(spoilt="hung_up")


def garbage() -> Fault:
    """200 with something that is no JSON."""
    return Fault(spoilt="garbage")


class Faults:
    """The faults to come; safe to order from one thread and to meet in another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[tuple[str, str | None, Fault]] = deque()
        self._periods: list[tuple[Period, str, Fault]] = []

    def add(
        self, fault: Fault, path: str = "/", times: int = 1, *, method: str | None = None
    ) -> None:
        """Have the next requests fail.

        ``fault``: how. ``path``: of requests whose path begins so. ``times``: how many of them,
        after those ordered before. ``method``: such as POST; of any unless given.
        """
        with self._lock:
            self._next.extend([(path, method, fault)] * times)

    def during(self, period: Period, fault: Fault, path: str = "/") -> None:
        """Have every request fail whose path begins so, while the clock is in a period."""
        with self._lock:
            self._periods.append((period, path, fault))

    def clear(self) -> None:
        """Forget all that was ordered."""
        with self._lock:
            self._next.clear()
            self._periods.clear()

    def take(self, path: str, now: datetime, method: str | None = None) -> Fault | None:
        """Return the fault for a request, if any; one that was ordered by count is then used up."""
        with self._lock:
            for position, (prefix, only, fault) in enumerate(self._next):
                if path.startswith(prefix) and only in (None, method):
                    del self._next[position]
                    return fault
            for period, prefix, fault in self._periods:
                if now in period and path.startswith(prefix):
                    return fault
        return None
