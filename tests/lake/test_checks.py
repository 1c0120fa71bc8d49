"""What every run proves: it holds on a sound lake, and every kind of fault is found."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from cli.console import exit_code_of
from cli.exit_codes import ExitCode
from engines import models
from engines.engine import Engine
from engines.models import Model, SqlModel
from engines.parquet import scan
from incremental.proofs import prove_changes
from incremental.results import SilentObserver
from lake.checks import prove, proved_against
from lake.commit_log import newest_commit
from lake.table_rows import table_rows
from pipeline import STEPS, run_steps, step_as_work
from schemas import ALL_TABLES
from schemas.gold_schemas import MOOD_CLUSTERS, TEMPORAL_PATTERNS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.ops_schemas import CHECKS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.summary_schemas import (
    ARTIST_SUMMARY,
    DAILY_LISTENING_SUMMARY,
    GENRE_ANALYSIS,
    MONTHLY_INSIGHTS,
)
from schemas.table import Table
from tests import delta_rs
from tests.generated_lakes import ANNA, generate
from tests.incremental.grown_lakes import GrownLake
from tests.lakes import one, query

PLAYS = "silver.listening_with_features"


@pytest.fixture(scope="module")
def sound(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> GrownLake:
    lake = GrownLake(engine, tmp_path_factory.mktemp("sound"), timezone="Europe/Berlin")
    lake.add(generate(3, plays=60).rows)
    lake.run()
    return lake


@pytest.fixture
def lake(sound: GrownLake, tmp_path: Path) -> GrownLake:
    """Return a copy of the sound lake, to plant a fault in."""
    shutil.copytree(sound.path, tmp_path / "lake")
    return GrownLake(sound.engine, tmp_path, **sound.settings)


def failing(lake: GrownLake, *tables: Table, people: frozenset[str] | None = None) -> set[str]:
    """Return the names of the checks that do not hold."""
    return {each.name for each in prove(tables, lake.path, people) if not each.holds}


def repeat(lake: GrownLake, table: Table, changed: str = "*", where: str = "true") -> None:
    """Append rows of a table to it once more."""
    rows = table_rows(table, lake.path)
    with duckdb.connect() as connection, lake.open(lake.path) as held:
        found = connection.execute(
            f"SELECT {changed} FROM ({scan(table, rows.files, rows.columns)}) WHERE {where}"
        ).to_arrow_table()
        held.append_rows(table, found.to_pylist(), "planted", new_only=False)


def busiest_month(lake: GrownLake) -> str:
    """Return anna's month with most plays: at the edges of a month some of them may be missing."""
    found: str = one(lake.path, f"SELECT mode(played_month) FROM {PLAYS} WHERE user_id = '{ANNA}'")
    return found


@pytest.mark.parametrize("people", [None, frozenset({ANNA}), frozenset({"nobody"})])
def test_all_checks_hold_on_a_sound_lake(sound: GrownLake, people: frozenset[str] | None) -> None:
    tables = [each.table for each in STEPS]

    found = list(prove(tables, sound.path, people))

    assert [each for each in found if not each.holds] == []
    assert {each.table for each in found} == {*tables}
    kinds = {each.name for each in found}
    assert kinds >= {"key_unique", "shares_add_up", "plays_against_records", "hour_of_day"}


def test_every_check_of_a_run_is_recorded(sound: GrownLake) -> None:
    statuses = query(sound.path, "SELECT status, count(*) FROM ops.checks GROUP BY 1")

    ((status, count),) = statuses
    assert status == "ok"
    assert count > 50


@pytest.mark.parametrize("table", [each.table for each in STEPS], ids=lambda each: each.name)
def test_a_repeated_row_is_found_in_every_table(lake: GrownLake, table: Table) -> None:
    key = ", ".join(table.key)
    first = f"({key}) IN (SELECT ({key}) FROM (SELECT {key} ORDER BY ALL LIMIT 1))"
    repeat(lake, table, where=first)

    assert "key_unique" in failing(lake, table)


