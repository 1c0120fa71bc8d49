"""Tables that several questions share, made when the first one asks, once in a state of the lake.

- ``names``: every artist, track, album and genre: its key, its name, and that in plain letters;
- ``session_rows``: what each session held;
- ``turns``: the counted plays in their order, with what came before and after in the session;
- ``session_artists``: the artists of each session;
- ``day_rows``: what each day held;
- ``artist_month_ranks`` and such: the place of each artist or track in every month or year.
"""

from collections.abc import Iterable
from typing import NamedTuple

from lake.searched_text import folded
from report.page.listening import Listening
from report.page.questions.asking import MINUTES, PLAYS, make_once, prepare, run


class Named(NamedTuple):
    """A thing's key and names; ``artist`` is who made a track or album."""

    key: str
    name: str | None
    artist_key: str | None
    artist: str | None
    track_id: str | None


def make_names(listening: Listening) -> None:
    """Make ``names``: ``thing`` is the number in ``heard``, of a genre that of its name."""
    _make(
        listening,
        "names",
        f"""
        WITH named AS (
            SELECT
                'track' AS kind, hash(track_key) AS thing, track_key AS key,
                max(track_name) AS name, max(artist_key) AS artist_key, max(artist_name) AS artist,
                min(track_id) AS track_id, {PLAYS} AS plays
            FROM plays GROUP BY track_key
            UNION ALL
            SELECT 'artist', hash(artist_key), artist_key, max(artist_name), NULL, NULL, NULL,
                {PLAYS}
            FROM plays WHERE artist_key IS NOT NULL GROUP BY artist_key
            UNION ALL
            SELECT 'album', hash(artist_key, album_name), album_name, album_name, artist_key,
                max(artist_name), NULL, {PLAYS}
            FROM plays WHERE artist_key IS NOT NULL AND album_name IS NOT NULL
            GROUP BY artist_key, album_name
            UNION ALL
            SELECT 'genre', hash(genre), genre, genre, NULL, NULL, NULL, {PLAYS}
            FROM heard WHERE genre IS NOT NULL GROUP BY genre
        )
        SELECT *, {folded("name")} AS folded, {folded("artist")} AS folded_artist FROM named
        """,
    )


def make_sessions(listening: Listening) -> None:
    """Make ``session_rows``: what each session with a counted play held, by its beginning."""
    _make(
        listening,
        "session_rows",
        f"""
        SELECT
            session_id, min(local_date) AS local_date,
            min(make_timestamp_ms(epoch_ms(played_at) + utc_offset_minutes * 60000)) AS begun,
            {PLAYS} AS plays, {MINUTES} AS minutes,
            count(DISTINCT track_key) FILTER (is_counted) AS tracks,
            count(DISTINCT artist_key) FILTER (is_counted) AS artists,
            hash(arg_min(track_key, played_at) FILTER (is_counted)) AS thing
        FROM plays GROUP BY session_id HAVING bool_or(is_counted)
        """,
    )


def make_turns(listening: Listening) -> None:
    """Make ``turns``; before the first play of a session and after its last is nothing."""
    _make(
        listening,
        "turns",
        """
        SELECT
            local_date, session, track, artist, album,
            lag(track) OVER turn AS track_before, lead(track) OVER turn AS track_after,
            lag(artist) OVER turn AS artist_before, lead(artist) OVER turn AS artist_after
        FROM (
            SELECT local_date, played_at, hash(session_id) AS session, hash(track_key) AS track,
                if(artist_key IS NULL, NULL, hash(artist_key)) AS artist,
                if(artist_key IS NULL OR album_name IS NULL, NULL, hash(artist_key, album_name))
                    AS album
            FROM plays WHERE is_counted
        )
        WINDOW turn AS (PARTITION BY session ORDER BY played_at, track)
        """,
    )
    _make(
        listening,
        "session_artists",
        """
        SELECT session, artist, min(local_date) AS local_date FROM turns
        WHERE artist IS NOT NULL GROUP BY session, artist
        """,
    )


def make_ranks(listening: Listening, kind: str, step: str) -> str:
    """Make the ranks in every month or year by plays and by minutes; return the table's name.

    Of equals the one first heard comes first.
    """
    name = f"{kind}_{step}_ranks"
    _make(
        listening,
        name,
        f"""
        WITH counted AS (
            SELECT date_trunc('{step}', local_date)::DATE AS begins, {kind} AS thing,
                {PLAYS} AS plays, {MINUTES} AS minutes,
                min(played_at) FILTER (is_counted) AS first_at
            FROM heard WHERE {kind} IS NOT NULL GROUP BY begins, {kind} HAVING bool_or(is_counted)
        )
        SELECT begins, thing,
            row_number() OVER (
                PARTITION BY begins ORDER BY plays DESC, first_at, thing
            )::INTEGER AS by_plays,
            row_number() OVER (
                PARTITION BY begins ORDER BY minutes DESC NULLS LAST, plays DESC, first_at, thing
            )::INTEGER AS by_minutes
        FROM counted
        """,
    )
    return name


def make_days(listening: Listening) -> None:
    """Make ``day_rows``: what each day with a counted play held."""
    _make(
        listening,
        "day_rows",
        f"""
        SELECT local_date, {PLAYS} AS plays, {MINUTES} AS minutes,
            count(DISTINCT hash(track_key)) FILTER (is_counted) AS tracks,
            count(DISTINCT if(artist_key IS NULL, NULL, hash(artist_key))) FILTER (is_counted)
                AS artists,
            count(DISTINCT hash(session_id)) AS sessions
        FROM plays GROUP BY local_date HAVING bool_or(is_counted)
        """,
    )


def make_all(listening: Listening) -> None:
    """Make every table, so that nobody who opens a page waits for one."""
    make_names(listening)
    make_sessions(listening)
    make_turns(listening)
    make_days(listening)
    for kind in ("artist", "track"):
        for step in ("month", "year"):
            make_ranks(listening, kind, step)


def named(listening: Listening, kind: str, numbers: Iterable[int]) -> dict[int, Named]:
    """Return the names of the things of these numbers.

    Asked for after a question found the few that it tells of: joined, all names would be read.
    """
    wanted = ", ".join(f"{number}::UBIGINT" for number in numbers)
    if not wanted:
        return {}
    make_names(listening)
    found = run(
        listening,
        f"""
        SELECT thing, key, name, artist_key, artist, track_id FROM names
        WHERE thing IN ({wanted}) AND kind = '{kind}'
        """,
    ).fetchall()
    return {number: Named(*row) for number, *row in found}


def _make(listening: Listening, name: str, sql: str) -> None:
    prepare(listening)
    make_once(listening, name, sql)
