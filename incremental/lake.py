"""The lake as one run has it open: settings, engine, and the ways to read and write tables."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from threading import RLock
from typing import Any, Self

from config.run_id import new_run_id
from config.settings import Settings
from engines.choice import start_engine
from engines.engine import SPILL_FOLDER, Engine
from engines.scratch_database import session
from incremental.differences import (
    Difference,
    Part,
    added_rows,
    find_difference,
    replacement_files,
    staged_as,
)
from incremental.shared_models import SharedModels
from lake.commit_log import newest_version
from lake.provenance import Provenance, TableState, table_state
from lake.stored_rows import rows_query, stored_rows
from lake.table_rows import is_laid_out, table_rows
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.table import Table
from writers.delta_writer import Written, publish
from writers.lake_lock import SCRATCH_FOLDER
from writers.row_files import write_rows
from writers.table_files import UNFINISHED_PREFIX, WriteMode

NO_TABLE_YET = -1


class Lake:
    """The lake in ``data_dir`` as one run has it open; the lake's lock must be held to write.

    The engine is started when something must be computed: a run with nothing new does not pay for
    it. ``now`` is the instant of the run, UTC; ``run_id`` identifies it everywhere, generated
    unless given. At the end of its ``with`` block the engine is closed, unless it was lent by
    ``engine``. ``work_bytes`` returns about how much the run has to read. ``follows_killed`` says
    that the run before was killed: what a run does once at its end is to be done for it too.
    """

    def __init__(
        self,
        settings: Settings,
        now: datetime,
        engine: Engine | None = None,
        *,
        work_bytes: Callable[[], int] = lambda: 0,
        run_id: str | None = None,
        follows_killed: bool = False,
    ) -> None:
        self.settings = settings
        self.data_dir: Path = settings.data_dir
        self.run_id = run_id or new_run_id(now)
        self.now = now
        self.follows_killed = follows_killed
        self._engine = engine
        self._engine_is_lent = engine is not None
        self._work_bytes = work_bytes
        self._lock = RLock()
        self._folders = 0
        self.has_written = False
        self.shared_models = SharedModels()
        self.people_with_changed_days: dict[object, frozenset[str]] = {}
        """Results of ``incremental.affected``, cached by table and versions."""
        self.changed: dict[Table, frozenset[str] | None] = {}
        """The computed tables that the run changed, with the people affected; None: everybody."""

    def __enter__(self) -> Self:
        # Left over from a killed run: this run holds the lock.
        for folder in (SCRATCH_FOLDER, SPILL_FOLDER):
            rmtree(self.data_dir / folder, ignore_errors=True)
        for unfinished in self.data_dir.glob(f"*/{UNFINISHED_PREFIX}*"):
            rmtree(unfinished, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._engine is not None and not self._engine_is_lent:
            self._engine.close()
        rmtree(self.data_dir / SCRATCH_FOLDER, ignore_errors=True)

    @property
    def engine(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = start_engine(self.settings, work_bytes=self._work_bytes())
            return self._engine

    @property
    def has_engine(self) -> bool:
        """Whether the engine was started."""
        return self._engine is not None

    @property
    def scratch(self) -> Path:
        """A folder for files of this run, removed at its end."""
        folder = self.data_dir / SCRATCH_FOLDER / self.run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def version(self, table: Table) -> int:
        """Return the version a table stands at, ``NO_TABLE_YET`` if absent."""
        version = newest_version(table.path(self.data_dir))
        return NO_TABLE_YET if version is None else version

    def data_version(self, table: Table) -> int:
        """Return the version at which the table's rows last changed, ``NO_TABLE_YET`` if absent."""
        state = table_state(table, self.data_dir)
        return NO_TABLE_YET if state is None else state.data_version

    def made_from(self, table: Table) -> Provenance | None:
        """Return what a table was computed from, or was last found equal to."""
        state = table_state(table, self.data_dir)
        if state is None or state.provenance is None or not is_laid_out(table, self.data_dir):
            return None
        return self._found_equal(table, state) or state.provenance

    def _found_equal(self, table: Table, state: TableState) -> Provenance | None:
        """Return the last recorded comparison: a step without changes leaves no other trace."""
        last = self._last_looks.get(table.full_name)
        # Versions that upkeep made since hold the same rows.
        if last is None or not state.data_version <= last[0] <= state.version:
            return None
        return Provenance.from_json(last[1])

    @cached_property
    def _last_looks(self) -> Mapping[str, tuple[int, str]]:
        if not PIPELINE_RUNS.exists(self.data_dir):
            return {}
        with session() as connection:
            newest = connection.execute(
                "SELECT step, max_by(version_written, started_at), max_by(made_from, started_at) "
                f"FROM ({rows_query(PIPELINE_RUNS, self.data_dir)}) "
                "WHERE version_written IS NOT NULL AND made_from IS NOT NULL GROUP BY step"
            )
            return {step: (version, made_from) for step, version, made_from in newest.fetchall()}

    def bind(
        self,
        table: Table,
        *,
        people: frozenset[str] | None = None,
        partitions: Collection[str] | None = None,
    ) -> None:
        """Register a table in the engine by its full name; no rows where absent.

        ``people`` limits it to their rows, ``partitions`` to values of the partition column.
        """
        rows = table_rows(table, self.data_dir, people=people, partitions=partitions)
        self.engine.bind(rows)
        self.shared_models.note_bound(rows)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """Return all rows of a small table, without an engine."""
        return stored_rows(table, self.data_dir)

    def provenance(self, step: str) -> Provenance:
        """Return the provenance of a commit whose rows come from outside the lake."""
        return Provenance(self.run_id, step, {}, {}, 1)

    def append(self, table: Table, relation: str, step: str) -> Written:
        """Append a relation of the engine, whose keys the table does not hold yet."""
        staged = self._new_folder(table)
        files = self.engine.write(relation, table, staged)
        return self._publish(table, staged, files, self.provenance(step), "append")

    def append_rows(
        self, table: Table, rows: Iterable[Mapping[str, Any]], step: str, *, new_only: bool = True
    ) -> Written:
        """Append a few rows held in Python, without an engine.

        ``new_only`` leaves out those whose key the table holds already, or that repeat one.
        """
        staged = self._new_folder(table)
        known = table_rows(table, self.data_dir) if new_only else None
        files = write_rows(table, rows, staged, known)
        return self._publish(table, staged, files, self.provenance(step), "append")

    def replace_rows(self, table: Table, rows: Iterable[Mapping[str, Any]], step: str) -> Written:
        """Replace all rows of a small table by rows held in Python, without an engine."""
        staged = self._new_folder(table)
        files = write_rows(table, rows, staged)
        return self._publish(table, staged, files, self.provenance(step), "overwrite")

    def compare(self, table: Table, relation: str, part: Part) -> "Computed":
        """Stage a relation of the engine, all of ``part``, and compare it with the table."""
        staged = self._new_folder(table)
        is_there = is_laid_out(table, self.data_dir)
        written_as = staged_as(table, part) if is_there else table
        files = self.engine.write(relation, written_as, staged)
        return Computed(staged, files, find_difference(table, self.data_dir, files, part))

    def replace(self, computed: "Computed", provenance: Provenance) -> Written:
        """Write the slices of a table that differ from what was computed, in one commit."""
        difference, files = computed.difference, computed.files
        table = difference.table
        is_by_person = difference.columns[0] == "user_id" and provenance.affected is not None
        self.changed[table] = frozenset(difference.affected) if is_by_person else None
        is_there = is_laid_out(table, self.data_dir)
        if difference.only_adds and table.partition_by is None and is_there:
            staged = self._new_folder(table)
            files = added_rows(difference, files, staged)
            return self._publish(table, staged, files, provenance, "append")
        staged = computed.staged
        if difference.part.values is not None and is_there:
            staged = self._new_folder(table)
            files = replacement_files(difference, self.data_dir, files, staged)
        elif is_there:
            files = replacement_files(difference, self.data_dir, files, staged)
        return self._publish(table, staged, files, provenance, "overwrite", difference.partitions)

    def _publish(
        self,
        table: Table,
        staged: Path,
        files: Sequence[Path],
        provenance: Provenance,
        mode: WriteMode,
        partitions: Sequence[str] | None = None,
    ) -> Written:
        self.has_written = True
        path = table.path(self.data_dir)
        return publish(table, path, staged, files, provenance, mode=mode, partitions=partitions)

    def _new_folder(self, table: Table) -> Path:
        with self._lock:
            self._folders += 1
            return self.scratch / f"{self._folders}-{table.name}"


@dataclass(frozen=True)
class Computed:
    """A computed table: its files below ``staged``, and where the present table differs."""

    staged: Path
    files: Sequence[Path]
    difference: Difference
