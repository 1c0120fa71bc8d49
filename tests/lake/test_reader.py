"""The lake opened for people: every table of its own name, with or without rows."""

from pathlib import Path

import pytest

from lake.reader import has_table, open_lake
from schemas import ALL_TABLES
from schemas.ops_schemas import PIPELINE_RUNS
from tests import delta_rs
from tests.report.small_lakes import at, put, step


def test_a_table_without_rows_has_its_columns_and_their_types(tmp_path: Path) -> None:
    with_rows, without = tmp_path / "rows", tmp_path / "none"
    put(with_rows, PIPELINE_RUNS, [step("a step", at(1))])
    put(without, PIPELINE_RUNS, [])

    described = []
    for folder in (with_rows, without):
        with open_lake(folder) as lake:
            described.append(lake.execute("DESCRIBE ops.pipeline_runs").fetchall())
            counted = lake.execute("SELECT count(*) FROM ops.pipeline_runs").fetchall()
            assert counted == [(1 if folder == with_rows else 0,)]

    assert described[0] == described[1]


def test_every_table_can_be_opened_without_rows(tmp_path: Path) -> None:
    for table in ALL_TABLES:
        put(tmp_path, table, [])

    with open_lake(tmp_path) as lake:
        for table in ALL_TABLES:
            assert lake.execute(f"SELECT * FROM {table.full_name}").fetchall() == []


def test_only_the_tables_asked_for_are_there(tmp_path: Path) -> None:
    for table in ALL_TABLES:
        put(tmp_path, table, [])

    with open_lake(tmp_path, [PIPELINE_RUNS]) as lake:
        assert has_table(lake, "ops.pipeline_runs")
        assert not has_table(lake, "silver.tracks")


def test_columns_that_an_older_release_did_not_write_are_null(tmp_path: Path) -> None:
    put(tmp_path, PIPELINE_RUNS, [step("a step", at(1))])
    path = PIPELINE_RUNS.path(tmp_path)
    older = delta_rs.read(path).drop_columns(["versions_read", "seconds"])
    delta_rs.write(path, older, mode="overwrite", schema_mode="overwrite")

    with open_lake(tmp_path) as lake:
        found = lake.execute("SELECT step, seconds, versions_read FROM ops.pipeline_runs")

        assert found.fetchall() == [("a step", None, None)]
        assert "DOUBLE" in [
            column[1] for column in lake.execute("DESCRIBE ops.pipeline_runs").fetchall()
        ]


def test_cursors_tell_instants_in_utc_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")

    with open_lake(tmp_path) as lake:
        shown = lake.cursor().execute("SELECT current_setting('TimeZone')").fetchall()

    assert shown == [("UTC",)]
