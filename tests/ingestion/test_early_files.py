"""Records that a clock which was behind took for the future are read once it is right."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import StepResult
from ingestion.exports import import_exports, known_exports
from loaders.privacy_export import find_exports
from tests.export_samples import account, extended, write_json, write_zip
from tests.lakes import one

RIGHT = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEHIND = datetime(2024, 1, 1, tzinfo=UTC)
COUNT = "SELECT count(*) FROM bronze.listening_history_bronze"


def read(engine: Engine, folder: Path, clock: datetime) -> StepResult:
    """Import the exports as a run of that time does: what it knows is not opened."""
    lake = folder / "lake"
    with Lake(Settings(_env_file=None, data_dir=lake), clock, engine) as opened:
        found = find_exports([folder / "exports"], "me", known_exports(lake, clock))
        return import_exports(opened, found, rebuild=False)


@pytest.mark.parametrize("is_zip", [True, False])
def test_what_a_clock_that_was_behind_rejected_is_read_once_it_is_right(
    engine: Engine, tmp_path: Path, is_zip: bool
) -> None:
    records = [extended(ts=f"202{year}-02-01T12:00:00Z") for year in (3, 5, 6)]
    if is_zip:
        write_zip(tmp_path / "exports/my.zip", {"Streaming_History_Audio_2023_0.json": records})
    else:
        write_json(tmp_path / "exports/endsong_0.json", records)
    others = [account("2023-02-05 10:00"), account("2026-02-05 10:00")]
    write_json(tmp_path / "exports/StreamingHistory0.json", others)

    read(engine, tmp_path, BEHIND)
    assert one(tmp_path / "lake", COUNT) == 2
    assert read(engine, tmp_path, BEHIND + timedelta(days=1)).status == "nothing_new"

    assert read(engine, tmp_path, RIGHT).status == "written"
    assert one(tmp_path / "lake", COUNT) == 5
    assert read(engine, tmp_path, RIGHT).status == "nothing_new"


def test_what_lies_in_the_future_by_any_clock_is_read_once(engine: Engine, tmp_path: Path) -> None:
    write_json(
        tmp_path / "exports/endsong_0.json", [extended(), extended(ts="2091-01-01T00:00:00Z")]
    )
    read(engine, tmp_path, RIGHT)

    assert read(engine, tmp_path, RIGHT + timedelta(days=400)).status == "nothing_new"
    assert one(tmp_path / "lake", COUNT) == 1
