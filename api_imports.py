"""The Web API → bronze: the plays that are new, and where others may have been lost."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable
from pyspark.sql import functions as F

from api_memory import ApiMemory, load_memory, save_memory
from clients.errors import RateLimitedError, SignInError
from mappers.recently_played import (
    KnownPlay,
    ToldPlay,
    history_row,
    known_plays,
    new_plays,
    problem_of,
    told_plays,
)
from play_gaps import Gap, delay, find_gap, gaps_closed, longest_silence
from report.lake_reader import open_lake
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import PLAY_GAPS, REJECTED_RECORDS
from writers.delta_writer import Provenance
from writers.local_rows import local_frame
from writers.steps import Lake, StepResult, StepStatus

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
    started_at, began = datetime.now(UTC), monotonic()

    def result(rows: int, rejected: int = 0, version: int | None = None) -> StepResult:
        status: StepStatus = "written" if rows or rejected else "nothing_new"
        return StepResult(
            RECENTLY_PLAYED,
            status,
            started_at,
            monotonic() - began,
            rows_out=rows,
            rows_rejected=rejected,
            version_written=version,
        )

    memory = access.memory
    if memory.blocked_until is not None and lake.now < memory.blocked_until:
        access.notes.append(_left_alone(memory.blocked_until))
        return result(0)
    try:
        items = access.spotify.recently_played()
    except SignInError as error:
        access.sign_in_ended = str(error)
        raise
    except RateLimitedError as error:
        memory.blocked_until = error.until
        save_memory(lake.data_dir, access.user_id, memory)
        access.notes.append(_left_alone(error.until))
        return result(0)
    broken = [each for each in items if problem_of(each) is not None]
    known = _known_plays(lake, access.user_id, items)
    by_start = known[-1].by_start if known else False
    page = told_plays((each for each in items if each not in broken), by_start_before=by_start)
    new = new_plays(page, known)
    _note_gap(lake, access, page, new)
    rejected = _keep_broken(lake, access.user_id, broken)
    version = _land(lake, access.user_id, new) if new else None
    memory.longest_delay = max(memory.longest_delay, delay(new, memory))
    memory.quiet_since = None if new else memory.quiet_since or lake.now
    memory.quiet_polls = 0 if new else memory.quiet_polls + 1
    memory.last_poll_at, memory.blocked_until = lake.now, None
    save_memory(lake.data_dir, access.user_id, memory)
    access.notes.append(f"Web API: {len(new)} new of the {len(page)} plays that it shows")
    return result(len(new), rejected, version)


def close_gaps(lake: Lake) -> None:
    """Close the gaps that an export covers by now."""
    closed = gaps_closed(lake.data_dir)
    if not closed:
        return
    rows = DeltaTable(str(PLAY_GAPS.path(lake.data_dir))).to_pyarrow_table().to_pylist()
    for row in rows:
        source = closed.get((row["user_id"], row["gap_id"]))
        if source is not None:
            row |= {"closed_at": lake.now, "closed_by": source}
    gaps = local_frame(lake.spark, rows, PLAY_GAPS.schema)
    lake.writer.replace(PLAY_GAPS, gaps, _provenance(lake, PLAY_GAPS.full_name))


def _known_plays(lake: Lake, user_id: str, items: Sequence[dict[str, Any]]) -> list[KnownPlay]:
    """Give the plays of earlier answers, from the time that this one spans, earliest first."""
    instants = [each["played_at"] for each in items if problem_of(each) is None]
    if not instants or not LISTENING_HISTORY.exists(lake.data_dir):
        return []
    since = datetime.fromisoformat(min(instants)) - _OVERLAP
    with open_lake(lake.data_dir, [LISTENING_HISTORY]) as tables:
        rows = tables.execute(
            "SELECT coalesce(track_id, record_id), track_name, told_at, played_at "
            f"FROM {LISTENING_HISTORY.full_name} WHERE user_id = ? AND source = 'api' "
            "AND played_month >= ? AND played_at >= ? ORDER BY told_at",
            [user_id, f"{since:%Y-%m}", since],
        ).fetchall()
    return known_plays(
        (track, title or "", told.astimezone(UTC), played.astimezone(UTC))
        for track, title, told, played in rows
    )


def _note_gap(
    lake: Lake, access: ApiAccess, page: Sequence[ToldPlay], new: Sequence[ToldPlay]
) -> None:
    if not new or not LISTENING_HISTORY.exists(lake.data_dir):
        return
    with open_lake(lake.data_dir, [LISTENING_HISTORY]) as tables:
        ((last,),) = tables.execute(
            f"SELECT max(played_at) FROM {LISTENING_HISTORY.full_name} WHERE user_id = ? "
            "AND media_type IN ('track', 'video')",
            [access.user_id],
        ).fetchall()
    if last is None:
        return
    last = last.astimezone(UTC)
    silence = longest_silence(lake.data_dir, access.user_id, last)
    gap = find_gap(page, new, last, silence, access.memory)
    if gap is None:
        return
    row = gap.row(access.user_id, lake.run_id, lake.now)
    rows = local_frame(lake.spark, [row], PLAY_GAPS.schema)
    lake.writer.append_new(PLAY_GAPS, rows, _provenance(lake, PLAY_GAPS.full_name))
    access.gaps.append(gap)


def _keep_broken(lake: Lake, user_id: str, broken: Sequence[dict[str, Any]]) -> int:
    """Keep items that are no plays in ``ops.rejected_records``, each once; count the new ones."""
    texts = {json.dumps(each, sort_keys=True): problem_of(each) for each in broken}
    ids = {text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts}
    if texts and REJECTED_RECORDS.exists(lake.data_dir):
        with open_lake(lake.data_dir, [REJECTED_RECORDS]) as tables:
            held = tables.execute(f"SELECT rejected_id FROM {REJECTED_RECORDS.full_name}")
            known = {row[0] for row in held.fetchall()}
        texts = {text: reason for text, reason in texts.items() if ids[text] not in known}
    if not texts:
        return 0
    rows = [
        {
            "rejected_id": ids[text],
            "user_id": user_id,
            "source_file": RECENTLY_PLAYED,
            "reason": reason,
            "record": text,
            "run_id": lake.run_id,
            "rejected_at": lake.now,
        }
        for text, reason in texts.items()
    ]
    lake.writer.append(
        REJECTED_RECORDS,
        local_frame(lake.spark, rows, REJECTED_RECORDS.schema),
        _provenance(lake, RECENTLY_PLAYED),
    )
    return len(rows)


def _land(lake: Lake, user_id: str, new: Sequence[ToldPlay]) -> int:
    rows = [history_row(each, user_id, lake.run_id, lake.now) for each in new]
    written = lake.writer.append_new(
        LISTENING_HISTORY,
        local_frame(lake.spark, rows, LISTENING_HISTORY.schema),
        _provenance(lake, RECENTLY_PLAYED),
        among=F.col("played_month").isin(sorted({row["played_month"] for row in rows})),
    )
    return written.version


def _provenance(lake: Lake, step: str) -> Provenance:
    return Provenance(lake.run_id, step, {}, {}, 1)


def _left_alone(until: datetime) -> str:
    return f"Web API: Spotify wants to be left alone until {until:%Y-%m-%d %H:%M} UTC; tried later"
