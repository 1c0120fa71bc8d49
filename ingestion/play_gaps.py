"""Times in which plays may have been lost: found when polling the API, closed by an export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb

from engines.models import SqlModel, in_order, literal
from engines.words import words
from ingestion.api_state import ApiState
from lake.reader import open_lake
from mappers.recently_played import ReportedPlay
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, PLAY_GAPS
from schemas.play_sources import API, PlaySource
from writers.row_ids import hash_of

_HABIT = timedelta(days=60)
_MIN_SILENCE = timedelta(hours=24)
_LATENESS = timedelta(hours=1)
_LATE_PLAYS = 5
_QUIET_POLLS = 2


@dataclass(frozen=True)
class Gap:
    """A time between two known plays in which others may have been lost.

    ``lost_from`` is None where everything before ``lost_until`` is concerned; ``missing_files`` are
    names.
    """

    kind: Literal["window_full", "outage", "missing_file"]
    lost_from: datetime | None
    lost_until: datetime
    source: PlaySource = API
    missing_files: str | None = None

    @property
    def gap_id(self) -> str:
        """A stable key: the same when the gap is found again after a killed run."""
        since = "" if self.lost_from is None else self.lost_from.isoformat()
        until = self.lost_until.isoformat()
        parts = [self.source.name, self.kind, since, until]
        return hash_of("|".join([*parts, self.missing_files] if self.missing_files else parts))

    def row(self, user_id: str, run_id: str, now: datetime) -> dict[str, Any]:
        """Return the row of ``ops.play_gaps``."""
        return {
            "user_id": user_id,
            "gap_id": self.gap_id,
            "source": self.source.name,
            "kind": self.kind,
            "lost_from": self.lost_from,
            "lost_until": self.lost_until,
            "missing_files": self.missing_files,
            "detected_at": now,
            "run_id": run_id,
        }


def find_gap(
    page: Sequence[ReportedPlay],
    new: Sequence[ReportedPlay],
    last_known: datetime | None,
    longest_silence: timedelta,
    state: ApiState,
) -> Gap | None:
    """Return whether plays may be missing before those that are ``new`` in an answer of the API.

    ``page``: the whole answer, earliest first. ``last_known``: the end of the last play that the
    lake held before, from whatever source; None where it held none. ``longest_silence``: of the
    person's last two months. Two things are signs of a loss: a full answer that does not reach back
    to what is known, as the API has dropped what lies before; and an API that returned nothing
    new for long, if it then returns plays that it should have returned before, or leaves a silence
    longer than the person ever has.
    """
    if not new or last_known is None:
        return None
    # What the last answer lacked because it was late must be in this one.
    settled = last_known
    if state.last_poll_at is not None:
        settled = min(last_known, state.last_poll_at - state.longest_delay)
    if len(page) >= API.window and settled < page[0].played_at:
        return Gap("window_full", settled, page[0].played_at)
    first = new[0].played_at
    if state.quiet_polls < _QUIET_POLLS or state.last_poll_at is None:
        return None
    withheld = [each for each in new if each.played_at < state.last_poll_at - _LATENESS]
    if len(withheld) >= _LATE_PLAYS:
        return Gap("outage", min(settled, first), max(last_known, state.last_poll_at))
    if first - last_known > max(_MIN_SILENCE, longest_silence):
        return Gap("outage", settled, max(first, state.last_poll_at))
    return None


def delay(new: Sequence[ReportedPlay], state: ApiState) -> timedelta:
    """Return the longest delay of the plays in an answer; zero where none was late.

    Plays that an outage delayed say nothing about the usual delay.
    """
    if state.last_poll_at is None or state.quiet_polls:
        return timedelta(0)
    delays = (state.last_poll_at - each.played_at for each in new)
    return max(delays, default=timedelta(0))


def longest_silence(lake: duckdb.DuckDBPyConnection, user_id: str, until: datetime) -> timedelta:
    """Return the longest time without a play in the two months before ``until``."""
    since = until - _HABIT
    ((longest,),) = lake.execute(
        "SELECT coalesce(max(silence), INTERVAL 0 SECOND) FROM (SELECT played_at "
        "- lag(played_at) OVER (ORDER BY played_at) AS silence "
        f"FROM {LISTENING_HISTORY.full_name} "
        f"WHERE user_id = {literal(user_id)} AND played_month >= '{since:%Y-%m}' "
        f"AND played_at BETWEEN TIMESTAMPTZ '{since.isoformat()}' "
        f"AND TIMESTAMPTZ '{until.isoformat()}')"
    ).fetchall()
    assert isinstance(longest, timedelta)
    return longest


def define_file_coverage(lake: duckdb.DuckDBPyConnection) -> None:
    """Define ``file_coverage`` (see the model of that name) over the tables of an open lake."""
    for word in words("words.sql").values():
        if not word.needs_python:
            lake.execute(word.sql)
    for model in in_order("file_coverage"):
        assert isinstance(model, SqlModel)
        lake.execute(f"CREATE TEMP VIEW {model.name} AS {model.sql}")


def gaps_closed(data_dir: Path) -> dict[tuple[str, str], str]:
    """Return the open gaps of the API that an export now covers: (user_id, gap_id) and its kind.

    A file holds every play between its first and its last; nothing is known between two files
    that do not follow each other.
    """
    needed = (PLAY_GAPS, LISTENING_HISTORY, IMPORTED_FILES)
    if not all(each.exists(data_dir) for each in needed):
        return {}
    of_api = f"source = {literal(API.name)}"
    with open_lake(data_dir, needed) as lake:
        ((open_gaps,),) = lake.execute(
            f"SELECT count(*) FROM {PLAY_GAPS.full_name} WHERE closed_at IS NULL AND {of_api}"
        ).fetchall()
        if not open_gaps:
            return {}
        define_file_coverage(lake)
        rows = lake.execute(
            f"SELECT user_id, gap_id, max(files.source) FROM {PLAY_GAPS.full_name} AS gaps "
            "JOIN file_coverage AS files USING (user_id) WHERE gaps.closed_at IS NULL "
            f"AND gaps.{of_api} AND is_whole "
            "AND begins_at <= lost_from AND ends_at >= lost_until GROUP BY ALL"
        ).fetchall()
    return {(user_id, gap_id): source for user_id, gap_id, source in rows}
