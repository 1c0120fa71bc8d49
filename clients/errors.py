"""The errors of the services, each with a one-line message."""

from datetime import datetime
from http import HTTPStatus

HOW_TO_SIGN_IN = (
    "run `python main.py login` (in Docker: docker-compose run --rm --service-ports "
    "spotify-pipeline python3 main.py login)"
)
"""The command that fixes every SignInError except those about a setting."""


def rate_limited_until(service: str, until: datetime) -> str:
    """Return as text until when a service refuses more requests."""
    return f"rate-limited by {service} until {until:%Y-%m-%d %H:%M} UTC"


class SignInError(RuntimeError):
    """Nobody is signed in, or no longer; the message is one line with the command that fixes it."""


class ApiError(RuntimeError):
    """The service answered with an error or did not answer; the message is one line.

    ``status`` is the HTTP status, None where there was no readable answer. ``reason``
    is the service's own word for the error, such as ``invalid_grant``, where it gave one.
    """

    def __init__(self, message: str, status: int | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class RateLimitedError(ApiError):
    """The service refuses more requests until ``until`` (UTC)."""

    def __init__(self, message: str, until: datetime, reason: str | None = None) -> None:
        super().__init__(message, HTTPStatus.TOO_MANY_REQUESTS, reason)
        self.until = until


class DoubtfulWriteError(ApiError):
    """The answer to a write does not say whether it was carried out: read before the next one."""
