"""Spotify → bronze: under which other id a track that is gone can still be played.

One recording has one code (ISRC), whatever releases it is on; a search for it shows them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from incremental.lake import Lake
from ingestion.availability_checks import Row
from ingestion.one_by_one import OneByOne
from lake.reader import open_tables
from mappers.availability_mapper import playable_id
from schemas.availability_schemas import ACCOUNT_MARKET, AVAILABILITY_CHECKS
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import PLAYLIST_ITEMS, SAVED_TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS

SEARCHES_A_RUN = 10
"""Unavailable tracks that one run searches for, with a request each."""

SEARCHED_AGAIN = timedelta(days=30)
"""How long it is believed that there is no other id, or this one."""

_UNAVAILABLE_TRACKS = Path(__file__).with_name("unavailable_tracks.sql")


class Gone(NamedTuple):
    """A track that cannot be played, its recording, and since when: the key of its check."""

    track_id: str
    isrc: str
    first_checked_at: datetime


def search_moved_tracks(lake: Lake, requests: OneByOne, step: str) -> str | None:
    """Search for some unavailable tracks, keep what was found, and return a remark on it."""
    session = requests.session
    found: dict[Gone, str | None] = {}

    def search(gone: Gone) -> str | None:
        tracks = session.spotify.tracks_of_recording(gone.isrc)
        return playable_id(tracks, gone.isrc, gone.track_id)

    wanted = tracks_to_search(lake, session.user_id)[:SEARCHES_A_RUN]
    for gone, track_id in requests.ask(wanted, search):
        found[gone] = track_id
    if not found:
        return None
    by_key = {(each.track_id, each.first_checked_at): other for each, other in found.items()}
    market = lake.settings.market or ACCOUNT_MARKET

    def noted(row: Row) -> Row:
        key = row["track_id"], row["first_checked_at"]
        if (row["user_id"], row["market"]) != (session.user_id, market) or key not in by_key:
            return row
        return {**row, "found_track_id": by_key[key], "searched_at": lake.now}

    lake.replace_rows(AVAILABILITY_CHECKS, map(noted, lake.rows(AVAILABILITY_CHECKS)), step)
    number = sum(each is not None for each in found.values())
    return f"{len(found)} searched for under another id, {number} found"


def tracks_to_search(lake: Lake, user_id: str) -> Sequence[Gone]:
    """Return the unavailable tracks that were not searched for lately, the most played first."""
    tables = (
        AVAILABILITY_CHECKS,
        SAVED_TRACKS,
        PLAYLIST_ITEMS,
        LISTENING_HISTORY,
        UNIFIED_TRACKS,
    )
    parameters = {
        "user_id": user_id,
        "market": lake.settings.market or ACCOUNT_MARKET,
        "searched_since": lake.now - SEARCHED_AGAIN,
    }
    with open_tables(lake.data_dir, tables) as opened:
        rows = opened.execute(_UNAVAILABLE_TRACKS.read_text("utf-8"), parameters).fetchall()
    return [Gone(*row) for row in rows]
