"""A lake goes on, is lost, and comes back as it was; a table that is brought back is followed."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engines.engine import Engine
from lake.commit_log import newest_version
from lake.reader import open_lake
from lake.verification import Verification
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.common_columns import USER_ID
from schemas.silver_schemas import TRACKS
from tests.compare_lakes import differences
from tests.export_samples import extended, write_json
from tests.generated_lakes import generate
from tests.incremental.grown_lakes import GrownLake
from tests.lakes import FEW_STEPS, one, rows_of, run, statuses
from writers.backup import back_up
from writers.restore import restore
from writers.rollback import roll_back
from writers.upkeep import maintain

pytestmark = pytest.mark.heavy

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def different(one_lake: Path, other: Path) -> dict[str, str]:
    """Return the tables that differ; those that neither lake has or fills do not."""
    found = differences(one_lake, other)
    return {name: what for name, what in found.items() if what not in (None, "empty", "missing")}


def findings(lake: Path) -> list[str]:
    return [each for _, found in Verification(lake).stages() for each in found]


@pytest.mark.parametrize("seed", [1])
def test_a_lake_comes_back_as_it_was_at_the_second_backup(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    lake = GrownLake(engine, tmp_path, FEW_STEPS, timezone="Europe/Berlin")
    made = generate(seed, plays=60)
    (history,) = (rows for table, rows in made.rows.items() if table is LISTENING_HISTORY)
    records = list(history)
    lake.add({**made.rows, LISTENING_HISTORY: records[: len(records) // 2]})
    lake.run()
    back_up(lake.path, tmp_path / "backup", (), NOW)
    lake.add({LISTENING_HISTORY: records[len(records) // 2 :]})
    lake.run()
    second = back_up(lake.path, tmp_path / "backup", (), NOW)
    shutil.copytree(lake.path, tmp_path / "then")
    assert second.already_there > 0
    lake.add(generate(seed + 10, plays=20).rows)
    lake.run()
    list(maintain(lake.path))
    assert different(lake.path, tmp_path / "then")

    shutil.rmtree(lake.path)
    restore(lake.path, tmp_path / "backup", (), NOW)

    assert different(lake.path, tmp_path / "then") == {}
    assert findings(lake.path) == []
    # And it goes on from there: nothing is to be computed again.
    assert set(lake.run().values()) == {"nothing_new"}


def test_the_next_run_follows_a_table_that_was_brought_back(engine: Engine, tmp_path: Path) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    write_json(
        exports / "endsong_0.json",
        [extended(ts="2024-03-01T12:00:00Z", track="One", track_id=None)],
    )
    statuses(run(engine, lake, [exports], allow_synthetic=False))
    then = newest_version(LISTENING_HISTORY.path(lake))
    tracks_then = newest_version(TRACKS.path(lake))
    assert then is not None and tracks_then is not None
    write_json(
        exports / "endsong_1.json",
        [extended(ts="2024-03-02T12:00:00Z", track="Two", track_id=None)],
    )
    statuses(run(engine, lake, [exports], allow_synthetic=False))
    whole = rows_of(lake, TRACKS.full_name)
    assert len(whole) == 2

    # What is computed is computed again, since bronze is what it was.
    roll_back(TRACKS, lake, tracks_then, NOW, may_lose_rows=True)
    assert one(lake, "SELECT count(*) FROM silver.tracks") == 1
    assert (
        statuses(run(engine, lake, [exports], allow_synthetic=False))["silver.tracks"] == "written"
    )
    assert rows_of(lake, TRACKS.full_name) == whole

    # Where bronze goes back, everything goes back with it.
    roll_back(LISTENING_HISTORY, lake, then, NOW, may_lose_rows=True)
    statuses(run(engine, lake, [exports], allow_synthetic=False))
    assert one(lake, "SELECT count(*) FROM silver.tracks") == 1
    (finding,) = findings(lake)
    assert "1 records of it were kept, bronze has 0" in finding

    # And the files bring back what went.
    statuses(run(engine, lake, [exports], allow_synthetic=False, rebuild=True))
    assert rows_of(lake, TRACKS.full_name) == whole


def test_a_reader_reads_on_while_upkeep_joins_and_deletes(engine: Engine, tmp_path: Path) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    for day in (1, 2):
        plays = [extended(ts=f"2024-03-0{day}T12:00:00Z", track=f"Song {day}")]
        write_json(exports / f"endsong_{day}.json", plays)
        statuses(run(engine, lake, [exports], allow_synthetic=False))
    with open_lake(lake) as reader:
        query = f"SELECT {USER_ID.name}, record_id FROM {LISTENING_HISTORY.full_name} ORDER BY ALL"
        before = reader.execute(query).fetchall()

        (joined,) = (each for each in maintain(lake) if each.table is LISTENING_HISTORY)

        assert joined.files_after > 1  # one holds all rows; the others are the reader's
        assert reader.execute(query).fetchall() == before
    assert len(before) == 2
