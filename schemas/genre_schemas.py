"""Silver: the genre of every artist, whoever listens."""

from schemas.table import KEPT, Table, column
from schemas.types import BIGINT, DOUBLE, STRING, array

GENRE_SOURCES = ("spotify", "catalogue", "sessions", "unclassified")

ARTIST_GENRES = Table(
    layer="silver",
    name="artist_genres",
    description="The genre of every artist that anybody played or has among their top artists.",
    columns=(
        column(
            "artist_key", STRING, "the artist's name, normalised", nullable=False, in_export=KEPT
        ),
        column(
            "artist_name",
            STRING,
            "the name as written in most plays; of ties the least",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "genre",
            STRING,
            "first of genres; 'unclassified' where there is none",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "genres",
            array(STRING),
            "all its genres: as Spotify orders them; from the catalogue by number of tracks, then "
            "by name; from sessions one; empty where unclassified",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "genre_source",
            STRING,
            f"one of {', '.join(GENRE_SOURCES)}",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "confidence",
            DOUBLE,
            "0-1, how often such a genre is right: 1 for Spotify's own; for the catalogue how "
            "likely one more track of the artist has it; for sessions the share of known "
            "artists with such evidence classified right; 0 where unclassified",
            nullable=False,
        ),
        column(
            "evidence",
            BIGINT,
            "what it is based on: genres that Spotify gives, tracks in the catalogue, or sessions "
            "with another artist of known genre; 0 where unclassified",
            nullable=False,
        ),
    ),
    key=("artist_key",),
    checks={
        "genre_source_known": f"genre_source in ({', '.join(map(repr, GENRE_SOURCES))})",
        "confidence_in_range": "confidence between 0 and 1",
    },
)

TABLES = (ARTIST_GENRES,)
