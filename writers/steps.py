"""How a step runs: inputs pinned, one commit, skipped where nothing changed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Literal, Protocol, Self
from uuid import uuid4

from pyspark.sql import DataFrame, SparkSession

from config.settings import Settings
from config.spark import start_session
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.table import Table
from writers.delta_writer import DeltaWriter, Provenance, table_state

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
    error: str | None = None


class Observer(Protocol):
    """Who watches a run: told of each step when it begins and when it ended."""

    def working(self, title: str) -> AbstractContextManager[None]: ...

    def finished(self, result: StepResult) -> None: ...


class Lake:
    """One run's hold on the lake in ``data_dir``.

    The Spark session is started when something is first to be computed: a run with nothing new
    never pays for it. ``now`` is the instant of the run, UTC; ``run_id`` its name everywhere. At
    the end of its ``with`` block the session is stopped, unless it was lent by ``session``.
    """

    def __init__(
        self, settings: Settings, now: datetime, session: SparkSession | None = None
    ) -> None:
        self.settings = settings
        self.data_dir: Path = settings.data_dir
        self.run_id = f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
        self.now = now
        self._session = session
        self._writer: DeltaWriter | None = None
        self._starting = RLock()
        self._session_is_lent = session is not None

    @property
    def spark(self) -> SparkSession:
        with self._starting:
            if self._session is None:
                self._session = start_session(self.settings.spark_master)
            return self._session

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

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """Give a table, at its newest version or an older one; no rows where it is absent."""
        if version == NO_TABLE_YET or not table.exists(self.data_dir):
            return self.spark.createDataFrame([], table.schema)
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(str(table.path(self.data_dir)))

    def data_version(self, table: Table) -> int:
        """Give the version at which the table's rows last changed, ``NO_TABLE_YET`` if absent."""
        state = table_state(table, self.data_dir)
        return NO_TABLE_YET if state is None else state.data_version

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None and not self._session_is_lent:
            self._session.stop()


Inputs = Mapping[Table, DataFrame]


@dataclass(frozen=True)
class Step:
    """One computed table: what it reads, which settings shape it, how it is built.

    ``build`` gets a DataFrame for every table in ``reads`` (and, where ``reads_itself``, for its
    own table as it was) and the settings. ``transform_version`` is raised when ``build`` changes
    its result, so that lakes made before are computed anew.
    """

    table: Table
    reads: tuple[Table, ...]
    build: Callable[[Inputs, Settings], DataFrame]
    shaped_by: tuple[str, ...] = ()
    reads_itself: bool = False
    wanted: Callable[[Settings], bool] = lambda settings: True
    transform_version: int = 1

    def provenance(self, lake: Lake) -> Provenance:
        """Say what the table would be made from, as the lake and the settings stand now."""
        return Provenance(
            run_id=lake.run_id,
            step=self.table.full_name,
            reads={each.full_name: lake.data_version(each) for each in self.reads},
            settings={name: str(getattr(lake.settings, name)) for name in self.shaped_by},
            transform_version=self.transform_version,
        )

    def run(self, lake: Lake, *, rebuild: bool) -> StepResult:
        """Compute and commit the table, unless it already is what it would become."""
        started_at, began = datetime.now(UTC), monotonic()
        provenance = self.provenance(lake)
        state = table_state(self.table, lake.data_dir)
        fresh = (
            state is not None
            and state.provenance is not None
            and state.provenance.same_result_as(provenance)
        )
        if fresh and not rebuild:
            return StepResult(self.table.full_name, "nothing_new", started_at, monotonic() - began)
        inputs = {
            table: lake.read(table, provenance.reads[table.full_name]) for table in self.reads
        }
        if self.reads_itself:
            inputs[self.table] = lake.read(self.table)
        written = lake.writer.replace(self.table, self.build(inputs, lake.settings), provenance)
        return StepResult(
            self.table.full_name,
            "written",
            started_at,
            monotonic() - began,
            rows_out=written.rows,
            versions_read=provenance.reads,
            version_written=written.version,
        )


def record_run(lake: Lake, results: Sequence[StepResult]) -> StepResult:
    """Append the steps of this run to ``ops.pipeline_runs``."""
    started_at, began = datetime.now(UTC), monotonic()
    rows = [
        {
            **{
                name: getattr(each, name) for name in PIPELINE_RUNS.column_names if name != "run_id"
            },
            "run_id": lake.run_id,
            "versions_read": {name: str(value) for name, value in each.versions_read.items()},
        }
        for each in results
    ]
    provenance = Provenance(lake.run_id, PIPELINE_RUNS.full_name, {}, {}, 1)
    frame = lake.spark.createDataFrame(rows, PIPELINE_RUNS.schema)
    written = lake.writer.append(PIPELINE_RUNS, frame, provenance)
    return StepResult(
        PIPELINE_RUNS.full_name, "written", started_at, monotonic() - began, rows_out=written.rows
    )
