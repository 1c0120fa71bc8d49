"""The Web API → bronze: the plays that are new, and where others may have been lost."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from clients.errors import RateLimitedError, SignInError, rate_limited_until
from engines.models import literal
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.api_session import ApiSession
from ingestion.api_state import save_state
from ingestion.kept_from import kept_from
from ingestion.play_gaps import Gap, delay, find_gap, longest_silence
from ingestion.rejected_records import keep_rejections
from lake.reader import open_lake
from mappers.recently_played import (
    KnownPlay,
    ReportedPlay,
    history_row,
    known_plays,
    new_plays,
    problem_of,
    reported_plays,
)
from mappers.values import instant
from schemas.bronze_schemas import IS_MUSIC, LISTENING_HISTORY
from schemas.ops_schemas import PLAY_GAPS
from schemas.play_sources import API
from writers.row_ids import hash_of

if TYPE_CHECKING:
    pass

RECENTLY_PLAYED = f"{LISTENING_HISTORY.full_name} (api)"
"""Name of the step; it shares its table with the exports."""

# An answer reaches back hours; a play reported by its start may lie in the month before.
_OVERLAP = timedelta(days=2)


def import_recent_plays(lake: Lake, session: ApiSession) -> StepResult:
    """Request the last plays and append those that are new, each once.

    A possible loss is recorded first: after a kill in between, the next run finds it again. Raises
    SignInError or ApiError where Spotify cannot be asked; a rate limit is no error, but remembered.
    """
    timer, state = StepTimer(RECENTLY_PLAYED), session.state
    if state.blocked_until is not None and lake.now < state.blocked_until:
        session.notes.append(_tried_later(state.blocked_until))
        return timer.result("nothing_new", rows_out=0)
    try:
        items = session.spotify.recently_played()
    except SignInError as error:
        session.sign_in_ended = str(error)
        raise
    except RateLimitedError as error:
        session.wait_until(lake, error.until)
        session.notes.append(_tried_later(error.until))
        return timer.result("nothing_new", rows_out=0)
    items = kept_items(items, kept_from(lake.data_dir).get(session.user_id))
    problems = [(each, problem_of(each, lake.now)) for each in items]
    sound = [each for each, problem in problems if problem is None]
    news = _news(lake, session, sound)
    if news.gap is not None:
        _keep_gap(lake, session, news.gap)
    rejected = _keep_broken(lake, session, [(each, why) for each, why in problems if why])
    version = _land(lake, session.user_id, news.plays) if news.plays else None
    state.longest_delay = max(state.longest_delay, delay(news.plays, state))
    state.quiet_polls = 0 if news.plays else state.quiet_polls + 1
    state.last_poll_at, state.blocked_until = lake.now, None
    save_state(lake.data_dir, session.user_id, state, lake.now)
    session.notes.append(f"Web API: {len(news.plays)} new of the {len(sound)} plays that it shows")
    return timer.result(
        "written" if news.plays or rejected else "nothing_new",
        rows_out=len(news.plays),
        rows_rejected=rejected,
        version_written=version,
    )


def kept_items(items: list[Any], since: datetime | None) -> list[Any]:
    """Return the items of an answer without those before the instant since which they are kept."""
    if since is None:
        return items
    return [each for each in items if not _is_before(each, since)]


def _is_before(item: Any, since: datetime) -> bool:
    at = instant(item.get("played_at")) if isinstance(item, dict) else None
    return at is not None and at < since


@dataclass(frozen=True)
class _News:
    """The plays of an answer that the lake does not hold, and the gap that it shows, if any."""

    plays: list[ReportedPlay]
    gap: Gap | None


def _news(lake: Lake, session: ApiSession, items: Sequence[dict[str, Any]]) -> _News:
    if not LISTENING_HISTORY.exists(lake.data_dir):
        page = reported_plays(items)
        return _News(new_plays(page, []), None)
    with open_lake(lake.data_dir, [LISTENING_HISTORY]) as tables:
        known = _known_plays(tables, session.user_id, items)
        by_start = known[-1].by_start if known else False
        page = reported_plays(items, by_start_before=by_start)
        new = new_plays(page, known)
        last = _last_play(tables, session.user_id) if new else None
        if last is None:
            return _News(new, None)
        silence = longest_silence(tables, session.user_id, last)
    return _News(new, find_gap(page, new, last, silence, session.state))


def _known_plays(
    tables: duckdb.DuckDBPyConnection, user_id: str, items: Sequence[dict[str, Any]]
) -> list[KnownPlay]:
    """Return the plays of earlier answers, from the time that this one spans, earliest first."""
    if not items:
        return []
    since = reported_plays(items)[0].told_at - _OVERLAP
    rows = tables.execute(
        "SELECT coalesce(track_id, record_id), track_name, told_at, played_at "
        f"FROM {LISTENING_HISTORY.full_name} WHERE user_id = {literal(user_id)} "
        f"AND source = {literal(API.name)} AND played_month >= '{since:%Y-%m}' "
        f"AND played_at >= TIMESTAMPTZ '{since.isoformat()}' ORDER BY told_at"
    ).fetchall()
    return known_plays(
        (track, title or "", reported.astimezone(UTC), played.astimezone(UTC))
        for track, title, reported, played in rows
    )


def _last_play(tables: duckdb.DuckDBPyConnection, user_id: str) -> datetime | None:
    ((last,),) = tables.execute(
        f"SELECT max(played_at) FROM {LISTENING_HISTORY.full_name} "
        f"WHERE user_id = {literal(user_id)} AND {IS_MUSIC}"
    ).fetchall()
    return None if last is None else last.astimezone(UTC)


def _keep_gap(lake: Lake, session: ApiSession, gap: Gap) -> None:
    row = gap.row(session.user_id, lake.run_id, lake.now)
    lake.append_rows(PLAY_GAPS, [row], PLAY_GAPS.full_name)
    session.gaps.append(gap)


def _keep_broken(lake: Lake, session: ApiSession, broken: Iterable[tuple[Any, str]]) -> int:
    """Record items that are not plays, each once with the reason; return the number of new ones."""
    reasons = {_record(item): reason for item, reason in broken}
    return keep_rejections(
        lake,
        (
            {
                "rejected_id": hash_of(text),
                "user_id": session.user_id,
                "source_file": RECENTLY_PLAYED,
                "reason": reason,
                "record": text,
            }
            for text, reason in reasons.items()
        ),
    )


def _record(item: Any) -> str:
    try:
        return json.dumps(item, sort_keys=True)
    except RecursionError:
        return json.dumps({"played_at": str(item.get("played_at"))})


def _land(lake: Lake, user_id: str, new: Sequence[ReportedPlay]) -> int:
    rows = [history_row(each, user_id, lake.run_id, lake.now) for each in new]
    return lake.append_rows(LISTENING_HISTORY, rows, RECENTLY_PLAYED).version


def _tried_later(until: datetime) -> str:
    return f"Web API: {rate_limited_until('Spotify', until)}; tried later"
