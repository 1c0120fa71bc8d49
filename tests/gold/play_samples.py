"""Plays to vary, as rows of ``silver.listening_with_features``, for the tests of summaries."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engines.arrow import arrow_rows
from engines.python_words import normalised
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.models import duckdb_engine

Row = dict[str, Any]

ARTIST = "nfc_normalize(lower(nfc_normalize(artist_name)))"
"""In DuckDB's SQL, one artist of ``random_plays``, however written."""


def heard(at: str, title: str = "Song", artist: str | None = "Artist", **others: Any) -> Row:
    """Return a counted play of three minutes that ended at a local time, ``2024-03-01 23:30``.

    The listener lives an hour east of Greenwich.
    """
    wall = datetime.fromisoformat(at).replace(tzinfo=UTC)
    row = {
        "user_id": "me",
        "played_at": wall - timedelta(hours=1),
        "played_month": f"{wall - timedelta(hours=1):%Y-%m}",
        "utc_offset_minutes": 60,
        "local_date": wall.date(),
        "hour_of_day": wall.hour,
        "day_of_week": wall.isoweekday(),
        "track_key": f"{artist}|{title}".lower(),
        "track_name": title,
        "artist_name": artist,
        "artist_key": normalised(artist or "") or None,
        "ms_played": 180_000,
        "session_id": f"me-{wall:%Y%m%d}",
        "is_counted": True,
        "first_play": False,
    }
    return row | others


def short(at: str, title: str = "Song", artist: str | None = "Artist", **others: Any) -> Row:
    """Return a play of ten seconds, which is not counted."""
    return heard(at, title, artist, ms_played=10_000, is_counted=False, **others)


def numbered(plays: Iterable[Row]) -> list[Row]:
    """Return plays with a ``play_id`` each, as ``silver.listening_with_features``."""
    return [{"play_id": str(n)} | each for n, each in enumerate(plays)]


def random_plays(people: int = 3, plays: int = 600) -> list[Row]:
    """Return plays of a few people over five months, with ties, spellings and gaps in plenty."""
    # A linear congruence: no library's random numbers change with its version.
    state = 1

    def draw(most: int) -> int:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) % 2**31
        return (state >> 8) % most

    rows = []
    for person in range(people):
        begin = datetime(2023, 11, 20, tzinfo=UTC)
        met: set[str] = set()
        at = sorted(begin + timedelta(minutes=draw(150 * 24 * 60)) for _ in range(plays))
        for wall in at:
            number = draw(40)
            artist = None if number == 39 else f"Artíst {number % 7}"
            decomposed = artist and unicodedata.normalize("NFD", artist)
            spelled = (artist and artist.upper(), decomposed, artist, artist, artist)[draw(5)]
            length = None if draw(10) == 0 else 1_000 * draw(240)
            key = f"artist {number % 7}|song {number}"
            rows.append(
                heard(
                    f"{wall:%Y-%m-%d %H:%M:%S}",
                    f"Song {number}",
                    spelled,
                    user_id=f"person {person}",
                    track_key=key,
                    ms_played=length,
                    duration_ms=None if draw(4) == 0 else 200_000,
                    is_counted=length is None or length >= 30_000,
                    genre=(None, "rock", "pop", "jazz", "folk")[number % 5],
                    skipped=(None, True, False)[draw(3)],
                    session_id=f"person {person}-{wall:%Y%m%d}-{wall.hour // 6}",
                    first_play=key not in met,
                )
            )
            met.add(key)
    return rows


def by_sql(plays: Iterable[Row], sql: str) -> set[tuple[Any, ...]]:
    """Return the rows of a query over ``plays``."""
    engine = duckdb_engine()
    engine.register("plays", arrow_rows(numbered(plays), LISTENING_WITH_FEATURES.columns))
    rows = engine.fetch(sql)
    engine.forget(["plays"])
    return set(rows)


def top_in_sql(kind: str, group: str) -> str:
    """Return SQL for the top value of each group: ``top(person, grouped, name, detail, n)``."""
    key, name, detail = {
        "track": ("track_key", "track_name", "artist_name"),
        "artist": (ARTIST, "artist_name", "NULL"),
        "genre": ("genre", "genre", "NULL"),
        "weekday": ("day_of_week", "day_of_week", "NULL"),
    }[kind]
    return f"""
        SELECT user_id AS person, {group} AS grouped, min({name}) AS name, min({detail}) AS detail,
               count_if(is_counted) AS n
        FROM plays WHERE {key} IS NOT NULL GROUP BY user_id, grouped, {key} HAVING n > 0
        QUALIFY row_number() OVER (
            PARTITION BY user_id, grouped
            ORDER BY n DESC, sum(coalesce(ms_played, duration_ms, 0)) DESC, name
        ) = 1
    """


def rows_of(rows: Iterable[Mapping[str, Any]], *columns: str) -> set[tuple[Any, ...]]:
    """Return some columns of rows."""
    return {tuple(row[name] for name in columns) for row in rows}
