"""The lake as the page reads it: in whole states, kept until the next, whoever asks."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import web.lakes
from engines.engine import Engine
from pipeline import STEPS
from report.page.listening import Period
from report.page.questions.totals import totals
from schemas.ops_schemas import PIPELINE_RUNS
from tests.export_samples import extended, write_json
from tests.lakes import run, statuses
from tests.report.small_lakes import put, step
from tests.web.conftest import PLAYS
from web.lakes import MAX_ANSWERS, MAX_IDLE, MAX_PEOPLE, Lakes, Snapshot


@pytest.fixture
def lakes(lake: Path) -> Lakes:
    return Lakes(lake, own_only=True)


def plays(snapshot: Snapshot) -> int:
    with snapshot.query() as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM plays").fetchall()
    return int(count)


def end_a_run(lake: Path) -> None:
    """Leave the record of a run that changed nothing."""
    put(lake, PIPELINE_RUNS, [step("gold.x", datetime(2026, 1, 1, tzinfo=UTC))])


def test_a_state_is_kept_until_a_run_ends(lakes: Lakes, lake: Path) -> None:
    first = lakes.of("me")
    assert lakes.of("me") is first
    end_a_run(lake)
    second = lakes.of("me")
    assert second is not first
    assert plays(second) == plays(first) == PLAYS  # the older one still answers


def test_new_plays_are_shown_with_the_record_of_their_run_and_not_before(
    lakes: Lakes, lake: Path, engine: Engine, tmp_path: Path
) -> None:
    file = write_json(tmp_path / "endsong_9.json", [extended(ts="2025-12-24T18:00:00Z")])
    before = lakes.of("me")
    record = lake / "ops" / "pipeline_runs" / "_delta_log"
    state = web.lakes.state_of(lake)
    statuses(run(engine, lake, [file], steps=STEPS))

    assert web.lakes.state_of(lake) != state
    assert plays(before) == PLAYS
    assert plays(lakes.of("me")) == PLAYS + 1
    assert record.is_dir()


def test_an_answer_is_asked_for_once(lakes: Lakes) -> None:
    snapshot = lakes.of("me")
    asked: list[int] = []

    def answer(number: int) -> int:
        def ask() -> int:
            asked.append(number)
            return number

        return snapshot.kept(number, ask)

    assert [answer(1), answer(1), answer(2)] == [1, 1, 2]
    assert asked == [1, 2]
    for number in range(2, MAX_ANSWERS + 2):
        answer(number)
    asked.clear()
    assert (answer(1), asked) == (1, [1])  # the oldest made room


def test_the_plays_of_a_period_are_counted_once_for_all_its_views(lakes: Lakes) -> None:
    snapshot = lakes.of("me")
    assert snapshot.listening is not None
    period, *others = (
        Period(str(days), "", snapshot.listening.today - timedelta(days), snapshot.listening.today)
        for days in range(MAX_IDLE + 1)
    )
    with snapshot.ask(period) as listening:
        totals(listening, [period])
        first = listening.connection
    with snapshot.ask(period) as listening, snapshot.ask(period) as beside:
        assert listening.connection is first
        assert beside.connection is not first  # one for each who asks at the same time
        [(counted,)] = listening.connection.execute("SELECT count(*) FROM period_counts").fetchall()
        assert counted > 0
    for other in others:
        with snapshot.ask(other):
            pass
    with snapshot.ask(period) as listening:
        assert listening.connection is not first  # the oldest made room
        assert totals(listening, [period])[period.id].now.plays > 0


def test_many_who_come_at_once_wait_for_one_reading(
    lakes: Lakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, together = web.lakes._read, threading.Barrier(8)
    readings: list[str] = []

    def counted(folder: Path, user_id: str, state: web.lakes.State) -> Snapshot:
        readings.append(user_id)
        return read(folder, user_id, state)

    def ask(_: int) -> int:
        together.wait()
        return plays(lakes.of("me"))

    monkeypatch.setattr(web.lakes, "_read", counted)
    with ThreadPoolExecutor(8) as people:
        assert [*people.map(ask, range(8))] == [PLAYS] * 8
    assert readings == ["me"]


def test_few_people_are_kept(lakes: Lakes) -> None:
    first = lakes.of("me")
    for number in range(MAX_PEOPLE):
        assert lakes.of(f"nobody {number}").listening is None
    assert len(lakes._kept) == MAX_PEOPLE
    assert lakes.of("me") is not first


@pytest.fixture
def demo_lake(lake: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder without a lake, in which there is a simulated account's."""
    folder = tmp_path / "data"
    folder.mkdir()
    lake.rename(folder / "demo")
    yield folder


def test_a_simulated_account_stands_in_for_a_lake_that_is_missing(demo_lake: Path) -> None:
    shown = Lakes(demo_lake, own_only=False)
    assert shown.is_simulated
    assert plays(shown.of("me")) == PLAYS

    own = Lakes(demo_lake, own_only=True)
    assert not own.is_simulated
    assert own.of("me").listening is None
