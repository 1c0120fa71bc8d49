"""How an item of the Web API is kept whole, beside the columns that are made of it."""

import json
from typing import Any

Json = dict[str, Any]

LEFT_OUT = frozenset({"images", "available_markets"})
"""Fields that an item is kept without, however deep they lie: long, and nobody's listening."""


def as_text(item: Json) -> str:
    """Give an item as JSON in one line, less ``LEFT_OUT``."""
    return json.dumps(_trimmed(item), ensure_ascii=False, separators=(",", ":"))


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _trimmed(inner) for name, inner in value.items() if name not in LEFT_OUT}
    return [_trimmed(each) for each in value] if isinstance(value, list) else value
