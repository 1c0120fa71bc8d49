"""Small tables written without an engine, for what only reads them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from engines.arrow import arrow_rows
from engines.python_words import normalised
from schemas.table import Table
from tests import delta_rs

Row = dict[str, Any]


def put(data_dir: Path, table: Table, rows: list[Row]) -> None:
    """Append rows to a table of the lake; columns that a row leaves out are null."""
    delta_rs.write(
        table.path(data_dir),
        arrow_rows(rows, table.columns),
        partition_by=table.partition_by,
        mode="append",
    )


def play(played_at: datetime, track: str = "Song", **others: Any) -> Row:
    """Return a play of ``me``, three minutes long and in the extended history."""
    return {
        "user_id": "me",
        "play_id": f"{track} {played_at}",
        "played_at": played_at,
        "played_month": f"{played_at:%Y-%m}",
        "track_key": track,
        "ms_played": 180_000,
        "sources": ["extended"],
        "local_date": played_at.date(),
        "session_id": "session",
        "is_counted": True,
        **others,
    }


def track(name: str = "Song", artist: str = "Artist", **others: Any) -> Row:
    """Return a track of ``me``."""
    return {
        "user_id": "me",
        "track_key": name,
        "track_name": name,
        "artist_name": artist,
        "artist_key": normalised(artist),
        "plays": 1,
        "counted_plays": 1,
        "first_played_at": at(1),
        "last_played_at": at(1),
        "person_group": 0,
        **others,
    }


def step(
    name: str, started_at: datetime, status: str = "written", run_id: str = "run", **others: Any
) -> Row:
    """Return a step of a run that took ten seconds."""
    return {
        "run_id": run_id,
        "step": name,
        "status": status,
        "started_at": started_at,
        "seconds": 10.0,
        **others,
    }


def every(minutes: float, count: int, start: datetime) -> list[datetime]:
    """Return ``count`` instants, so many minutes apart."""
    return [start + timedelta(minutes=minutes * place) for place in range(count)]


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def on(day: int) -> date:
    return at(day).date()
