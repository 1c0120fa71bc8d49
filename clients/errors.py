"""What may go wrong with the services, each told in one line."""

from datetime import datetime
from http import HTTPStatus

HOW_TO_SIGN_IN = (
    "run `python main.py login` (in Docker: docker-compose run --rm --service-ports "
    "spotify-pipeline python3 main.py login)"
)
"""The command that mends every SignInError but those about a setting."""


def left_alone(service: str, until: datetime) -> str:
    """Return in words until when a service wants to be left alone."""
    return f"{service} wants to be left alone until {until:%Y-%m-%d %H:%M} UTC"


class SignInError(RuntimeError):
    """Nobody is signed in, or no longer; the message is one line with the command that mends it."""


class ApiError(RuntimeError):
    """The service answered with an error, or not at all; the message is one line.

    ``status`` is the HTTP status, None where no answer came or none that could be read. ``reason``
    is the service's own word for the error, such as ``invalid_grant``, where it gave one.
    """

    def __init__(self, message: str, status: int | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class RateLimitedError(ApiError):
    """The service wants to be left alone until ``until`` (UTC)."""

    def __init__(self, message: str, until: datetime, reason: str | None = None) -> None:
        super().__init__(message, HTTPStatus.TOO_MANY_REQUESTS, reason)
        self.until = until
