"""The clock that commands and steps go by."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Give the present instant, in UTC."""
    return datetime.now(UTC)
