"""What a request asks of the Web API: its rights, its place in a list, the thing that it names."""

import re
from collections.abc import Mapping
from typing import TypeVar

from flask import g, request

from demo.refusals import WebApiError

Item = TypeVar("Item")

MAX_ON_A_PAGE = 50
USUAL_PAGE = 20
_COUNTRY = re.compile("[A-Z]{2}")


def needs(scope: str) -> None:
    """Refuse a sign-in that does not have a right."""
    if scope not in g.scope:
        raise WebApiError(403, "Insufficient client scope")


def number(name: str, default: int, least: int, most: int | None = None) -> int:
    """Return a whole number of the query, 400 for what is none or lies outside of the limits."""
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise WebApiError(400, f"Invalid {name}")
    value = int(text)
    if value < least or (most is not None and value > most):
        raise WebApiError(400, f"Invalid {name}")
    return value


def place() -> tuple[int, int]:
    """Return the limit and the offset that a list is asked for with."""
    return number("limit", USUAL_PAGE, 1, MAX_ON_A_PAGE), number("offset", 0, 0)


def market() -> str | None:
    """Return the country that is asked for, 400 for what is none; None where there is none."""
    text = request.args.get("market")
    if text is not None and not _COUNTRY.fullmatch(text):
        raise WebApiError(400, "Invalid market code")
    return text


def given(*names: str) -> dict[str, str]:
    """Return those of these parts of the query that were given, for the links of a page."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def found(known: Mapping[str, Item], item_id: str) -> Item:
    """Return the thing with an id, 404 where there is none."""
    if item_id not in known:
        raise WebApiError(404, "Resource not found")
    return known[item_id]
