"""Names that have some words in them."""

from __future__ import annotations

from typing import NamedTuple

from engines.models import literal
from lake.searched_text import folded
from report.page.listening import Listening
from report.page.questions.asking import run
from web.questions.made import make_names
from web.questions.things import Kind

KINDS: tuple[Kind, ...] = ("artist", "track", "album", "genre")


class Found(NamedTuple):
    """A thing whose name was searched for, with its plays in the whole history."""

    kind: Kind
    key: str
    name: str
    artist_key: str | None
    artist: str | None
    plays: int


def search(listening: Listening, words: str, most: int) -> dict[Kind, list[Found]]:
    """Return up to ``most`` of each kind: names that begin with the words, then the most played.

    Each word must be in the name or the artist's, one at least in the name. Accents and capitals
    do not matter. Without a word nothing is found.
    """
    found: dict[Kind, list[Found]] = {kind: [] for kind in KINDS}
    each = [folded(literal(word)) for word in words.split()]
    if not each:
        return found
    make_names(listening)
    has_all = " AND ".join(
        f"(contains(folded, {word}) OR contains(coalesce(folded_artist, ''), {word}))"
        for word in each
    )
    has_one = " OR ".join(f"contains(folded, {word})" for word in each)
    whole = folded(literal(" ".join(words.split())))
    rows = run(
        listening,
        f"""
        SELECT kind, key, name, artist_key, artist, plays FROM names
        WHERE name IS NOT NULL AND {has_all} AND ({has_one})
        QUALIFY row_number() OVER (
            PARTITION BY kind ORDER BY starts_with(folded, {whole}) DESC, plays DESC, key
        ) <= {most}
        ORDER BY kind, starts_with(folded, {whole}) DESC, plays DESC, key
        """,
    ).fetchall()
    for kind, *row in rows:
        found[kind].append(Found(kind, *row))
    return found
