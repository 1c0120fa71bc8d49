"""Spotify → bronze: whether it still plays a person's tracks.

The pages of saved tracks and own playlists say so of their tracks; ``ingestion.library`` keeps
that. The other tracks are asked for one by one, as Spotify answers about one at a time: a few a
run, the most played first, each once in thirty days. This queue is a query, not a table: a run
continues where the last one ended, however it ended. What is gone is searched for elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path

from clients.errors import ApiError
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import is_over
from ingestion.availability_checks import Row, keep_checks
from ingestion.moved_tracks import search_moved_tracks
from ingestion.one_by_one import OneByOne
from lake.reader import open_tables
from mappers.availability_mapper import availability_row, not_found_row
from schemas.availability_schemas import ACCOUNT_MARKET, AVAILABILITY_CHECKS
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import SAVED_TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS

AVAILABILITY = f"{AVAILABILITY_CHECKS.full_name} (api)"
"""Name of the step."""

TRACKS_A_RUN = 50
"""Tracks that one run asks for, each with a request of its own."""

CHECKED_AGAIN = timedelta(days=30)
"""How long an answer is believed."""

# Where two tracks in a row do not say whether they can be played, no other will.
_MAX_SILENT = 2

_UNCHECKED_TRACKS = Path(__file__).with_name("unchecked_tracks.sql")


def check_availability(lake: Lake, session: ApiSession) -> StepResult:
    """Ask Spotify for some of the tracks that were not checked recently, the most played first.

    Nothing is asked without a sign-in or while Spotify limits our rate. Raises SignInError or
    ApiError where Spotify failed, after keeping everything that was returned.
    """
    timer = StepTimer(AVAILABILITY)
    state = session.state
    if session.sign_in_ended is not None or not is_over(state.blocked_until, lake.now):
        return timer.result("nothing_new")
    requests = OneByOne(lake, session)
    queue = unchecked_tracks(lake.data_dir, session.user_id, lake.settings.market, lake.now)
    checks = _ask(lake, requests, queue[:TRACKS_A_RUN])
    kept = keep_checks(lake, checks, AVAILABILITY) if checks else 0
    searched = search_moved_tracks(lake, requests, AVAILABILITY)
    said = [_counts(checks, len(queue))] if checks else []
    said += [*([searched] if searched else []), *requests.remarks]
    if said:
        session.notes.append(f"availability: {'; '.join(said)}")
    if requests.failure is not None:
        raise requests.failure
    return timer.result("written" if kept or searched else "nothing_new", rows_out=kept)


def unchecked_tracks(data_dir: Path, user_id: str, market: str, now: datetime) -> list[str]:
    """Return the ids of a person's tracks without a recent check, the most played first.

    ``silver.unified_tracks`` may be a run behind: then what is newly saved comes late.
    """
    tables = (LISTENING_HISTORY, SAVED_TRACKS, UNIFIED_TRACKS, AVAILABILITY_CHECKS)
    parameters = {
        "user_id": user_id,
        "market": market or ACCOUNT_MARKET,
        "checked_since": now - CHECKED_AGAIN,
    }
    with open_tables(data_dir, tables) as lake:
        rows = lake.execute(_UNCHECKED_TRACKS.read_text("utf-8"), parameters).fetchall()
    return [track_id for (track_id,) in rows]


def _ask(lake: Lake, requests: OneByOne, track_ids: Sequence[str]) -> list[Row]:
    """Return a check of each track, as far as Spotify answers."""
    checks: list[Row] = []
    silent = 0
    for _, check in requests.ask(track_ids, partial(_checked, lake, requests.session)):
        checks.append(check)
        silent = silent + 1 if check["is_playable"] is None else 0
        if silent == _MAX_SILENT and not lake.settings.market:
            requests.remarks.append(
                "Spotify does not say whether they can be played: set MARKET to your account's "
                "country, such as MARKET=DE"
            )
            break
    return checks


def _checked(lake: Lake, session: ApiSession, track_id: str) -> Row:
    """Return what Spotify says of one track now."""
    about = session.user_id, lake.settings.market, lake.now
    try:
        return availability_row(track_id, session.spotify.track(track_id), *about)
    except ApiError as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            # No id, in Spotify's eyes: nothing is known, and that once a month.
            return availability_row(track_id, {"id": track_id}, *about)
        # Where the whole service is at another address, every track would be gone.
        if error.status != HTTPStatus.NOT_FOUND or "service not found" in str(error).lower():
            raise
        return not_found_row(track_id, *about)


def _counts(checks: Sequence[Row], waiting: int) -> str:
    gone = sum(each["is_playable"] is False for each in checks)
    return (
        f"{len(checks):,} tracks checked, {gone:,} not playable; "
        f"{waiting - len(checks):,} still to check"
    )
