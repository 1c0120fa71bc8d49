"""A handful of plays in memory, for the questions of the page."""

from datetime import UTC, date, datetime
from typing import Any

import duckdb

from engines.python_words import normalised
from report.page.listening import Listening, Period, periods_of

_COLUMNS = {
    "played_at": "TIMESTAMPTZ",
    "track_key": "VARCHAR",
    "track_id": "VARCHAR",
    "track_name": "VARCHAR",
    "artist_key": "VARCHAR",
    "artist_name": "VARCHAR",
    "album_name": "VARCHAR",
    "ms_played": "BIGINT",
    "skipped": "BOOLEAN",
    "genre": "VARCHAR",
    "local_date": "DATE",
    "hour_of_day": "INTEGER",
    "day_of_week": "INTEGER",
    "session_id": "VARCHAR",
    "is_counted": "BOOLEAN",
    "utc_offset_minutes": "INTEGER",
}


def play(when: str, track: str = "Song", artist: str = "Band", **others: Any) -> dict[str, Any]:
    """Return a play of three minutes that ended at ``when``, by the clock on the wall."""
    at = datetime.fromisoformat(when).replace(tzinfo=UTC)
    row = {
        "played_at": at,
        "track_key": f"{artist}|{track}".lower(),
        "track_id": f"id-{track}",
        "track_name": track,
        "artist_key": normalised(artist),
        "artist_name": artist,
        "album_name": "Album",
        "ms_played": 180_000,
        "skipped": None,
        "genre": None,
        "local_date": at.date(),
        "hour_of_day": at.hour,
        "day_of_week": at.isoweekday(),
        "session_id": f"{at:%Y-%m-%d}",
        "utc_offset_minutes": 0,
        **others,
    }
    heard = row["ms_played"]
    return {**row, "is_counted": heard is None or heard >= 30_000}


def listening(*plays: dict[str, Any], today: str | None = None) -> Listening:
    """Return the listening of a person with these plays and no other table."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    connection.execute(f"CREATE TABLE plays ({columns})")
    for row in plays:
        marks = ", ".join("?" for _ in _COLUMNS)
        connection.execute(f"INSERT INTO plays VALUES ({marks})", [row[name] for name in _COLUMNS])
    end = date.fromisoformat(today) if today else max(row["local_date"] for row in plays)
    begin = min(row["local_date"] for row in plays)
    return Listening(connection, "me", "UTC", end, periods_of(begin, end))


def dates(first: str, last: str, before: Period | None = None) -> Period:
    """Return the period of these dates, both included."""
    return Period(
        f"{first} {last}", first, date.fromisoformat(first), date.fromisoformat(last), before
    )
