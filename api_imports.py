"""The Web API → bronze: the plays that are new, and where others may have been lost."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from api_memory import ApiMemory, load_memory, save_memory
from clients.errors import RateLimitedError, SignInError, left_alone
from engines.models import literal
from incremental.lake import Lake
from incremental.results import StepResult, Stopwatch
from mappers.recently_played import (
    KnownPlay,
    ToldPlay,
    history_row,
    known_plays,
    new_plays,
    problem_of,
    told_plays,
)
from play_gaps import Gap, delay, find_gap, longest_silence
from rejections import keep_rejections
from report.lake_reader import open_lake
from schemas.bronze_schemas import IS_MUSIC, LISTENING_HISTORY
from schemas.ops_schemas import PLAY_GAPS
from writers.row_ids import hash_of

if TYPE_CHECKING:
    from clients.spotify_api import SpotifyApi

RECENTLY_PLAYED = f"{LISTENING_HISTORY.full_name} (api)"
"""Name of the step; its table is that of the exports too."""

# An answer reaches back hours; one that was told by the start may lie in the month before.
_OVERLAP = timedelta(days=2)


@dataclass
class ApiAccess:
    """A person's account at the services during one run, and what is to be said of it."""

    spotify: "SpotifyApi"
    user_id: str
    memory: ApiMemory
    notes: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    sign_in_ended: str | None = None

    @classmethod
    def of(cls, lake: Lake, spotify: "SpotifyApi") -> "ApiAccess":
        user_id = lake.settings.user_id
        return cls(spotify, user_id, load_memory(lake.data_dir, user_id))


def import_recent_plays(lake: Lake, access: ApiAccess) -> StepResult:
    """Ask for the last plays and land those that are new, each once.

    What may be lost is recorded first: a run that is killed in between sees it again. Raises
    SignInError or ApiError where Spotify cannot be asked; that it wants to be left alone is no
    error, but remembered.
    """
    watch, memory = Stopwatch(RECENTLY_PLAYED), access.memory
    if memory.blocked_until is not None and lake.now < memory.blocked_until:
        access.notes.append(_tried_later(memory.blocked_until))
        return watch.result("nothing_new", rows_out=0)
    try:
        items = access.spotify.recently_played()
    except SignInError as error:
        access.sign_in_ended = str(error)
        raise
    except RateLimitedError as error:
        memory.blocked_until = error.until
        save_memory(lake.data_dir, access.user_id, memory)
        access.notes.append(_tried_later(error.until))
        return watch.result("nothing_new", rows_out=0)
    problems = [(each, problem_of(each, lake.now)) for each in items]
    sound = [each for each, problem in problems if problem is None]
    news = _news(lake, access, sound)
    if news.gap is not None:
        _keep_gap(lake, access, news.gap)
    rejected = _keep_broken(lake, access, [(each, why) for each, why in problems if why])
    version = _land(lake, access.user_id, news.plays) if news.plays else None
    memory.longest_delay = max(memory.longest_delay, delay(news.plays, memory))
    memory.quiet_polls = 0 if news.plays else memory.quiet_polls + 1
    memory.last_poll_at, memory.blocked_until = lake.now, None
    save_memory(lake.data_dir, access.user_id, memory)
    access.notes.append(f"Web API: {len(news.plays)} new of the {len(sound)} plays that it shows")
    return watch.result(
        "written" if news.plays or rejected else "nothing_new",
        rows_out=len(news.plays),
        rows_rejected=rejected,
        version_written=version,
    )


@dataclass(frozen=True)
class _News:
    """What an answer holds that the lake does not, and where it lets a loss be seen."""

    plays: list[ToldPlay]
    gap: Gap | None


def _news(lake: Lake, access: ApiAccess, items: Sequence[dict[str, Any]]) -> _News:
    if not LISTENING_HISTORY.exists(lake.data_dir):
        page = told_plays(items)
        return _News(new_plays(page, []), None)
    with open_lake(lake.data_dir, [LISTENING_HISTORY]) as tables:
        known = _known_plays(tables, access.user_id, items)
        by_start = known[-1].by_start if known else False
        page = told_plays(items, by_start_before=by_start)
        new = new_plays(page, known)
        last = _last_play(tables, access.user_id) if new else None
        if last is None:
            return _News(new, None)
        silence = longest_silence(tables, access.user_id, last)
    return _News(new, find_gap(page, new, last, silence, access.memory))


def _known_plays(
    tables: duckdb.DuckDBPyConnection, user_id: str, items: Sequence[dict[str, Any]]
) -> list[KnownPlay]:
    """Give the plays of earlier answers, from the time that this one spans, earliest first."""
    if not items:
        return []
    since = told_plays(items)[0].told_at - _OVERLAP
    rows = tables.execute(
        "SELECT coalesce(track_id, record_id), track_name, told_at, played_at "
        f"FROM {LISTENING_HISTORY.full_name} WHERE user_id = {literal(user_id)} "
        f"AND source = 'api' AND played_month >= '{since:%Y-%m}' "
        f"AND played_at >= TIMESTAMPTZ '{since.isoformat()}' ORDER BY told_at"
    ).fetchall()
    return known_plays(
        (track, title or "", told.astimezone(UTC), played.astimezone(UTC))
        for track, title, told, played in rows
    )


def _last_play(tables: duckdb.DuckDBPyConnection, user_id: str) -> datetime | None:
    ((last,),) = tables.execute(
        f"SELECT max(played_at) FROM {LISTENING_HISTORY.full_name} "
        f"WHERE user_id = {literal(user_id)} AND {IS_MUSIC}"
    ).fetchall()
    return None if last is None else last.astimezone(UTC)


def _keep_gap(lake: Lake, access: ApiAccess, gap: Gap) -> None:
    row = gap.row(access.user_id, lake.run_id, lake.now)
    lake.append_rows(PLAY_GAPS, [row], PLAY_GAPS.full_name)
    access.gaps.append(gap)


def _keep_broken(lake: Lake, access: ApiAccess, broken: Iterable[tuple[Any, str]]) -> int:
    """Keep items that are no plays, each with why, once; count the new ones."""
    reasons = {_record(item): reason for item, reason in broken}
    return keep_rejections(
        lake,
        (
            {
                "rejected_id": hash_of(text),
                "user_id": access.user_id,
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


def _land(lake: Lake, user_id: str, new: Sequence[ToldPlay]) -> int:
    rows = [history_row(each, user_id, lake.run_id, lake.now) for each in new]
    return lake.append_rows(LISTENING_HISTORY, rows, RECENTLY_PLAYED).version


def _tried_later(until: datetime) -> str:
    return f"Web API: {left_alone('Spotify', until)}; tried later"
