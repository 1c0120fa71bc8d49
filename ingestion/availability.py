"""Spotify → bronze: whether it still plays a person's tracks.

The pages of saved tracks and own playlists say so of their tracks; ``ingestion.library`` keeps
that. The other tracks are asked for one by one, as Spotify answers about one at a time: a few a
run, the most played first, each once in thirty days. This queue is a query, not a table: a run
continues where the last one ended, however it ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from clients.errors import ApiError, RateLimitedError, SignInError, rate_limited_until
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import is_over, save_state
from ingestion.availability_checks import Row, keep_checks
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

# One failed request may be due to its track; two in a row are due to the service.
_MAX_FAILURES = 2
# Where two tracks in a row do not say whether they can be played, no other will.
_MAX_SILENT = 2

_UNCHECKED_TRACKS = Path(__file__).with_name("unchecked_tracks.sql")


@dataclass
class _Outcome:
    """The result of the requests: checks to keep, remarks for the person, the first failure."""

    checks: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failure: SignInError | ApiError | None = None


def check_availability(lake: Lake, session: ApiSession) -> StepResult:
    """Ask Spotify for some of the tracks that were not checked recently, the most played first.

    Nothing is asked without a sign-in or while Spotify limits our rate. Raises SignInError or
    ApiError where Spotify failed, after keeping everything that was returned.
    """
    timer = StepTimer(AVAILABILITY)
    state = session.state
    if session.sign_in_ended is not None or not is_over(state.blocked_until, lake.now):
        return timer.result("nothing_new")
    queue = unchecked_tracks(lake.data_dir, session.user_id, lake.settings.market, lake.now)
    outcome = _ask(lake, session, queue[:TRACKS_A_RUN])
    kept = keep_checks(lake, outcome.checks, AVAILABILITY) if outcome.checks else 0
    if outcome.checks or outcome.remarks:
        session.notes.append(_note(outcome, len(queue)))
    if outcome.failure is not None:
        raise outcome.failure
    return timer.result("written" if kept else "nothing_new", rows_out=kept)


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


def _ask(lake: Lake, session: ApiSession, track_ids: Sequence[str]) -> _Outcome:
    outcome, failures, silent = _Outcome(), 0, 0
    for track_id in track_ids:
        try:
            check = _checked(lake, session, track_id)
        except RateLimitedError as error:
            session.state.blocked_until = error.until
            save_state(lake.data_dir, session.user_id, session.state, lake.now)
            outcome.remarks.append(rate_limited_until("Spotify", error.until))
            break
        except SignInError as error:
            session.sign_in_ended = str(error)
            outcome.failure = outcome.failure or error
            break
        except ApiError as error:
            outcome.failure = outcome.failure or error
            failures += 1
            if failures == _MAX_FAILURES:
                break
            continue
        outcome.checks.append(check)
        failures = 0
        silent = silent + 1 if check["is_playable"] is None else 0
        if silent == _MAX_SILENT and not lake.settings.market:
            outcome.remarks.append(
                "Spotify does not say whether they can be played: set MARKET to your account's "
                "country, such as MARKET=DE"
            )
            break
    return outcome


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


def _note(outcome: _Outcome, waiting: int) -> str:
    checks = outcome.checks
    gone = sum(each["is_playable"] is False for each in checks)
    counts = (
        f"{len(checks):,} tracks checked, {gone:,} not playable; "
        f"{waiting - len(checks):,} still to check"
    )
    return "availability: " + "; ".join([*([counts] if checks else []), *outcome.remarks])
