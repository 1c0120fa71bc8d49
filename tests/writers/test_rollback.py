"""One table is brought back by a new commit; what no run computes again goes when asked alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import SettingsError
from incremental.row_changes import file_changes
from lake.commit_log import commits_after, newest_version
from lake.provenance import table_state
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import TRACKS
from tests.lakes import query, rows_of
from tests.report.small_lakes import track
from tests.writers.small_backups import commit, data_files, record, small_lake
from writers import upkeep
from writers.rollback import RolledBack, RowsWouldGoError, roll_back
from writers.upkeep import maintain

NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(params=["lake", "a%20b"])
def lake(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a small lake, also in a folder that delta-rs misreads."""
    return small_lake(tmp_path / request.param)


def back(lake: Path, to: int | datetime, *, may_lose_rows: bool = False) -> RolledBack:
    return roll_back(LISTENING_HISTORY, lake, to, NOW, may_lose_rows=may_lose_rows)


def test_records_of_bronze_go_only_when_asked(lake: Path) -> None:
    before = rows_of(lake, LISTENING_HISTORY.full_name)
    then = newest_version(LISTENING_HISTORY.path(lake))
    assert then is not None
    now = commit(lake, LISTENING_HISTORY, [record(3), record(4)])

    with pytest.raises(RowsWouldGoError, match=r"2 of the 4 rows of bronze\.listening.*--yes"):
        back(lake, then)
    assert newest_version(LISTENING_HISTORY.path(lake)) == now

    done = back(lake, then, may_lose_rows=True)

    assert done == RolledBack(then, now + 1, 4, 2, 2)
    assert rows_of(lake, LISTENING_HISTORY.full_name) == before
    # And there again: nothing was deleted.
    assert back(lake, now) == RolledBack(now, now + 2, 2, 4, 0)
    assert len(rows_of(lake, LISTENING_HISTORY.full_name)) == 4


def test_a_time_is_the_version_of_that_time(lake: Path) -> None:
    path = LISTENING_HISTORY.path(lake)
    then = newest_version(path)
    between = datetime.now(UTC) + timedelta(milliseconds=1)
    while datetime.now(UTC) < between + timedelta(milliseconds=5):
        pass
    commit(lake, LISTENING_HISTORY, [record(3)])

    assert back(lake, between, may_lose_rows=True).target == then
    with pytest.raises(SettingsError, match=r"has no version of 2020-01-01 00:00 UTC; there are"):
        back(lake, datetime(2020, 1, 1, tzinfo=UTC))


def test_an_unknown_version_is_a_line_with_those_there_are(lake: Path) -> None:
    newest = newest_version(LISTENING_HISTORY.path(lake))

    with pytest.raises(SettingsError) as raised:
        back(lake, 99)

    said = str(raised.value)
    assert "bronze.listening_history_bronze has no version 99; there are, the newest first" in said
    assert f"{newest} (20" in said


def test_a_version_whose_files_were_deleted_is_not_there(lake: Path) -> None:
    then = newest_version(LISTENING_HISTORY.path(lake))
    assert then is not None
    (file,) = LISTENING_HISTORY.path(lake).rglob("*.parquet")
    commit(lake, LISTENING_HISTORY, [record(1), record(2), record(3)], "overwrite")
    file.unlink()

    with pytest.raises(SettingsError, match=f"has no version {then};"):
        back(lake, then, may_lose_rows=True)


def test_the_present_version_makes_no_commit(lake: Path) -> None:
    newest = newest_version(LISTENING_HISTORY.path(lake))
    assert newest is not None

    assert back(lake, newest) == RolledBack(newest, newest, 2, 2, 0)


def test_a_table_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no bronze\.listening_history_bronze in"):
        back(tmp_path / "lake", 1)


def test_the_commit_names_what_its_rows_were_computed_from(lake: Path) -> None:
    then = commit(lake, TRACKS, [track("One")], "overwrite", reads={"bronze.a": 3})
    commit(lake, TRACKS, [track("Two")], "overwrite", reads={"bronze.a": 4})

    done = roll_back(TRACKS, lake, then, NOW, may_lose_rows=True)

    state = table_state(TRACKS, lake)
    assert state is not None and state.provenance is not None
    assert state.data_version == done.version
    assert state.provenance.reads == {"bronze.a": 3}
    # Whose rows changed is not known: everybody's.
    assert state.provenance.affected is None


def test_what_changed_since_is_seen_across_a_rollback(lake: Path) -> None:
    path = LISTENING_HISTORY.path(lake)
    first = newest_version(path)
    assert first is not None
    (two,) = path.rglob("*.parquet")
    second = commit(lake, LISTENING_HISTORY, [record(3)])
    (three,) = {*path.rglob("*.parquet")} - {two}
    commit(lake, LISTENING_HISTORY, [record(4)], "overwrite")
    back(lake, second, may_lose_rows=True)

    since_first = file_changes(commits_after(path, first))
    since_second = file_changes(commits_after(path, second))

    assert ({each.name for each in since_first.added}, since_first.removed) == (
        {three.name},
        frozenset(),
    )
    assert (since_second.added, since_second.removed) == (frozenset(), frozenset())


def test_upkeep_keeps_the_files_of_a_table_that_was_brought_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = small_lake(tmp_path / "lake")
    then = newest_version(TRACKS.path(lake))
    assert then is not None
    before = rows_of(lake, TRACKS.full_name)
    commit(lake, TRACKS, [track("Three")], "overwrite")
    roll_back(TRACKS, lake, then, NOW, may_lose_rows=True)

    # Whatever was removed at any time is old enough to be deleted.
    monkeypatch.setattr(upkeep, "KEPT_HOURS", 0)
    assert len(list(maintain(lake))) == 2

    assert rows_of(lake, TRACKS.full_name) == before
    assert len([each for each in data_files(lake) if "tracks" in str(each)]) == 1
    assert query(lake, "SELECT count(*) FROM silver.tracks") == [(2,)]
