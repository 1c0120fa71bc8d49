"""Upkeep joins files and changes nothing that anybody reads."""

from pathlib import Path

import pytest
from deltalake import DeltaTable

from engines.engine import Engine
from schemas import ALL_TABLES
from schemas.bronze_schemas import LISTENING_HISTORY
from tests.export_samples import extended, write_json
from tests.lakes import rows_of, run, statuses
from writers.upkeep import maintain

pytestmark = pytest.mark.heavy


def test_upkeep_joins_files_and_leaves_every_row_and_nothing_to_do(
    engine: Engine, tmp_path: Path
) -> None:
    lake, exports = tmp_path / "lake", tmp_path / "exports"
    for day in (1, 2):
        plays = [extended(ts=f"2024-03-0{day}T12:00:00Z", track=f"Song {day}")]
        write_json(exports / f"endsong_{day}.json", plays)
        statuses(run(engine, lake, [exports], allow_synthetic=False))
    before = {each: rows_of(lake, each.full_name) for each in ALL_TABLES if each.exists(lake)}
    history = str(LISTENING_HISTORY.path(lake))
    assert len(DeltaTable(history).file_uris()) == 2

    done = {each.table: each for each in maintain(lake)}

    assert len(DeltaTable(history).file_uris()) == 1
    # A week long the files stay that older versions of the table need.
    assert done[LISTENING_HISTORY].files_after == 3
    assert {each: rows_of(lake, each.full_name) for each in done} == before
    after = statuses(run(engine, lake, [exports], allow_synthetic=False))
    assert [each for each in after if after[each] != "nothing_new"] == []
