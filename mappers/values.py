"""Parse values of records as Spotify, its documents and other programs write them."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

FIRST_YEAR = 2006
"""When Spotify was founded: an earlier play is due to a wrong device clock."""

CLOCK_TOLERANCE = timedelta(days=1)
"""How far in the future a play may lie, for wrong clocks and time zones."""

IN_THE_FUTURE = "its time lies in the future"
"""Why a record is rejected that lies further in the future."""

# A year, a date or a week is not an instant.
_INSTANT = re.compile(
    r"\s*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)"
    r"\s*(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?\s*",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d*)?(e\+?\d+)?\s*", re.IGNORECASE | re.ASCII)
_MAX_BIGINT = 2**63 - 1
_MAX_INTEGER = 2**31 - 1
# Above this, floating point cannot represent every whole number.
_MAX_EXACT_FLOAT = 2**53
_MAX_DIGITS = 40
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def instant(value: Any) -> datetime | None:
    """Return an instant in UTC, which is also what a time without a zone is in; else None."""
    if not isinstance(value, str):
        return None
    if len(value) == 20 and value[10] == "T" and value[19] == "Z":  # as in most files: quicker
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    found = _INSTANT.fullmatch(value)
    if found is None:
        return None
    day, time, zone = found.groups()
    offset = "" if zone is None or zone.isalpha() else zone
    try:
        at = datetime.fromisoformat(f"{day}T{time}{offset}")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may lie outside the supported years
        return None


def small_whole(value: Any) -> int | None:
    """Return what ``whole`` does, of 32 bits; else None."""
    number = whole(value)
    return number if number is not None and -_MAX_INTEGER <= number <= _MAX_INTEGER else None


def whole(value: Any) -> int | None:
    """Return a whole number of 64 bits, also one written as 73.0 or as text; else None."""
    if type(value) is int:
        return value if -_MAX_BIGINT <= value <= _MAX_BIGINT else None
    if isinstance(value, str):
        if len(value) > _MAX_DIGITS or not _NUMBER.fullmatch(value):
            return None
        value = int(value) if value.strip().lstrip("+-").isdigit() else float(value)
    if isinstance(value, float):
        return int(value) if abs(value) <= _MAX_EXACT_FLOAT and value.is_integer() else None
    return whole(value) if type(value) is int else None


def flag(value: Any) -> bool | None:
    """Return a yes or no, also one written as text or as 1 or 0; else None."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(str(value).lower()) if isinstance(value, str | int) else None


def text(value: Any) -> str | None:
    """Return a value as text; other values as JSON."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return None


def storable_text(value: Any) -> str | None:
    """Return a value as text that can be stored, with "?" for lone surrogates."""
    shown = text(value)
    return None if shown is None else shown.encode("utf-8", "replace").decode()