@pytest.mark.parametrize(
    ("table", "values", "check"),
    [
        (LISTENING_WITH_FEATURES, {"hour_of_day": "(hour_of_day + 1) % 24"}, "hour_of_day"),
        (LISTENING_WITH_FEATURES, {"local_date": "local_date + 1"}, "local_date"),
        (LISTENING_WITH_FEATURES, {"day_of_week": "8 - day_of_week"}, "day_of_week"),
        (LISTENING_WITH_FEATURES, {"is_weekend": "not is_weekend"}, "is_weekend"),
        (LISTENING_WITH_FEATURES, {"is_counted": "not is_counted"}, "is_counted"),
        (LISTENING_WITH_FEATURES, {"sources": "NULL"}, "sources"),
        (LISTENING_WITH_FEATURES, {"feature_source": "NULL"}, "features_have_a_source"),
        (
            LISTENING_WITH_FEATURES,
            {"first_play": "true"},
            f"count_if_first_play_as_in_{PLAYS}",
        ),
        (LISTENING_WITH_FEATURES, {"track_key": "'other'"}, "refers_to_silver.tracks"),
        (TRACKS, {"plays": "plays + 1"}, f"sum_plays_as_in_{PLAYS}"),
        (TRACKS, {"ms_played": "0"}, f"coalesce_sum_ms_played_0_as_in_{PLAYS}"),
        (ARTIST_SUMMARY, {"total_plays": "total_plays - 1"}, f"sum_total_plays_as_in_{PLAYS}"),
        (DAILY_LISTENING_SUMMARY, {"new_tracks": "0"}, f"sum_new_tracks_as_in_{PLAYS}"),
        (GENRE_ANALYSIS, {"counted_plays": "0"}, f"sum_counted_plays_as_in_{PLAYS}"),
        (MONTHLY_INSIGHTS, {"counted_plays": "0"}, f"sum_counted_plays_as_in_{PLAYS}"),
        (TEMPORAL_PATTERNS, {"minutes": "minutes + 1"}, "sum_minutes"),
        (TEMPORAL_PATTERNS, {"synthetic_share": "synthetic_share + 0.1"}, "shares_add_up"),
        (WELLBEING_INDICATORS, {"measured_share": "measured_share - 0.1"}, "shares_add_up"),
        (MOOD_CLUSTERS, {"plays": "plays * 2"}, "sum_plays_as_in_silver.tracks"),
        (MOOD_CLUSTERS, {"track_key": "concat(track_key, '!')"}, "refers_to_silver.tracks"),
    ],
)
def test_a_wrong_value_is_found(
    lake: GrownLake, table: Table, values: Mapping[str, str], check: str
) -> None:
    delta_rs.update(table.path(lake.path), dict(values))

    assert any(each.startswith(check) or check in each for each in failing(lake, table))


def test_a_play_in_another_month_than_its_own_is_found(lake: GrownLake) -> None:
    month = one(lake.path, f"SELECT max(played_month) FROM {PLAYS}")
    delta_rs.update(
        LISTENING_WITH_FEATURES.path(lake.path),
        {"played_at": "played_at - interval '40 days'"},
        predicate=f"played_month = '{month}'",
    )

    assert "month" in failing(lake, LISTENING_WITH_FEATURES)


def test_a_dropped_month_is_found(lake: GrownLake) -> None:
    month = busiest_month(lake)
    delta_rs.delete(LISTENING_WITH_FEATURES.path(lake.path), f"played_month = '{month}'")

    (proof,) = (
        each
        for each in prove([LISTENING_WITH_FEATURES], lake.path, frozenset({ANNA}))
        if each.name == "plays_against_records"
    )
    assert proof.failures == 1
    assert (proof.example or "").startswith(f"user_id anna, played_month {month}, plays 0, least ")


def test_doubled_plays_are_found(lake: GrownLake) -> None:
    twice = "* REPLACE (play_id || ' again' AS play_id)"
    repeat(lake, LISTENING_WITH_FEATURES, twice, where="len(sources) = 1")

    assert "key_unique" not in failing(lake, LISTENING_WITH_FEATURES)
    assert "plays_against_records" in failing(lake, LISTENING_WITH_FEATURES)
    assert f"sum_plays_as_in_{PLAYS}" in failing(lake, TRACKS)


