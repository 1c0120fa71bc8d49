"""Runs the pipeline in a test's own folder, with the tests' engine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver, StepResult
from incremental.step import Step
from ingestion.exports import import_exports
from lake.reader import open_lake
from loaders.privacy_export import find_exports
from pipeline import STEPS, RunOutcome, run_pipeline
from schemas import ALL_TABLES
from schemas.gold_schemas import MOOD_CLUSTERS, TEMPORAL_PATTERNS
from schemas.silver_schemas import LISTENING_COVERAGE
from schemas.table import Table

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def steps_to(*tables: Table) -> tuple[Step, ...]:
    """Return the steps that compute these tables and all that they are made of, in order."""
    wanted = set(tables)
    for step in reversed(STEPS):
        if step.table in wanted:
            wanted.update(step.depends_on)
    return tuple(step for step in STEPS if step.table in wanted)


FEW_STEPS = steps_to(LISTENING_COVERAGE, TEMPORAL_PATTERNS, MOOD_CLUSTERS)
"""The way to silver, and a few tables made of it: most tests are about the way there."""


def run(
    engine: Engine,
    data_dir: Path,
    exports: list[Path],
    catalogue: Path | None = None,
    *,
    rebuild: bool = False,
    steps: Sequence[Step] = FEW_STEPS,
    **settings: Any,
) -> RunOutcome:
    """Carry out one run over ``exports`` as user ``me``."""
    with Lake(Settings(_env_file=None, data_dir=data_dir, **settings), NOW, engine) as lake:
        return run_pipeline(
            lake,
            find_exports(exports, "me"),
            catalogue,
            SilentObserver(),
            rebuild=rebuild,
            steps=steps,
        )


def land(engine: Engine, data_dir: Path, exports: list[Path]) -> StepResult:
    """Carry out the import of ``exports`` alone: bronze, and what was rejected."""
    with Lake(Settings(_env_file=None, data_dir=data_dir), NOW, engine) as lake:
        return import_exports(lake, find_exports(exports, "me"), rebuild=False)


def statuses(outcome: RunOutcome) -> dict[str, str]:
    errors = [each.error for each in outcome.results if each.error]
    assert not errors, errors
    return {each.step: each.status for each in outcome.results}


def query(data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_lake(data_dir) as lake:
        return lake.execute(sql).fetchall()


def one(data_dir: Path, sql: str) -> Any:
    ((value,),) = query(data_dir, sql)
    return value


def rows_of(data_dir: Path, full_name: str) -> list[tuple[Any, ...]]:
    """Return every row of a table in an order of its own."""
    return sorted(query(data_dir, f"SELECT * FROM {full_name}"), key=repr)


def row_counts(data_dir: Path) -> dict[str, int]:
    names = [each.full_name for each in ALL_TABLES if each.exists(data_dir)]
    return {name: one(data_dir, f"SELECT count(*) FROM {name}") for name in names}
