"""Silver and gold against SQL that was written apart from the models, row by row."""

from pathlib import Path

import pytest

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from loaders.privacy_export import find_exports_of_people
from pipeline import run_pipeline
from tests.lakes import FEW_STEPS, NOW, run, statuses
from tests.reference import duckdb_reference
from tests.reference.row_comparison import differences
from tests.simulated.plays import Listening, connect, write_everybody
from tests.simulated.tracks import write_catalogue

THREADS = 2


def found(lake: Path, timezone: str) -> dict[str, dict[str, int]]:
    connection = duckdb_reference.connect(lake, timezone, THREADS)
    duckdb_reference.compute(connection)
    for name in duckdb_reference.RESULTS:
        assert connection.table(name).limit(1).fetchall(), f"{name} of the reference is empty"
    return differences(connection, lake, {name: name for name in duckdb_reference.RESULTS})


NOTHING: dict[str, dict[str, int]] = {name: {} for name in duckdb_reference.RESULTS}


def test_simulated_people_over_two_sources(engine: Engine, tmp_path: Path) -> None:
    listening = Listening.of(people=3, plays=3_000)
    connection = connect()
    write_everybody(connection, listening, tmp_path / "exports")
    connection.execute('DELETE FROM catalogue WHERE "Unnamed: 0" % 20 > 0')
    catalogue = tmp_path / "dataset.csv"
    write_catalogue(connection, catalogue)
    timezone = "Europe/Berlin"
    settings = Settings(_env_file=None, data_dir=tmp_path, timezone=timezone)

    with Lake(settings, NOW, engine) as lake:
        exports = find_exports_of_people(tmp_path / "exports", "me")
        statuses(run_pipeline(lake, exports, catalogue, SilentObserver(), steps=FEW_STEPS))

    assert found(tmp_path, timezone) == NOTHING


@pytest.mark.parametrize("timezone", ["UTC", "Australia/Lord_Howe"])
def test_real_exports(engine: Engine, shared_data: Path, tmp_path: Path, timezone: str) -> None:
    catalogue = shared_data / "kaggle" / "dataset.csv"

    statuses(run(engine, tmp_path, [shared_data / "exports"], catalogue, timezone=timezone))

    assert found(tmp_path, timezone) == NOTHING
