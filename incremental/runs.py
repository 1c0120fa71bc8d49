"""The record of a run: a row of ``ops.pipeline_runs`` for each of its steps."""

from collections.abc import Sequence

from config.version import VERSION
from engines.choice import engine_name
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from schemas.ops_schemas import PIPELINE_RUNS


def record_run(lake: Lake, results: Sequence[StepResult]) -> StepResult:
    """Append the steps of this run to ``ops.pipeline_runs``."""
    timer = StepTimer(PIPELINE_RUNS.full_name)
    engine: dict[str, object] = {"engine": engine_name(lake.settings)}
    if lake.has_engine:
        engine |= {
            "engine": lake.engine.name,
            "engine_version": lake.engine.version,
            "engine_settings": dict(lake.engine.settings),
        }
    rows = [
        {
            **vars(each),
            **engine,
            "run_id": lake.run_id,
            "soundlake_version": VERSION,
            "versions_read": {name: str(value) for name, value in each.versions_read.items()},
        }
        for each in results
    ]
    written = lake.append_rows(PIPELINE_RUNS, rows, PIPELINE_RUNS.full_name, new_only=False)
    return timer.result("written", rows_out=written.rows)