def test_somebody_who_is_in_one_of_two_tables_only_is_found(lake: GrownLake) -> None:
    total = f"sum_total_plays_as_in_{PLAYS}"
    delta_rs.delete(GENRE_ANALYSIS.path(lake.path), "user_id = 'cara'")
    assert total in failing(lake, GENRE_ANALYSIS)

    delta_rs.delete(LISTENING_WITH_FEATURES.path(lake.path), "user_id = 'cara'")
    assert total not in failing(lake, GENRE_ANALYSIS)
    assert total in failing(lake, MONTHLY_INSIGHTS)


def test_what_is_wrong_of_others_is_not_looked_at(lake: GrownLake) -> None:
    delta_rs.update(TRACKS.path(lake.path), {"plays": "plays + 1"}, predicate="user_id = 'ben'")

    assert failing(lake, TRACKS, people=frozenset({ANNA})) == set()
    assert failing(lake, TRACKS, people=frozenset({ANNA, "ben"})) != set()


def test_a_table_that_should_have_changed_with_another_is_looked_at(lake: GrownLake) -> None:
    assert TEMPORAL_PATTERNS in [each for each in ALL_TABLES if PLAYS in str(each.totals)]
    assert proved_against(TEMPORAL_PATTERNS) == {LISTENING_WITH_FEATURES}
    delta_rs.update(
        TEMPORAL_PATTERNS.path(lake.path), {"plays": "plays + 1"}, predicate="user_id = 'ben'"
    )

    with lake.open(lake.path) as held:
        held.changed[LISTENING_WITH_FEATURES] = frozenset({"ben"})
        result = prove_changes(held)

    assert result.status == "failed"
    assert "gold.temporal_patterns fails its check sum_plays_as_in_" in (result.error or "")


def test_tables_are_not_compared_after_a_step_failed(lake: GrownLake) -> None:
    delta_rs.update(TRACKS.path(lake.path), {"plays": "plays + 1"})

    with lake.open(lake.path) as held:
        held.changed[TRACKS] = None
        result = prove_changes(held, is_whole=False)

    assert (result.status, result.rows_in) == ("written", 1)


def test_a_run_that_changed_nothing_proves_nothing(lake: GrownLake) -> None:
    with lake.open(lake.path) as held:
        assert prove_changes(held).status == "nothing_new"


def test_a_failed_check_fails_the_run_and_the_version_before_stays(
    lake: GrownLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = busiest_month(lake)
    before = newest_commit(LISTENING_WITH_FEATURES.path(lake.path)).version
    plays = one(lake.path, f"SELECT count(*) FROM {PLAYS}")
    sound_model = models.model

    def with_fault(name: str) -> Model:
        found = sound_model(name)
        if name != LISTENING_WITH_FEATURES.name or not isinstance(found, SqlModel):
            return found
        sound, faulty = "AND r.is_play\n", f"AND r.is_play AND played_month <> '{month}'\n"
        assert sound in found.sql
        return SqlModel(name, found.sql.replace(sound, faulty), found.reads)

    monkeypatch.setattr(models, "model", with_fault)
    (step,) = (each for each in STEPS if each.table is LISTENING_WITH_FEATURES)
    with lake.open(lake.path) as held:
        results = run_steps(held, [step_as_work(held, step, rebuild=True)], SilentObserver())

    proved = results[-1]
    assert (proved.step, proved.status) == (CHECKS.full_name, "failed")
    assert exit_code_of(results) is ExitCode.FAILED
    assert int(ExitCode.FAILED) == 1
    error = proved.error or ""
    assert "silver.listening_with_features fails its check plays_against_records" in error
    assert f"user_id anna, played_month {month}, plays 0" in error
    assert "rebuild with `python run_ingestion.py --full`" in error
    failed = query(
        lake.path,
        "SELECT table_name, check_name FROM ops.checks WHERE status = 'failed' ORDER BY ALL",
    )
    assert (PLAYS, "plays_against_records") in failed
    ((run_status,),) = query(
        lake.path,
        "SELECT status FROM ops.pipeline_runs WHERE step = 'ops.checks' "
        "ORDER BY started_at DESC LIMIT 1",
    )
    assert run_status == "failed"
    assert delta_rs.read(LISTENING_WITH_FEATURES.path(lake.path), before).num_rows == plays
    assert one(lake.path, f"SELECT count(*) FROM {PLAYS}") < plays
