"""The right name for one that is not, for messages."""

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(name: str, names: Sequence[str]) -> str:
    """Return ``the nearest is X``, or the names that there are where none is near."""
    by_lower = {each.lower(): each for each in reversed(names)}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return f"the nearest is {by_lower[found[0]]}" if found else f"there are {', '.join(names)}"
