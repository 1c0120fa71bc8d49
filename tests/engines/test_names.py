"""Names that differ only in typography are one name; anything else stays apart."""

import pytest

from engines.python_words import name_key, normalised
from tests.models import duckdb_engine


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Don’t Stop", "don't stop"),
        ("Don`t Stop", "don't stop"),
        ("DON'T\u00a0 STOP ", "don't stop"),
        ("\u3000“Heroes”\t– 2017 Remaster", '"heroes" - 2017 remaster'),
        ("Für   Elise", "für elise"),
        ("Fu\u0308r Elise", "für elise"),
        ("ЁЛКА", "ёлка"),
        ("夜に駆ける", "夜に駆ける"),
        (" \u00a0 ", ""),
        ("", ""),
        ("a|b; c", "a|b; c"),
        ("🎧 mix", "🎧 mix"),
    ],
)
def test_typography_case_and_spaces_do_not_matter(written: str, plain: str) -> None:
    assert normalised(written) == plain


@pytest.mark.parametrize(
    ("artist", "title", "expected"),
    [
        ("Sigur Rós", "Sæglópur", "sigur rós|sæglópur"),
        ("  AC/DC ", "T.N.T.", "ac/dc|t.n.t."),
        (None, "Untitled", "|untitled"),
        ("", "Untitled", "|untitled"),
        ("Nobody", None, None),
        ("Nobody", "", None),
        ("Nobody", "\u00a0", None),
        (None, None, None),
    ],
)
def test_key_of_artist_and_title(
    artist: str | None, title: str | None, expected: str | None
) -> None:
    assert name_key(artist, title) == expected
    names = ", ".join("NULL" if each is None else f"'{each}'" for each in (artist, title))

    assert duckdb_engine().fetch(f"SELECT name_key({names})") == [(expected,)]


def test_a_genre_is_one_however_it_is_joined() -> None:
    query = "SELECT genre_key('Hip-Hop'), genre_key(' hip hop'), genre_key(NULL)"

    assert duckdb_engine().fetch(query) == [("hip hop", "hip hop", None)]
