"""The lake of every earlier release opens, and one run makes it what a new lake would be."""

import shutil
import tarfile
from pathlib import Path

import pytest

from engines.engine import Engine
from lake.commit_log import newest_version
from lake.reader import has_table, open_lake
from pipeline import STEPS
from schemas import ALL_TABLES
from schemas.silver_schemas import TRACKS
from schemas.table import Table
from tests import delta_rs
from tests.compare_lakes import differences
from tests.lakes import query, row_counts, run, statuses, steps_to
from tests.lakes_of_old.make import FOLDER, LAKE, SETTINGS

RELEASES = sorted(each.name.removesuffix(".tar.gz") for each in FOLDER.glob("*.tar.gz"))
LAYERS_OF_SOURCES = ("bronze", "ops")

JUSTIFIED: dict[str, dict[str, str]] = {}
"""By release the tables that differ from a new lake's after one run, each with the reason."""


def brought_up_to_date(engine: Engine, lake: Path) -> dict[str, str]:
    """Do one run with everything as the release did it, and return each step's status."""
    exports, catalogue = [lake / "exports"], lake / "kaggle" / "dataset.csv"
    timezone = SETTINGS["TIMEZONE"]
    return statuses(run(engine, lake, exports, catalogue, steps=STEPS, timezone=timezone))


@pytest.fixture(scope="module")
def new_lake(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake made now from the exports of the archives."""
    folder = tmp_path_factory.mktemp("new")
    lake = unpacked(RELEASES[0], folder)
    for layer in {each.layer for each in ALL_TABLES}:
        shutil.rmtree(lake / layer, ignore_errors=True)
    brought_up_to_date(engine, lake)
    return lake


def unpacked(release: str, folder: Path) -> Path:
    with tarfile.open(FOLDER / f"{release}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / LAKE


def rows_and_columns(table: Table, lake: Path) -> tuple[int, set[str]]:
    rows = delta_rs.read(table.path(lake))
    return rows.num_rows, {*rows.column_names}


def test_the_releases_are_there() -> None:
    assert len(RELEASES) >= 6


@pytest.mark.parametrize("release", RELEASES)
def test_one_run_makes_an_older_lake_what_a_new_one_is(
    engine: Engine, new_lake: Path, tmp_path: Path, release: str
) -> None:
    lake = unpacked(release, tmp_path)
    counts = row_counts(lake)
    sources = [each for each in ALL_TABLES if each.layer in LAYERS_OF_SOURCES]
    before = {each: rows_and_columns(each, lake) for each in sources if each.exists(lake)}
    plays = query(lake, "FROM bronze.listening_history_bronze ORDER BY record_id")
    assert counts["bronze.listening_history_bronze"] == len(plays) == 156
    assert all(counts.values())

    brought_up_to_date(engine, lake)

    found = differences(lake, new_lake)
    different = {name: text for name, text in found.items() if text is not None}
    assert different.keys() == JUSTIFIED.get(release, {}).keys(), different
    # Nothing landed twice, nothing left, whatever the columns of then.
    assert query(lake, "FROM bronze.listening_history_bronze ORDER BY record_id") == plays
    for table, (rows, columns) in before.items():
        rows_now, columns_now = rows_and_columns(table, lake)
        assert rows_now >= rows, table.full_name
        assert columns_now >= columns, table.full_name
    again = brought_up_to_date(engine, lake)
    assert {*again.values()} == {"nothing_new"}


@pytest.mark.parametrize("release", RELEASES)
def test_an_older_lake_can_be_read_as_it_is(tmp_path: Path, release: str) -> None:
    lake = unpacked(release, tmp_path)

    with open_lake(lake) as opened:
        for table in ALL_TABLES:
            if table.exists(lake):
                assert has_table(opened, table.full_name)
                assert opened.execute(f"FROM {table.full_name}").fetchall()


def test_a_table_partitioned_otherwise_keeps_its_versions(engine: Engine, tmp_path: Path) -> None:
    lake = unpacked("pyspark-first", tmp_path)
    path, keys = TRACKS.path(lake), f"SELECT track_key FROM {TRACKS.full_name} ORDER BY ALL"
    then, version = query(lake, keys), newest_version(path)
    assert version is not None

    run(engine, lake, [lake / "exports"], lake / "kaggle" / "dataset.csv", steps=steps_to(TRACKS))

    assert query(lake, keys) == then
    assert [each.parent.name[:13] for each in path.rglob("*.parquet")].count("person_group=") == 1
    first = delta_rs.read(path, version)
    assert "person_group" not in first.column_names
    assert sorted(first["track_key"].to_pylist()) == [key for (key,) in then]
