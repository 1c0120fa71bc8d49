"""The query ``fields`` of playlists: which fields of an answer are shown."""

import re
from typing import Any

from demo.refusals import WebApiError

_WORDS = re.compile(r"[A-Za-z_0-9]+|[.,()!]")

Tree = dict[str, "Tree"]


def shown_fields(value: Any, wanted: str | None) -> Any:
    """Return an answer with the wanted fields alone, such as ``next,items(added_at,item.uri)``.

    Fields are separated by commas, those of an inner object follow a dot or stand in parentheses.
    Without ``wanted`` it is the whole answer.
    """
    if not wanted:
        return value
    words = _WORDS.findall(wanted)
    tree, rest = _tree(words)
    if rest or "!" in words:
        raise WebApiError(400, "Invalid fields")
    return _pruned(value, tree)


def _tree(words: list[str]) -> tuple[Tree, list[str]]:
    """Return the fields up to a closing parenthesis or the end, and what follows."""
    tree: Tree = {}
    while words and words[0] != ")":
        inner = tree.setdefault(words[0], {})
        words = words[1:]
        while words[:1] == ["."]:
            inner = inner.setdefault(words[1] if len(words) > 1 else "", {})
            words = words[2:]
        if words[:1] == ["("]:
            below, words = _tree(words[1:])
            if words[:1] != [")"]:
                raise WebApiError(400, "Invalid fields")
            inner.update(below)
            words = words[1:]
        if words[:1] == [","]:
            words = words[1:]
    return tree, words


def _pruned(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_pruned(each, tree) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _pruned(value[name], inner) for name, inner in tree.items() if name in value}
