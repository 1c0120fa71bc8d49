"""A lake that grows in a test, and the same rebuilt from bronze and decisions in a fresh folder."""

import shutil
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from config.settings import Settings
from engines.engine import Engine
from engines.parquet import scan
from incremental.lake import Lake
from incremental.results import SilentObserver
from incremental.step import Step
from lake.table_rows import table_rows
from pipeline import STEPS, run_steps, step_as_work
from schemas import BY_NAME
from schemas.decision_schemas import TABLES as DECISIONS
from schemas.table import Table
from tests.generated_lakes import NOW, Row, append

Differences = Mapping[str, list[tuple[Any, ...]]]


class GrownLake:
    """A lake below ``folder``; ``steps`` are the tables that are computed, all by default."""

    def __init__(
        self, engine: Engine, folder: Path, steps: Collection[Step] = STEPS, **settings: Any
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.steps = steps
        self.settings: dict[str, Any] = settings
        self._runs = 0

    @property
    def path(self) -> Path:
        return self.folder / "lake"

    def add(self, rows: Mapping[Table, Iterable[Row]]) -> None:
        """Append rows to tables of bronze."""
        append(self.path, rows)

    def run(self) -> Mapping[str, str]:
        """Bring all tables up to date, and return what became of each step."""
        with self.open(self.path) as lake:
            work = [step_as_work(lake, each, rebuild=False) for each in self.wanted]
            results = run_steps(lake, work, SilentObserver())
        errors = [f"{each.step}: {each.error}" for each in results if each.error]
        assert not errors, errors
        return {each.step: each.status for each in results}

    def differences(self, *, of_standing: bool = False) -> Differences:
        """Return by table the rows that differ from what is computed of bronze alone.

        ``of_standing``: from what a rebuild over the standing tables computes.
        """
        fresh = self._rebuilt(of_standing=of_standing)
        found = {}
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for step in self.wanted:
                grown, whole = (_query(step.table, each) for each in (self.path, fresh))
                rows = connection.execute(
                    f"SELECT 'grown', * FROM ({grown} EXCEPT ALL {whole}) "
                    f"UNION ALL SELECT 'rebuilt', * FROM ({whole} EXCEPT ALL {grown})"
                ).fetchall()
                if rows:
                    found[step.table.full_name] = rows[:4]
        shutil.rmtree(fresh)
        return found

    @property
    def wanted(self) -> list[Step]:
        with self.open(self.path) as lake:
            return [each for each in self.steps if each.wanted(lake.settings)]

    def open(self, data_dir: Path, now: datetime = NOW) -> Lake:
        """Return a hold on a lake with these settings and this engine."""
        settings = Settings(_env_file=None, data_dir=data_dir, **self.settings)
        return Lake(settings, now, self.engine)

    def _rebuilt(self, *, of_standing: bool) -> Path:
        self._runs += 1
        fresh = self.folder / f"fresh-{self._runs}"
        computed = {each.table.full_name for each in STEPS}
        for name, table in BY_NAME.items():
            is_source = name not in computed and (table.layer == "bronze" or table in DECISIONS)
            if (is_source or of_standing) and table.exists(self.path):
                shutil.copytree(table.path(self.path), table.path(fresh))
        with self.open(fresh) as lake:
            for step in self.wanted:
                step.run(lake, rebuild=True)
        return fresh


def _query(table: Table, data_dir: Path) -> str:
    rows = table_rows(table, data_dir)
    return f"SELECT * FROM ({scan(table, rows.files, rows.columns)})"
