"""Which genre a play is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lake.reader import has_table
from report.page.questions.asking import IN_PERIOD, run
from schemas.genre_schemas import ARTIST_GENRES

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span

# Plays with the genre of their track, else of their artist, as in gold.genre_analysis.
GENRED_PLAYS = """
    (SELECT p.* REPLACE (coalesce(p.genre, a.genre) AS genre)
     FROM plays AS p LEFT JOIN known_artist_genres AS a ON a.artist_key = p.artist_key)
"""


def share_with_genre(listening: Listening, span: Span) -> float | None:
    """Return the share of counted plays whose genre is known; None where there are no plays."""
    prepare_genres(listening)
    [(share,)] = run(
        listening,
        f"""
        SELECT count(genre) / nullif(count(*), 0)
        FROM {GENRED_PLAYS} WHERE {IN_PERIOD} AND is_counted
        """,
        {"first": span.first, "last": span.last},
    ).fetchall()
    return float(share) if share is not None else None


def prepare_genres(listening: Listening) -> None:
    """Make the table ``known_artist_genres``, which ``GENRED_PLAYS`` reads."""
    known = "SELECT NULL::VARCHAR AS artist_key, NULL::VARCHAR AS genre WHERE false"
    if has_table(listening.connection, ARTIST_GENRES.full_name):
        known = f"""
            SELECT artist_key, genre FROM {ARTIST_GENRES.full_name}
            WHERE genre_source <> 'unclassified'
        """
    run(listening, f"CREATE TEMP TABLE IF NOT EXISTS known_artist_genres AS {known}")
