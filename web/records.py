"""What runs left in the lake about themselves: files, what was rejected, gaps, steps, checks, logs.

Unlike a person's listening it is shown as it is at the moment: also of a run that failed, and of a
lake without any play.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from clients.errors import SignInError
from config.settings import Settings
from engines.models import literal
from ingestion.api_state import load_state
from lake.reader import has_table, open_lake
from report.health_report import findings
from report.lake_health import LakeHealth, Polling, advice, lake_health, sign_in_of
from schemas import ALL_TABLES
from web.lakes import Lakes, changed_at

Row = dict[str, Any]
_OPS = tuple(each for each in ALL_TABLES if each.layer == "ops")
LOGS = "ops.logs"

_FILES = """
    SELECT user_id, source_file, kind, records_read, records_kept, records_known,
           records_rejected, first_played_at, last_played_at, imported_at, run_id
    FROM ops.imported_files"""
_REJECTED = """
    SELECT user_id, reason, source_file, position, record, rejected_at, run_id
    FROM ops.rejected_records"""
_GAPS = """
    SELECT user_id, source, kind, lost_from, lost_until, missing_files, detected_at, closed_at,
           closed_by, run_id
    FROM ops.play_gaps"""
_STEPS = """
    SELECT step, status, started_at, seconds, rows_in, rows_out, rows_rejected, error, run_id
    FROM ops.pipeline_runs"""
_CHECKS = """
    SELECT table_name, check_name, status, failures, example, seconds, run_id FROM ops.checks"""
_LOGS = "SELECT run_id, line_number, logged_at, level, logger, message FROM ops.logs"
_RUNS = """
    SELECT run_id, min(started_at) AS started_at,
           epoch(max(started_at + to_milliseconds((seconds * 1000)::bigint)) - min(started_at))
               AS seconds,
           any_value(engine) AS engine, any_value(soundlake_version) AS version,
           count_if(status = 'written') AS written,
           arg_max(step, started_at) FILTER (status = 'failed') AS failed_step,
           arg_max(error, started_at) FILTER (status = 'failed') AS error
    FROM ops.pipeline_runs GROUP BY run_id"""
_CHECKS_OF_RUNS = """
    SELECT run_id, count_if(status = 'ok') AS checks_ok, count_if(status <> 'ok') AS checks_failed
    FROM ops.checks GROUP BY run_id"""


@dataclass(frozen=True)
class Paged:
    """One page of a list, and how many rows the whole list has."""

    rows: list[Row]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True)
class Health:
    """What ``doctor`` shows; ``known`` is None where the sign-in is damaged."""

    known: LakeHealth | None
    findings: list[tuple[str, str]]
    advice: list[str]


class Records:
    """The records in the lake that ``lakes`` shows. ``now`` gives the time in UTC."""

    def __init__(self, lakes: Lakes, settings: Settings, now: Callable[[], datetime]) -> None:
        self._lakes = lakes
        self._settings = settings
        self._now = now
        self._lock = Lock()
        self._open: tuple[object, duckdb.DuckDBPyConnection] | None = None
        self._health: tuple[object, LakeHealth] | None = None

    def files(self, page: int, per_page: int) -> Paged:
        """Return the files that were imported, the newest first."""
        return self._paged(_FILES, "imported_at DESC, source_file", page, per_page)

    def rejected(self, page: int, per_page: int, *, words: str = "", file: str = "") -> Paged:
        """Return what was rejected, the newest first; only with ``words``, only of ``file``."""
        conditions = [_holds(words, "reason", "record", "source_file")]
        if file:
            conditions.append(f"source_file = {literal(file)}")
        order = "rejected_at DESC, source_file, position"
        return self._paged(_REJECTED, order, page, per_page, *conditions)

    def reasons(self) -> list[Row]:
        """Return the reasons for which records were rejected, the most frequent first."""
        sql = "SELECT reason, count(*) AS records FROM ops.rejected_records GROUP BY reason"
        return self._paged(sql, "records DESC, reason", 1, 20).rows

    def gaps(self, page: int, per_page: int) -> Paged:
        """Return the times in which plays may be missing: open ones first, then the newest."""
        return self._paged(_GAPS, "closed_at IS NULL DESC, lost_until DESC", page, per_page)

    def runs(self, page: int, per_page: int) -> Paged:
        """Return the runs that left a record, the newest first."""
        found = self._paged(_RUNS, "started_at DESC", page, per_page)
        ids = [row["run_id"] for row in found.rows]
        checks = {row["run_id"]: row for row in self._of_runs(_CHECKS_OF_RUNS, ids)}
        none = {"checks_ok": 0, "checks_failed": 0}
        return Paged(
            [none | row | checks.get(row["run_id"], {}) for row in found.rows],
            found.total,
            found.page,
            found.per_page,
        )

    def run(self, run_id: str) -> Row | None:
        """Return a run as ``runs`` does; None where the lake has no record of it."""
        found = self._of_runs(_RUNS, [run_id])
        if not found:
            return None
        checks = self._of_runs(_CHECKS_OF_RUNS, [run_id])
        return {"checks_ok": 0, "checks_failed": 0} | found[0] | (checks[0] if checks else {})

    def steps(self, run_id: str) -> list[Row]:
        """Return the steps of a run in their order."""
        return self._of_runs(_STEPS, [run_id], "started_at")

    def checks(self, run_id: str) -> list[Row]:
        """Return the checks of a run: failed ones first."""
        return self._of_runs(_CHECKS, [run_id], "status = 'ok', table_name, check_name")

    @property
    def has_logs(self) -> bool:
        """Whether the lake keeps what runs logged."""
        with self._query() as connection:
            return has_table(connection, LOGS)

    def logs(
        self, page: int, per_page: int, *, level: str = "", run_id: str = "", words: str = ""
    ) -> Paged:
        """Return what runs logged: the newest run first, its lines in order."""
        conditions = [_holds(words, "message", "logger")]
        conditions += [f"level = {literal(level)}"] if level else []
        conditions += [f"run_id = {literal(run_id)}"] if run_id else []
        return self._paged(_LOGS, "run_id DESC, line_number", page, per_page, *conditions)

    def health(self) -> Health:
        """Return what ``doctor`` says of the lake. Its tables are looked at once after each run."""
        now = self._now()
        folder = self._lakes.folder
        settings = self._settings.model_copy(update={"data_dir": folder})
        try:
            sign_in = sign_in_of(settings, now)
            with self._lock:
                state = self._state(folder)
                if self._health is None or self._health[0] != state:
                    with open_lake(folder) as lake:
                        self._health = state, lake_health(lake, settings, Polling(), now)
                found = self._health[1]
        except SignInError as error:
            return Health(None, [], [str(error)])
        known = replace(found, now=now, sign_in=sign_in, polling=_polling(settings, now))
        return Health(known, findings(known, settings), advice(known, settings))

    def _of_runs(self, sql: str, run_ids: list[str], order: str = "1") -> list[Row]:
        if not run_ids:
            return []
        among = f"run_id IN {literal(tuple(run_ids))}"
        return self._paged(sql, order, 1, 100_000, among).rows

    def _paged(self, sql: str, order: str, page: int, per_page: int, *conditions: str) -> Paged:
        table = sql.partition("FROM ")[2].split()[0]
        wanted = " AND ".join(each for each in conditions if each) or "true"
        with self._query() as connection:
            if not has_table(connection, table):
                return Paged([], 0, page, per_page)
            chosen = f"FROM ({sql}) WHERE {wanted}"
            ((total,),) = connection.execute(f"SELECT count(*) {chosen}").fetchall()
            found = connection.execute(
                f"SELECT * {chosen} ORDER BY {order} "
                f"LIMIT {per_page} OFFSET {(page - 1) * per_page}"
            )
            names = [each[0] for each in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return Paged(rows, int(total), page, per_page)

    @contextmanager
    def _query(self) -> Iterator[duckdb.DuckDBPyConnection]:
        folder = self._lakes.folder
        state = self._state(folder)
        with self._lock:
            if self._open is None or self._open[0] != state:
                # The older one is closed with the last question to it.
                self._open = state, open_lake(folder, _OPS)
            connection = self._open[1].cursor()
        try:
            yield connection
        finally:
            connection.close()

    def _state(self, folder: Path) -> object:
        return (folder, *(changed_at(each.path(folder) / "_delta_log") for each in _OPS))


def _holds(words: str, *columns: str) -> str:
    """Return the condition that one of the columns holds the words; none without words."""
    if not words:
        return ""
    sought = literal(words.lower())
    return f"({' OR '.join(f'contains(lower({each}), {sought})' for each in columns)})"


def _polling(settings: Settings, now: datetime) -> Polling:
    state = load_state(settings.data_dir, settings.user_id, now)
    return Polling(state.last_poll_at, state.blocked_until, state.spotify_features_refused_until)
