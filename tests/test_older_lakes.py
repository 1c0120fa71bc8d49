"""A lake that an older release made is taken up by this one: a table gains what it lacks."""

from pathlib import Path

from config.version import VERSION
from engines.engine import Engine
from schemas.ops_schemas import PIPELINE_RUNS
from tests import delta_rs
from tests.export_samples import extended, write_json
from tests.lakes import query, run, statuses


def test_records_of_runs_gain_the_columns_declared_since(engine: Engine, tmp_path: Path) -> None:
    lake, runs = tmp_path / "lake", f"FROM {PIPELINE_RUNS.full_name}"
    exports = [write_json(tmp_path / "endsong_0.json", [extended()])]
    run(engine, lake, exports)
    older = delta_rs.read(PIPELINE_RUNS.path(lake)).drop_columns(["made_from", "soundlake_version"])
    delta_rs.write(PIPELINE_RUNS.path(lake), older, mode="overwrite", schema_mode="overwrite")
    exports.append(write_json(tmp_path / "endsong_1.json", [extended(ts="2024-05-01T10:00:00Z")]))

    second = statuses(run(engine, lake, exports))

    assert second["silver.listening_with_features"] == "written"
    versions = query(
        lake, f"SELECT soundlake_version, count(*) {runs} GROUP BY 1 ORDER BY 1 NULLS FIRST"
    )
    assert versions == [(None, older.num_rows), (VERSION, len(second))]
    counts = dict(query(lake, f"SELECT made_from IS NULL, count(*) {runs} GROUP BY ALL"))
    assert sum(counts.values()) == older.num_rows + len(second)
    assert counts[False] > 0
    assert set(statuses(run(engine, lake, exports)).values()) == {"nothing_new"}
