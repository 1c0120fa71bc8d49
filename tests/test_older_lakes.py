"""A lake that an older release made is taken up by this one, that of a newer one is left alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.version import VERSION
from engines.engine import Engine
from lake.commit_log import newest_version
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import PIPELINE_RUNS
from tests import delta_rs
from tests.export_samples import extended, write_json
from tests.lakes import land, query, run, statuses

ROOT = Path(__file__).resolve().parent.parent


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


def all_files(folder: Path) -> dict[Path, bytes]:
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize(
    "command",
    [
        ["run_ingestion.py", "--no-api"],
        ["main.py", "maintain"],
        ["scripts/generate_synthetic_audio_features.py"],
    ],
)
def test_a_lake_of_a_newer_version_is_refused_before_anything_is_written(
    engine: Engine, tmp_path: Path, command: list[str]
) -> None:
    lake = tmp_path / "lake"
    land(engine, lake, [write_json(lake / "exports" / "endsong_0.json", [extended()])])
    path = LISTENING_HISTORY.path(lake)
    version = (newest_version(path) or 0) + 1
    metadata = {"userMetadata": json.dumps({"soundlake_version": "99.1.0", "more": {}})}
    (path / "_delta_log" / f"{version:020}.json").write_text(json.dumps({"commitInfo": metadata}))
    before = all_files(lake)

    done = subprocess.run(
        [sys.executable, str(ROOT / command[0]), *command[1:], "--data-dir", str(lake)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "written by Soundlake 99.1.0" in line
    assert f"this is Soundlake {VERSION}" in line
    assert all_files(lake) == before
    assert query(lake, f"SELECT count(*) FROM {LISTENING_HISTORY.full_name}") == [(1,)]
