"""Spotify and ReccoBeats → bronze: the audio features of tracks without measured ones.

The queue is a query, not a table: the tracks of the history, most played first, without those that
are measured or were requested recently. So a run continues where the last one ended, however it
ended. What a run fetched is written at its end, in one commit; a killed run loses a few hundred
requests at most, as a run makes no more. Tracks in the catalogue are requested too: its rows are
often matched by name only, it may be removed, and ``FEATURE_PREFERENCE`` can choose only among what
is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clients.errors import ApiError, RateLimitedError, SignInError, rate_limited_until
from incremental.lake import Lake
from incremental.results import StepResult, StepStatus, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import ApiState, is_over, save_state
from lake.reader import open_tables
from mappers.features_mapper import KnownTrack, features_row
from schemas.bronze_schemas import LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.feature_providers import RECCOBEATS, SPOTIFY, FeatureProvider
from schemas.silver_schemas import TRACK_NAMES

if TYPE_CHECKING:
    from clients.reccobeats_api import ReccoBeatsApi
    from clients.spotify_api import SpotifyApi

MEASURED_FEATURES = f"{MY_TRACKS_FEATURES.full_name} (api)"
"""Name of the step."""

ASKED_AGAIN = timedelta(days=30)
"""How long an answer "not known" is cached."""

REFUSED_FOR = timedelta(days=7)
"""How long Spotify's 403 is cached."""

# One failed call may be due to its tracks and must not block all others for ever; two in a row
# are due to the service.
_MAX_FAILURES = 2

_WAITING_TRACKS = Path(__file__).with_name("waiting_tracks.sql")

_Answers = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class WaitingTrack:
    """A track without measured features, and the providers that were asked for it recently."""

    track: KnownTrack
    asked: frozenset[str]


@dataclass(frozen=True)
class _Service:
    """A provider that may be asked, and how."""

    provider: FeatureProvider
    ask: Callable[[Sequence[str]], _Answers]


@dataclass
class _Outcome:
    """The result of the requests: rows to append, remarks for the person, failures."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    failures: list[SignInError | ApiError] = field(default_factory=list)

    @property
    def found(self) -> set[str]:
        return {row["track_id"] for row in self.rows if row["status"] == "ok"}


def import_features(
    lake: Lake, session: ApiSession, reccobeats: "ReccoBeatsApi | None"
) -> StepResult:
    """Request the features of some waiting tracks, the most played first.

    Spotify without a sign-in, or a service that is None, switched off by ``ENRICH`` or
    rate-limited, is skipped; where there is nothing to request, nothing is written. Spotify's 403
    is no failure. Raises SignInError or ApiError where a service failed, after writing everything
    that was returned.
    """
    timer = StepTimer(MEASURED_FEATURES)
    user_id, state = session.user_id, session.state
    remembered, outcome = state.model_copy(), _Outcome()
    services = _services(lake, session, reccobeats)
    queue = waiting_tracks(
        lake.data_dir, user_id, [each.provider.name for each in services], lake.now
    )
    for service in services:
        _ask(service, queue, state, lake.now, outcome)
    if state != remembered:
        save_state(lake.data_dir, user_id, state, lake.now)
    version = _land(lake, outcome.rows) if outcome.rows else None
    if outcome.rows or outcome.remarks:
        session.notes.append(_note(services, queue, outcome))
    if outcome.failures:
        raise outcome.failures[0]
    status: StepStatus = "written" if outcome.rows else "nothing_new"
    return timer.result(status, rows_out=len(outcome.rows), version_written=version)


def waiting_tracks(
    data_dir: Path, user_id: str, providers: Sequence[str], now: datetime
) -> list[WaitingTrack]:
    """Return a person's tracks without an answer of any of ``providers``, most played first.

    Tracks that any provider measured are left out, also under another id of the same recording, as
    far as ``silver.track_names`` knows it. That table may be a run behind: then a track is asked
    for that need not be.
    """
    if not providers or not LISTENING_HISTORY.exists(data_dir):
        return []
    tables = (LISTENING_HISTORY, MY_TRACKS_FEATURES, TRACK_NAMES)
    parameters = {"user_id": user_id, "asked_since": now - ASKED_AGAIN}
    with open_tables(data_dir, tables) as lake:
        rows = lake.execute(_WAITING_TRACKS.read_text("utf-8"), parameters).fetchall()
    waiting = (WaitingTrack(KnownTrack(*track), frozenset(asked)) for *track, asked in rows)
    return [each for each in waiting if not each.asked.issuperset(providers)]


def _services(
    lake: Lake, session: ApiSession, reccobeats: "ReccoBeatsApi | None"
) -> list[_Service]:
    """Return the services that may be asked now, in order."""
    services, state = [], session.state
    if session.sign_in_ended is None and is_over(state.spotify_features_refused_until, lake.now):
        ask = partial(_ask_spotify, session.spotify)
        services.append(_Service(SPOTIFY, ask))
    if reccobeats is not None:
        services.append(_Service(RECCOBEATS, reccobeats.audio_features))
    return [
        each
        for each in services
        if each.provider.is_wanted(lake.settings.enrich)
        and is_over(getattr(state, each.provider.blocked_until), lake.now)
    ]


def _ask_spotify(spotify: "SpotifyApi", track_ids: Sequence[str]) -> _Answers:
    found = {}
    for track_id in track_ids:
        try:
            found[track_id] = spotify.audio_features(track_id)
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
    return found


def _ask(
    service: _Service,
    queue: Sequence[WaitingTrack],
    state: ApiState,
    now: datetime,
    outcome: _Outcome,
) -> None:
    """Request from one service as much as one run may, and note a rate limit in ``state``."""
    provider, found, failures = service.provider, outcome.found, 0
    wanted = (
        each.track
        for each in queue
        if provider.name not in each.asked and each.track.track_id not in found
    )
    tracks = list(islice(wanted, provider.tracks_a_run))
    for start in range(0, len(tracks), provider.tracks_a_call):
        asked = tracks[start : start + provider.tracks_a_call]
        try:
            answers = service.ask([each.track_id for each in asked])
        except RateLimitedError as error:
            setattr(state, provider.blocked_until, error.until)
            outcome.remarks.append(rate_limited_until(provider.title, error.until))
            return
        except SignInError as error:
            outcome.failures.append(error)
            return
        except ApiError as error:
            if provider is SPOTIFY and error.status == HTTPStatus.FORBIDDEN:
                state.spotify_features_refused_until = now + REFUSED_FOR
                outcome.refusing.add(provider.name)
                outcome.remarks.append(
                    "Spotify refuses them (403), see docs/FIX_403_AUDIO_FEATURES.md"
                )
                return
            outcome.failures.append(error)
            failures += 1
            if failures == _MAX_FAILURES:
                return
        else:
            outcome.rows += [
                features_row(each, provider.name, answers.get(each.track_id), now) for each in asked
            ]


def _land(lake: Lake, rows: Sequence[dict[str, Any]]) -> int:
    return lake.append_rows(MY_TRACKS_FEATURES, rows, MEASURED_FEATURES).version


def _note(services: Sequence[_Service], queue: Sequence[WaitingTrack], outcome: _Outcome) -> str:
    asked = {row["track_id"] for row in outcome.rows}
    open_to = {each.provider.name for each in services} - outcome.refusing
    left = sum(bool(open_to - each.asked) for each in queue if each.track.track_id not in asked)
    counts = f"{len(asked):,} tracks asked, {len(outcome.found):,} found; {left:,} still to ask"
    return "audio features: " + "; ".join([*([counts] if asked else []), *outcome.remarks])
