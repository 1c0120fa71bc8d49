"""How a step runs: skipped where nothing changed, in part where a part changed, else whole.

Every commit remembers the versions of its inputs and the slices that it made anew. From these the
next step knows what it has to look at. A step that cannot know (the log is gone, a setting or the
transform changed, rows were deleted by hand) builds its table whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from functools import cached_property
from pathlib import Path
from threading import RLock
from time import monotonic
from types import MappingProxyType
from typing import Any, Literal, Protocol, Self

import duckdb
from pyspark.sql import DataFrame, SparkSession

from config.clock import utc_now
from config.run_id import new_run_id
from config.settings import Settings
from config.spark import start_session
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.table import Table
from writers.commit_log import Commit, commits_after, newest_version
from writers.delta_writer import (
    DeltaWriter,
    Provenance,
    TableState,
    Written,
    provenance_of,
    table_state,
)
from writers.local_rows import local_frame
from writers.slices import Slices, is_in, merged
from writers.table_reader import read_table
from writers.table_view import create_view

NO_TABLE_YET = -1
StepStatus = Literal["written", "nothing_new", "failed"]


@dataclass(frozen=True)
class StepResult:
    """What became of one step; a row of ``ops.pipeline_runs``."""

    step: str
    status: StepStatus
    started_at: datetime
    seconds: float
    rows_in: int | None = None
    rows_out: int | None = None
    rows_rejected: int | None = None
    versions_read: Mapping[str, int] = field(default_factory=dict)
    version_written: int | None = None
    made_from: str | None = None
    error: str | None = None


class Stopwatch:
    """Takes the time of a step from now on."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._started_at = utc_now()
        self._began = monotonic()

    def result(self, status: StepStatus, **told: Any) -> StepResult:
        """Give what became of the step by now; ``told`` are further fields of ``StepResult``."""
        seconds = monotonic() - self._began
        return StepResult(self._step, status, self._started_at, seconds, **told)


class Observer(Protocol):
    """Who watches a run: told of each step when it begins and when it ended."""

    def working(self, title: str) -> AbstractContextManager[None]: ...

    def finished(self, result: StepResult) -> None: ...


class SilentObserver:
    """Watches a run that nobody looks at."""

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        yield

    def finished(self, result: StepResult) -> None:
        """Say nothing."""


