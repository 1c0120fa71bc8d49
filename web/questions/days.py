"""The plays of one day and of one session, in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.listening import Listening
from report.page.questions.asking import run
from schemas.silver_schemas import COUNTS, LISTENING_WITH_FEATURES


class Play(NamedTuple):
    """One play; ``ended`` by the clock on the wall; ``play_id`` None without the lake's tables."""

    ended: datetime
    local_date: date
    session_id: str
    track_key: str
    track: str | None
    track_id: str | None
    artist_key: str | None
    artist: str | None
    album: str | None
    ms_played: int | None
    skipped: bool | None
    is_counted: bool
    play_id: str | None


class Beside(NamedTuple):
    """The days or sessions with plays next to one, None at the ends."""

    before: Any
    after: Any


def plays_of_day(listening: Listening, day: date) -> list[Play]:
    """Return the plays that ended on a local date."""
    return _plays(listening, f"local_date = DATE '{day}'")


def plays_of_session(listening: Listening, session_id: str) -> list[Play]:
    """Return the plays of a session, of whatever day."""
    return _plays(listening, f"session_id = {literal(session_id)}")


def days_beside(listening: Listening, day: date) -> Beside:
    """Return the days with plays next to one."""
    [row] = run(
        listening,
        f"""
        SELECT max(local_date) FILTER (local_date < DATE '{day}'),
            min(local_date) FILTER (local_date > DATE '{day}')
        FROM plays
        """,
    ).fetchall()
    return Beside(*row)


def sessions_beside(listening: Listening, session_id: str) -> Beside:
    """Return the sessions next to one."""
    [row] = run(
        listening,
        f"""
        WITH mine AS (
            SELECT min(played_at) AS begun FROM plays WHERE session_id = {literal(session_id)}
        )
        SELECT arg_max(session_id, played_at) FILTER (played_at < begun),
            arg_min(session_id, played_at)
                FILTER (played_at > begun AND session_id <> {literal(session_id)})
        FROM plays, mine
        """,
    ).fetchall()
    return Beside(*row)


def _plays(listening: Listening, condition: str) -> list[Play]:
    # The ids are only of use here: kept in memory they would take as much as half of the rest.
    plays, play_id = "plays", "NULL"
    if has_table(listening.connection, LISTENING_WITH_FEATURES.full_name):
        own = f"user_id = {literal(listening.user_id)} AND {COUNTS}"
        plays = f"(SELECT * FROM {LISTENING_WITH_FEATURES.full_name} WHERE {own})"
        play_id = "play_id"
    found = run(
        listening,
        f"""
        SELECT epoch_ms(played_at) + utc_offset_minutes * 60000, local_date, session_id, track_key,
            track_name, track_id, artist_key, artist_name, album_name, ms_played, skipped,
            is_counted, {play_id}
        FROM {plays} WHERE {condition} ORDER BY played_at, track_key
        """,
    ).fetchall()
    begin = datetime.fromtimestamp(0, UTC).replace(tzinfo=None)
    return [Play(begin + timedelta(milliseconds=wall), *row) for wall, *row in found]
