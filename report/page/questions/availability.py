"""Favourites that Spotify no longer plays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import run
from report.page.questions.favourites import LEAST_LOVED_PLAYS
from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.unified_schemas import UNIFIED_TRACKS

if TYPE_CHECKING:
    from report.page.listening import Listening


class Checks(NamedTuple):
    """How many favourites there are, of how many it is known whether they can be played.

    ``last`` is the local date of the last check.
    """

    favourites: int
    checked: int
    unavailable: int
    last: date | None


class Unavailable(NamedTuple):
    """A favourite that cannot be played, and the id under which it still can, if one is known."""

    track_name: str | None
    artist_name: str | None
    plays: int
    since: date
    reason: str | None
    moved_to_track_id: str | None


def checks(listening: Listening) -> Checks:
    """Return how far the favourites were checked."""
    rows = favourites(listening)
    if rows is None:
        return Checks(0, 0, 0, None)
    [found] = run(
        listening,
        "SELECT count(*), count(is_available), count(*) FILTER (NOT is_available), max(checked) "
        f"FROM ({rows})",
    ).fetchall()
    return Checks(*found)


def unavailable(listening: Listening, most: int = 12) -> list[Unavailable]:
    """Return the favourites that cannot be played, the most played first."""
    rows = favourites(listening)
    if rows is None:
        return []
    found = run(
        listening,
        "SELECT track, artist, plays, since, reason, moved_to_track_id "
        f"FROM ({rows}) WHERE NOT is_available ORDER BY plays DESC, track_key LIMIT {most}",
    ).fetchall()
    return [Unavailable(*row) for row in found]


def favourites(listening: Listening) -> str | None:
    """Return the query for the saved and often played tracks, with what is known of each.

    Dates are local ones. None where the lake does not have the tables.
    """
    tables = (UNIFIED_TRACKS, TRACK_AVAILABILITY)
    if not all(has_table(listening.connection, each.full_name) for each in tables):
        return None

    def local(instant: str) -> str:
        return f"CAST(timezone({literal(listening.timezone)}, a.{instant}) AS DATE)"

    return f"""
        SELECT u.track_key, u.track_name AS track, u.artist_name AS artist, u.artist_key,
            u.counted_plays AS plays, u.plays > 0 AS was_played, u.saved_at IS NOT NULL AS saved,
            a.is_available, a.reason, a.moved_to_track_id,
            {local("first_unavailable_at")} AS since, {local("last_checked_at")} AS checked
        FROM {UNIFIED_TRACKS.full_name} AS u
        LEFT JOIN {TRACK_AVAILABILITY.full_name} AS a
            ON a.user_id = u.user_id AND a.track_id = u.track_id
        WHERE u.user_id = {literal(listening.user_id)} AND NOT u.is_excluded
            AND u.track_id IS NOT NULL
            AND (u.saved_at IS NOT NULL OR u.counted_plays >= {LEAST_LOVED_PLAYS})
    """