class Lake:
    """One run's hold on the lake in ``data_dir``.

    The Spark session is started when something is first to be computed: a run with nothing new
    never pays for it. ``now`` is the instant of the run, UTC; ``run_id`` its name everywhere, made
    here unless given. At the end of its ``with`` block the session is stopped, unless it was lent
    by ``session``. ``work_bytes`` is about how much the run has to read.
    """

    def __init__(
        self,
        settings: Settings,
        now: datetime,
        session: SparkSession | None = None,
        *,
        work_bytes: int = 0,
        run_id: str | None = None,
    ) -> None:
        self.settings = settings
        self.data_dir: Path = settings.data_dir
        self.run_id = run_id or new_run_id(now)
        self.now = now
        self._session = session
        self._work_bytes = work_bytes
        self._writer: DeltaWriter | None = None
        self._starting = RLock()
        self._session_is_lent = session is not None

    @property
    def spark(self) -> SparkSession:
        with self._starting:
            if self._session is None:
                master = self.settings.spark_master
                self._session = start_session(master, work_bytes=self._work_bytes)
            return self._session

    def provenance(self, step: str) -> Provenance:
        """Say of a commit that its rows come from outside the tables."""
        return Provenance(self.run_id, step, {}, {}, 1)

    @property
    def is_computing(self) -> bool:
        """Whether the session was started, so that something was or will be written."""
        return self._session is not None

    @property
    def writer(self) -> DeltaWriter:
        with self._starting:
            if self._writer is None:
                self._writer = DeltaWriter(self.spark, self.data_dir)
            return self._writer

    def read(self, table: Table) -> DataFrame:
        """Give a table as it stands; no rows where it is absent.

        Under the lake's lock nothing but this run's own steps moves it.
        """
        return read_table(self.spark, table, self.data_dir)

    def version(self, table: Table) -> int:
        """Give the version a table stands at, ``NO_TABLE_YET`` if absent."""
        version = newest_version(table.path(self.data_dir))
        return NO_TABLE_YET if version is None else version

    def data_version(self, table: Table) -> int:
        """Give the version at which the table's rows last changed, ``NO_TABLE_YET`` if absent."""
        state = table_state(table, self.data_dir)
        return NO_TABLE_YET if state is None else state.data_version

    def made_from(self, table: Table) -> Provenance | None:
        """Give what a table was made from, or looked through since and found to be right."""
        state = table_state(table, self.data_dir)
        if state is None or state.provenance is None:
            return None
        return self._looked_through(table, state) or state.provenance

    def _looked_through(self, table: Table, state: TableState) -> Provenance | None:
        """A step that had nothing to change left no commit, only its row in the runs."""
        looked = self._last_looks.get(table.full_name)
        # Versions that upkeep made since are no others.
        if looked is None or not state.data_version <= looked[0] <= state.version:
            return None
        return Provenance.from_json(looked[1])

    @cached_property
    def _last_looks(self) -> Mapping[str, tuple[int, str]]:
        if not PIPELINE_RUNS.exists(self.data_dir):
            return {}
        with duckdb.connect() as connection:
            create_view(connection, PIPELINE_RUNS, self.data_dir)
            newest = connection.execute(
                "SELECT step, max_by(version_written, started_at), max_by(made_from, started_at) "
                f"FROM {PIPELINE_RUNS.full_name} "
                "WHERE version_written IS NOT NULL AND made_from IS NOT NULL GROUP BY step"
            )
            return {step: (version, made_from) for step, version, made_from in newest.fetchall()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is None:
            return
        if self._session_is_lent:
            self._session.catalog.clearCache()
        else:
            self._session.stop()


Inputs = Mapping[Table, DataFrame]
NOTHING_GIVEN: Inputs = MappingProxyType({})


@dataclass(frozen=True)
class Addition:
    """Rows that the table lacks; those it has stay as they are."""

    rows: DataFrame


@dataclass(frozen=True)
class Replacement:
    """Rows that are all the table is to hold, or all it is to hold of ``slices``."""

    rows: DataFrame
    slices: Slices | None = None


class Verdict(Enum):
    """What an update may find instead of rows: everything or nothing is to be made anew."""

    WHOLE = auto()
    UNCHANGED = auto()


Change = Addition | Replacement | Verdict


@dataclass(frozen=True)
class Update:
    """What a step is told when its table may be brought up to date in part.

    ``made_from`` says what the table, as it stands, was made from with the same settings.
    """

    lake: Lake
    step: "Step"
    made_from: Provenance

    def inputs(self, given: Inputs = NOTHING_GIVEN) -> Inputs:
        """Give what ``build`` asks for: of ``given`` what is there, else the whole tables."""
        return self.step.inputs(self.lake, given)

    def commits(self, table: Table) -> list[Commit] | None:
        """Give the commits that changed rows of an input since the step last read it.

        None where the log does not reach back that far.
        """
        since = self.made_from.reads.get(table.full_name, NO_TABLE_YET)
        if since == NO_TABLE_YET and not table.exists(self.lake.data_dir):
            return []
        found = commits_after(table.path(self.lake.data_dir), since)
        return None if found is None else [each for each in found if each.changes_rows]

    def touched(self, *tables: Table) -> Slices | None:
        """Give the slices of inputs that their own steps made anew; None for all or unknown."""
        slices: Slices = {}
        for table in tables:
            commits = self.commits(table)
            if commits is None:
                return None
            for commit in commits:
                provenance = provenance_of(commit)
                if provenance is None or provenance.touched is None:
                    return None
                found = provenance.touched
                slices = merged(slices, {person: frozenset(found[person]) for person in found})
        return slices


def update_people(update: Update) -> Change:
    """Make the rows of those people anew whose inputs changed: for tables about whole people."""
    people = update.touched(*update.step.reads)
    return Verdict.WHOLE if people is None else replace_people(update, people)


def replace_people(update: Update, people: Slices) -> Replacement:
    """Make the rows of ``people`` anew, whatever months are named, from their rows of the inputs.

    Inputs that are not about people are given whole.
    """
    inputs = {
        table: frame.where(is_in(update.step.table, people))
        if "user_id" in frame.columns
        else frame
        for table, frame in update.inputs().items()
    }
    return Replacement(update.step.build(inputs, update.lake.settings), people)


def update_whole(_: Update) -> Verdict:
    """Make the table anew whatever changed: for tables that are small or hold all together."""
    return Verdict.WHOLE


@dataclass(frozen=True)
class Step:
    """One computed table: what it reads, which settings shape it, how it is built.

    ``build`` gets a DataFrame for every table in ``reads`` (and, where ``reads_itself``, for its
    own table as it was) and the settings. ``update`` finds the part that is to be made anew since
    the table was made; the table must then be as ``build`` would make it. ``transform_version`` is
    raised when ``build`` changes its result, so that lakes made before are computed anew.
    """

    table: Table
    reads: tuple[Table, ...]
    build: Callable[[Inputs, Settings], DataFrame]
    update: Callable[[Update], Change] = update_whole
    shaped_by: tuple[str, ...] = ()
    reads_itself: bool = False
    wanted: Callable[[Settings], bool] = lambda settings: True
    transform_version: int = 1

    def inputs(self, lake: Lake, given: Inputs = NOTHING_GIVEN) -> Inputs:
        """Give the tables that ``build`` asks for, as they stand, and ``given`` instead of some."""
        own = (self.table,) if self.reads_itself else ()
        asked = (table for table in (*self.reads, *own) if table not in given)
        return {**given, **{table: lake.read(table) for table in asked}}

    def provenance(self, lake: Lake) -> Provenance:
        """Say what the table would be made from, as the lake and the settings stand now."""
        return Provenance(
            run_id=lake.run_id,
            step=self.table.full_name,
            reads={each.full_name: lake.data_version(each) for each in self.reads},
            settings={name: str(getattr(lake.settings, name)) for name in self.shaped_by},
            transform_version=self.transform_version,
        )

    def has_recipe(self, lake: Lake) -> bool:
        """Say whether the table was made with the settings and the transform of today."""
        made_from = lake.made_from(self.table)
        return made_from is not None and made_from.same_recipe_as(self.provenance(lake))

    def run(self, lake: Lake, *, rebuild: bool) -> StepResult:
        """Bring the table up to date in one commit; in part where that is possible."""
        watch = Stopwatch(self.table.full_name)
        provenance = self.provenance(lake)
        made_from = None if rebuild else lake.made_from(self.table)
        if made_from is not None and made_from.same_result_as(provenance):
            return watch.result("nothing_new")
        change: Change = Verdict.WHOLE
        if made_from is not None and made_from.same_recipe_as(provenance):
            change = self.update(Update(lake, self, made_from))
        written = self._write(lake, change, provenance)
        return watch.result(
            "nothing_new" if change is Verdict.UNCHANGED else "written",
            rows_out=written.rows,
            versions_read=provenance.reads,
            version_written=written.version,
            made_from=provenance.to_json(),
        )

    def _write(self, lake: Lake, change: Change, provenance: Provenance) -> Written:
        match change:
            case Addition(rows):
                return lake.writer.append(self.table, rows, provenance)
            case Replacement(rows, None):
                return lake.writer.replace(self.table, rows, provenance)
            case Replacement(rows, slices) if slices is not None:
                return lake.writer.replace_slices(self.table, rows, slices, provenance)
            case Verdict.UNCHANGED:
                return Written(lake.version(self.table), 0)
            case _:
                rows = self.build(self.inputs(lake), lake.settings)
                return lake.writer.replace(self.table, rows, provenance)


def record_run(lake: Lake, results: Sequence[StepResult]) -> StepResult:
    """Append the steps of this run to ``ops.pipeline_runs``."""
    watch = Stopwatch(PIPELINE_RUNS.full_name)
    rows = [
        {
            **vars(each),
            "run_id": lake.run_id,
            "versions_read": {name: str(value) for name, value in each.versions_read.items()},
        }
        for each in results
    ]
    frame = local_frame(lake.spark, rows, PIPELINE_RUNS.schema)
    provenance = lake.provenance(PIPELINE_RUNS.full_name)
    written = lake.writer.append(PIPELINE_RUNS, frame, provenance)
    return watch.result("written", rows_out=written.rows)
