"""How an item of the Web API is kept whole, beside the columns that are made of it."""

import json
from typing import Any

from mappers.values import Json

LEFT_OUT = frozenset({"images", "available_markets"})
"""Fields that an item is kept without, however deep they lie: long, and nobody's listening."""


def as_text(item: Json) -> str:
    """Return an item as JSON in one line, less ``LEFT_OUT``."""
    return json.dumps(_trimmed(item), ensure_ascii=False, separators=(",", ":"))


def as_storable_text(item: Json) -> str | None:
    """Return an item as ``as_text`` does, "?" for halves of characters; None if nested deep."""
    try:
        return as_text(item).encode("utf-8", "replace").decode()
    except RecursionError:
        return None


def object_of(value: Any) -> Json:
    """Return a value that should be an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def objects_of(values: Any) -> list[Json]:
    """Return the objects of what should be a list of them."""
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def id_of(item: Any) -> str | None:
    """Return the id of an item; None where it has none that could be one."""
    told = object_of(item).get("id")
    return told if isinstance(told, str) and told and told.isascii() else None


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _trimmed(inner) for name, inner in value.items() if name not in LEFT_OUT}
    return [_trimmed(each) for each in value] if isinstance(value, list) else value
