"""Plays to vary, as rows of ``silver.listening_with_features``, for the tests of summaries."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from schemas.silver_schemas import LISTENING_WITH_FEATURES
from writers.local_rows import local_frame

Row = dict[str, Any]


def heard(at: str, title: str = "Song", artist: str | None = "Artist", **others: Any) -> Row:
    """Give a counted play of three minutes that ended at a local time, ``2024-03-01 23:30``.

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
        "ms_played": 180_000,
        "session_id": f"me-{wall:%Y%m%d}",
        "is_counted": True,
        "first_play": False,
    }
    return row | others


def short(at: str, title: str = "Song", artist: str | None = "Artist", **others: Any) -> Row:
    """Give a play of ten seconds, which is not counted."""
    return heard(at, title, artist, ms_played=10_000, is_counted=False, **others)


def plays_frame(spark: SparkSession, plays: Iterable[Row]) -> DataFrame:
    """Give plays as ``silver.listening_with_features``."""
    rows = [{"play_id": str(n)} | each for n, each in enumerate(plays)]
    return local_frame(spark, rows, LISTENING_WITH_FEATURES.schema)


def random_plays(people: int = 3, plays: int = 600) -> list[Row]:
    """Give plays of a few people over five months, with ties, spellings and gaps in plenty."""
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
            artist = None if number == 39 else f"Artist {number % 7}"
            spelt = artist.upper() if artist and draw(5) == 0 else artist
            length = None if draw(10) == 0 else 1_000 * draw(240)
            key = f"artist {number % 7}|song {number}"
            rows.append(
                heard(
                    f"{wall:%Y-%m-%d %H:%M:%S}",
                    f"Song {number}",
                    spelt,
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
    """Give the rows of a DuckDB query over ``plays``."""
    schema = to_arrow_schema(LISTENING_WITH_FEATURES.schema, timezone="UTC")
    names = schema.names
    rows = [dict.fromkeys(names) | {"play_id": str(n)} | each for n, each in enumerate(plays)]
    nullable = pa.schema([each.with_nullable(True) for each in schema])
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("plays", pa.Table.from_pylist(rows, nullable))
        return set(connection.execute(sql).fetchall())


def top_in_sql(kind: str, group: str) -> str:
    """Give SQL for the top value of each group: ``top(person, grouped, name, detail, n)``."""
    key, name, detail = {
        "track": ("track_key", "track_name", "artist_name"),
        "artist": ("lower(artist_name)", "artist_name", "NULL"),
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


def rows_of(frame: DataFrame, *columns: str) -> set[tuple[Any, ...]]:
    """Give some columns of a frame, or expressions over them, as DuckDB would."""
    return {tuple(row) for row in frame.selectExpr(*columns).collect()}
