"""A made-up pool of tracks, and the part of it that a catalogue like Kaggle's holds.

Every value is a hash of its track's number and the seed: the same on every machine, in any order,
on any number of threads.
"""

from pathlib import Path

import duckdb

TRACKS, ARTISTS = 150_000, 20_000
CATALOGUE_TRACKS, CATALOGUE_ROWS = 100_000, 114_000
NEW_TRACKS = 5_000
"""Further tracks, numbered from ``TRACKS`` on, that nobody knows before a benchmark plays them."""
_GENRES = 114

_FIRST = "Silver Paper Hollow Crimson Élan Northern Quiet Burning Glass Velvet Lost Golden"
_SECOND = "River Mirror Engine Garden Winter Signal Harbour Ghost Parade Summer Tower Moon"
_TITLE = "Don’t Stay running under every shadow falling without morning echoes over water"
_WORDS = 12  # in each of the three

_MACROS = """
CREATE OR REPLACE MACRO uniform(purpose, number) AS
    hash(number, purpose, {seed}) / 18446744073709551616.0;
CREATE OR REPLACE MACRO pick(purpose, number, choices) AS
    floor(uniform(purpose, number) * choices)::INT;
CREATE OR REPLACE MACRO word(words, place) AS string_split(words, ' ')[1 + place % {words}]
"""

_TRACK = """
CREATE OR REPLACE TABLE track AS
WITH numbered AS (
    SELECT range AS number,
           -- few artists have many tracks
           floor(pow(uniform('artist', range), 2) * {artists})::INT AS artist,
           pick('genre', range, {genres}) AS genre
    FROM range({tracks} + {new_tracks})
)
SELECT number, genre,
       left(md5(concat('track', number, {seed})), 22) AS track_id,
       concat_ws(' ', word('{first}', artist), word('{second}', artist // {words}),
                 nullif(artist // ({words} * {words}), 0)) AS artist_name,
       concat_ws(' ', word('{title}', pick('title 1', number, {words})),
                 word('{title}', pick('title 2', number, {words})),
                 word('{second}', pick('title 3', number, {words})),
                 1 + pick('title 4', number, 400)) AS track_name,
       'Album ' || pick('album', number // 8, 1000000) AS album_name,
       150000 + pick('length', number, 120000) AS duration_ms
FROM numbered
"""

_CATALOGUE = """
CREATE OR REPLACE TABLE catalogue AS
WITH listed AS (
    SELECT *, row_number() OVER (ORDER BY hash(number, 'catalogue', {seed}), number) AS place
    FROM track
    WHERE number < {tracks}
    QUALIFY place <= {catalogue_tracks}
), in_genres AS (
    SELECT * FROM listed
    UNION ALL BY NAME
    -- Kaggle lists some tracks under several genres
    SELECT * REPLACE ((genre + 1) % {genres} AS genre) FROM listed
    WHERE place <= {catalogue_rows} - {catalogue_tracks}
)
SELECT row_number() OVER (ORDER BY genre, place) - 1 AS "Unnamed: 0",
       -- one in ten stands there under another id, to be found by name alone
       if(number % 10 = 3, left(md5(concat('other', number, {seed})), 22), track_id) AS track_id,
       -- one in twelve has a guest
       artist_name || if(number % 12 = 5, ';A Guest', '') AS artists,
       album_name, track_name,
       pick('popularity', number, 100) AS popularity,
       duration_ms,
       if(uniform('explicit', number) < 0.1, 'True', 'False') AS explicit,
       {features},
       'genre-' || lpad(genre::VARCHAR, 3, '0') AS track_genre
FROM in_genres
ORDER BY ALL
"""

_UNIT_FEATURE = (
    "round(0.6 * uniform('{name}', genre) + 0.4 * uniform('{name} of', number), 3) AS {name}"
)
_FEATURES = (
    *("danceability", "energy"),
    "pick('key', number, 12) AS key",
    "round(-20 * uniform('loudness', number) - 2, 3) AS loudness",
    "(uniform('mode', number) < 0.6)::INT AS mode",
    *("speechiness", "acousticness", "instrumentalness", "liveness", "valence"),
    # Kaggle writes an unknown tempo or metre as 0
    "if(number % 700 = 0, 0, round(60 + 120 * uniform('tempo', number), 3)) AS tempo",
    "if(number % 700 = 0, 0, if(uniform('metre', number) < 0.9, 4, 3)) AS time_signature",
)


def make_tracks(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Make the macros ``uniform`` and ``pick``, the table ``track`` and the table ``catalogue``.

    ``track`` has number (from 0, the best known first), genre, track_id, artist_name, track_name,
    album_name and duration_ms; ``catalogue`` has the columns of Kaggle's ``dataset.csv`` and about
    two thirds of the tracks.
    """
    features = [each if " AS " in each else _UNIT_FEATURE.format(name=each) for each in _FEATURES]
    for statement in (_MACROS, _TRACK, _CATALOGUE):
        connection.execute(
            statement.format(
                seed=seed,
                tracks=TRACKS,
                new_tracks=NEW_TRACKS,
                artists=ARTISTS,
                genres=_GENRES,
                catalogue_tracks=CATALOGUE_TRACKS,
                catalogue_rows=CATALOGUE_ROWS,
                first=_FIRST,
                second=_SECOND,
                title=_TITLE,
                words=_WORDS,
                features=",\n       ".join(features),
            )
        )


def write_catalogue(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the table ``catalogue`` as CSV, as Kaggle's data set is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY catalogue TO '{path}' (HEADER)")
