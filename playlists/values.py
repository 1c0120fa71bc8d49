"""The operators of rules, what each kind of field can be asked, and the values that suit them."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from playlists.fields import HOURS, Kind
from schemas.silver_schemas import SEASONS

_EQUALS = ("is", "isNot")
_KNOWN = ("isMissing", "isPresent")
_OPERATORS_OF: Mapping[Kind, tuple[str, ...]] = {
    "number": (*_EQUALS, "gt", "lt", "inTheRange", *_KNOWN),
    "date": (
        *(*_EQUALS, "before", "after", "gt", "lt", "inTheRange"),
        *("inTheLast", "notInTheLast", *_KNOWN),
    ),
    "text": (*_EQUALS, "contains", "notContains", "startsWith", "endsWith", *_KNOWN),
    "truth": (*_EQUALS, *_KNOWN),
    "hours": (*_EQUALS, "inTheRange"),
    "seasons": _EQUALS,
    "key": _EQUALS,
    "playlist": ("inPlaylist", "notInPlaylist"),
}
OPERATORS: Mapping[str, str] = {
    name.lower(): name for names in _OPERATORS_OF.values() for name in names
}
"""By their names in small letters."""

MOST_DAYS = 100_000
_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "t": True, "f": False}


class WrongValueError(ValueError):
    """A value does not suit; the text says what is needed."""


def operators_of(kind: Kind) -> tuple[str, ...]:
    """Return the operators that a field of a kind can be asked with."""
    return _OPERATORS_OF[kind]


def read_value(operator: str, kind: Kind, given: Any) -> Any:
    """Return the value of a condition as its kind has it.

    A number is a float, a date a date, an hour a whole number; a range is a pair; ``is`` and
    ``isNot`` have a tuple of values, of which one is meant; days are a whole number.

    Raises WrongValueError.
    """
    if operator in _KNOWN:
        return _truth(given)
    if operator in ("inTheLast", "notInTheLast"):
        return _days(given)
    one = _READERS[kind]
    if operator == "inTheRange":
        return _range(one, given, wraps=kind == "hours")
    if operator in _EQUALS:
        if not isinstance(given, list):
            return (one(given),)
        if not given:
            raise WrongValueError("at least one value")
        return tuple(one(each) for each in given)
    return one(given)


def _number(given: Any) -> float:
    wrong = WrongValueError("a number")
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise wrong
    try:
        value = float(given)
    except (ValueError, OverflowError):
        raise wrong from None
    if not math.isfinite(value):
        raise wrong
    return value


def _date(given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        # A time of day behind it is left out, as in 2024-01-31T10:00:00Z.
        return date.fromisoformat(given.strip()[:10])
    except (AttributeError, ValueError):
        raise WrongValueError("a date such as 2024-01-31") from None


def _text(given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise WrongValueError("a text")
    text = str(given)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WrongValueError("a text without halves of characters") from None
    return text.replace("\x00", "")


def _truth(given: Any) -> bool:
    found = _TRUTHS.get(str(given).lower()) if isinstance(given, str | int) else None
    if found is None:
        raise WrongValueError("true or false")
    return found


def _days(given: Any) -> int:
    return _whole(given, MOST_DAYS, f"a whole number of days, 0 to {MOST_DAYS:,}")


def _hour(given: Any) -> int:
    return _whole(given, HOURS - 1, f"a whole hour of the day, 0 to {HOURS - 1}")


def _whole(given: Any, most: int, needed: str) -> int:
    wrong = WrongValueError(needed)
    try:
        value = _number(given)
    except WrongValueError:
        raise wrong from None
    if not value.is_integer() or not 0 <= value <= most:
        raise wrong
    return int(value)


def _season(given: Any) -> str:
    name = str(given).lower()
    if name not in SEASONS:
        raise WrongValueError(f"a season: {', '.join(SEASONS)}")
    return name


def _range(one: Callable[[Any], Any], given: Any, *, wraps: bool) -> tuple[Any, Any]:
    if not isinstance(given, list) or len(given) != 2:
        raise WrongValueError("a pair such as [1, 5]")
    low, high = one(given[0]), one(given[1])
    if low > high and not wraps:
        raise WrongValueError("a pair whose first is not above its second")
    return low, high


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    "number": _number,
    "date": _date,
    "text": _text,
    "truth": _truth,
    "hours": _hour,
    "seasons": _season,
    "key": _text,
    "playlist": _text,
}
