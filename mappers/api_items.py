"""How a whole item of the Web API is stored beside the columns derived from it."""

import json
from typing import Any

from mappers.values import Json

LEFT_OUT = frozenset({"images", "available_markets"})
"""Fields removed from an item at any depth: they are long and say nothing about listening."""


def as_text(item: Json) -> str:
    """Return an item as JSON in one line, without ``LEFT_OUT``."""
    return json.dumps(_trimmed(item), ensure_ascii=False, separators=(",", ":"))


def as_storable_text(item: Json) -> str | None:
    """Return an item as ``as_text`` does, "?" for lone surrogates; None if nested too deep."""
    try:
        return as_text(item).encode("utf-8", "replace").decode()
    except RecursionError:
        return None


def object_of(value: Any) -> Json:
    """Return a value that should be an object; an empty one where it is not."""
    return value if isinstance(value, dict) else {}


def objects_of(values: Any) -> list[Json]:
    """Return the objects of what should be a list of them."""
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def id_of(item: Any) -> str | None:
    """Return the id of an item; None where it has no valid one."""
    value = object_of(item).get("id")
    return value if isinstance(value, str) and value and value.isascii() else None


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _trimmed(inner) for name, inner in value.items() if name not in LEFT_OUT}
    return [_trimmed(each) for each in value] if isinstance(value, list) else value
