"""How values are written."""

import pytest

from report.page import words
from report.page.parts import Column, Numbers


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("-0.02 to 0.01", "−0.02 to 0.01"),
        ("a difference of -.5 (-1 to 2)", "a difference of −.5 (−1 to 2)"),
        ("18-19 h, k-pop, 2026-03-01", "18-19 h, k-pop, 2026-03-01"),
        ("95%-interval - that is all", "95%-interval - that is all"),
    ],
)
def test_a_minus_is_no_hyphen(text: str, written: str) -> None:
    assert words.minus(text) == written


def test_cells_of_a_row_are_written_as_their_columns_say() -> None:
    table = Numbers(
        (
            Column("Name", "name"),
            Column("Plays", "count"),
            Column("Change"),
            Column("Open", "link"),
        ),
        [("<b>", 1234, "-2", None), (None, 0.5, "'", "https://open.spotify.com/?a&b")],
    )

    assert words.rows(table) == (
        '<tr><td class="name"><bdi>&lt;b&gt;</bdi></td>'
        '<td class="count"><data value="1234">1,234</data></td>'
        '<td class="text">−2</td><td class="link">–</td></tr>\n'
        '<tr><td class="name">–</td><td class="count"><data value="0.5">0</data></td>'
        '<td class="text">&#x27;</td><td class="link">'
        '<a href="https://open.spotify.com/?a&amp;b" rel="noreferrer" '
        'aria-label="Open in Spotify">open</a></td></tr>\n'
    )
