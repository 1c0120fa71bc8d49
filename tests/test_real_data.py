"""Real exports and a real catalogue, with the totals that are known of them."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from engines.engine import Engine
from lake.reader import open_lake
from pipeline import STEPS
from schemas import ALL_TABLES, decision_schemas, library_schemas, playlist_schemas
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import MY_TRACKS_FEATURES
from schemas.ops_schemas import LOGS, PLAY_GAPS
from tests import delta_rs
from tests.export_samples import write_json, write_zip
from tests.lakes import land, one, query, row_counts, rows_of, run, statuses

# Every table is made of all there is, before the first test and again in two of them.
pytestmark = pytest.mark.timeout(900)
NOT_FROM_FILES = (
    *(MY_TRACKS_FEATURES, PLAY_GAPS, *library_schemas.TABLES, AVAILABILITY_CHECKS),
    *(*decision_schemas.TABLES, *playlist_schemas.TABLES),  # a person decides
    LOGS,  # a command logs
)
SILVER = "silver.listening_with_features"


@pytest.fixture(scope="module")
def catalogue(shared_data: Path) -> Path:
    return shared_data / "kaggle" / "dataset.csv"


@pytest.fixture(scope="module")
def lake(
    engine: Engine,
    shared_data: Path,
    catalogue: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a lake of everything there is."""
    data_dir = tmp_path_factory.mktemp("real")
    outcome = run(engine, data_dir, [shared_data / "exports"], catalogue, steps=STEPS)
    assert set(statuses(outcome).values()) == {"written"}
    assert outcome.problems == []
    return data_dir


def test_every_record_of_the_exports_is_in_bronze(lake: Path) -> None:
    found = dict(
        query(lake, "SELECT source, count(*) FROM bronze.listening_history_bronze GROUP BY 1")
    )

    assert found == {"extended": 1_860, "account": 18_706}
    assert one(lake, "SELECT count(*) FROM bronze.kaggle_tracks_bronze") == 17_949


def test_silver_holds_each_named_play_once(lake: Path) -> None:
    plays = one(lake, f"SELECT count(*) FROM {SILVER}")
    duplicates = one(lake, f"SELECT count(*) FROM {SILVER} WHERE len(sources) = 2")

    # "Unknown Artist", "Unknown Track": names of many songs, and of none.
    untitled = one(
        lake,
        "SELECT count(*) FROM bronze.listening_history_bronze "
        "WHERE (artist_name, track_name) = ('Unknown Artist', 'Unknown Track')",
    )
    assert untitled == 18
    assert plays == 20_345 - untitled - duplicates
    assert 417 <= duplicates <= 433


def test_records_without_a_name_and_podcasts_stay_in_bronze_only(lake: Path) -> None:
    left_out = dict(
        query(
            lake,
            f"""
            SELECT media_type, count(*) FROM bronze.listening_history_bronze
            WHERE record_id NOT IN (SELECT play_id FROM {SILVER}) AND media_type <> 'track'
            GROUP BY 1
            """,
        )
    )

    assert left_out == {"unknown": 220, "episode": 1}


def test_no_personal_field_landed(lake: Path, shared_data: Path) -> None:
    columns = [name for table in ALL_TABLES for name in table.column_names]
    assert not {"ip_addr", "username", "user_agent"} & set(columns)
    files = [path.read_text("utf-8") for path in (shared_data / "exports").rglob("*.json")]
    assert any('"x.x.x.x"' in text for text in files)
    read = 0
    for table in ALL_TABLES:
        for row in query(lake, f"SELECT * FROM {table.full_name}") if table.exists(lake) else []:
            assert "x.x.x.x" not in str(row)
            read += 1
    assert read > 40_000  # bronze and silver hold each play once


def test_every_play_has_features_and_says_from_where(lake: Path) -> None:
    sources = dict(query(lake, f"SELECT feature_source, count(*) FROM {SILVER} GROUP BY 1"))

    assert set(sources) == {"kaggle", "synthetic"}
    assert one(lake, f"SELECT count(*) FROM {SILVER} WHERE valence IS NULL") == 0


def test_features_by_id_are_those_of_the_csv(lake: Path, catalogue: Path) -> None:
    with open_lake(lake) as opened:
        checked, wrong = opened.execute(
            f"""
            SELECT count(*), count_if(abs(silver.valence - csv.valence::double) > 1e-9
                                      OR abs(silver.loudness - csv.loudness::double) > 1e-9)
            FROM {SILVER} AS silver
            JOIN read_csv(?, all_varchar = true) AS csv USING (track_id)
            WHERE feature_source = 'kaggle' AND feature_match = 'id'
            """,
            [str(catalogue)],
        ).fetchall()[0]

    assert checked > 40
    assert wrong == 0


def test_temporal_patterns_are_what_duckdb_counts(lake: Path) -> None:
    by_duckdb = query(
        lake,
        f"""
        SELECT strftime(local_date, '%Y-%m'), count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key), count(DISTINCT artist_key),
               round(avg(CASE WHEN skipped IS NOT NULL THEN skipped::int END), 9)
        FROM {SILVER} GROUP BY 1 ORDER BY 1
        """,
    )
    gold = query(
        lake,
        """
        SELECT bucket, plays, counted_plays, round(minutes, 6), distinct_tracks, distinct_artists,
               round(skip_rate, 9)
        FROM gold.temporal_patterns WHERE dimension = 'year_month' ORDER BY 1
        """,
    )

    assert len(gold) > 12
    assert gold == by_duckdb


def test_numbers_based_on_synthetic_features_are_withheld(lake: Path) -> None:
    found = query(
        lake,
        """
        SELECT DISTINCT status, mean_valence IS NULL, reason IS NULL FROM gold.temporal_patterns
        WHERE measured_share + catalogue_share < 0.5
        """,
    )

    assert ("withheld", True, False) in found
    assert set(found) <= {("withheld", True, False), ("too_few_data", True, False)}


def test_every_table_opens_in_delta_rs_and_in_duckdb(lake: Path) -> None:
    for table in ALL_TABLES:
        if not table.exists(lake):
            assert table in NOT_FROM_FILES
            continue
        delta = DeltaTable(str(table.path(lake)))
        assert [each.name for each in delta.schema().fields] == table.column_names
        assert all(each.metadata.get("comment") for each in delta.schema().fields)
        assert delta.protocol().min_reader_version == 1
        count = one(lake, f"SELECT count(*) FROM {table.full_name}")
        assert count == delta_rs.read(table.path(lake)).num_rows


def test_a_second_run_adds_nothing_anywhere(
    engine: Engine, lake: Path, shared_data: Path, catalogue: Path
) -> None:
    before = {
        table.full_name: DeltaTable(str(table.path(lake))).version()
        for table in ALL_TABLES
        if table.exists(lake) and table.name != "pipeline_runs"
    }

    assert len(before) >= len(ALL_TABLES) - len(NOT_FROM_FILES) - 1

    outcome = run(engine, lake, [shared_data / "exports"], catalogue, steps=STEPS)

    assert set(statuses(outcome).values()) == {"nothing_new"}
    assert before == {
        table.full_name: DeltaTable(str(table.path(lake))).version()
        for table in ALL_TABLES
        if table.exists(lake) and table.name != "pipeline_runs"
    }


def test_the_same_input_split_zipped_shuffled_and_repeated_gives_the_same_lake(
    engine: Engine, lake: Path, shared_data: Path, catalogue: Path, tmp_path: Path
) -> None:
    chance = random.Random(7)
    data_dir = tmp_path / "lake"
    parts = []
    for number, path in enumerate(sorted((shared_data / "exports").rglob("*.json"))):
        records = json.loads(path.read_text(encoding="utf-8"))
        chance.shuffle(records)
        cut = sorted(chance.sample(range(len(records)), 2))
        for piece, (start, end) in enumerate(zip([0, *cut], [*cut, len(records)], strict=True)):
            parts.append((f"part_{number}_{piece}", records[start:end]))
    chance.shuffle(parts)
    half = len(parts) // 2
    first = [write_json(tmp_path / "loose" / f"{name}.json", rows) for name, rows in parts[:half]]
    members = {f"MyData/{name}.json": rows for name, rows in parts[half - 3 :]}
    second = [write_zip(tmp_path / "my_spotify_data.zip", members), *first[::2]]

    land(engine, data_dir, first)
    statuses(run(engine, data_dir, second, catalogue))

    assert row_counts(data_dir)["bronze.listening_history_bronze"] == 20_566
    for table in (SILVER, "silver.tracks", "gold.temporal_patterns", "gold.mood_clusters"):
        rows = rows_of(data_dir, table)
        assert rows, table
        assert rows == rows_of(lake, table), table


def test_what_is_based_on_too_few_measured_features_is_withheld_and_the_rest_is_reported(
    lake: Path,
) -> None:
    """Five plays in a hundred are in the sample of the catalogue."""
    statuses = dict(
        query(
            lake,
            "SELECT indicator, status FROM gold.wellbeing_indicators WHERE period = 'all'",
        )
    )

    by_features = {
        name
        for name in statuses
        if name.startswith(("valence", "energy", "quadrant", "generalist"))
    }
    assert len(by_features) == 13
    assert {statuses[name] for name in by_features} == {"withheld"}
    assert {statuses[name] for name in statuses.keys() - by_features} == {"ok"}
    assert query(lake, "SELECT DISTINCT status FROM gold.mood_drivers") == [("withheld",)]
    shown = (
        "SELECT count(*) > 0, count_if({}) FROM gold.{} "
        "WHERE status IN ('withheld', 'too_few_data')"
    )
    for table, value in (
        ("wellbeing_indicators", "coalesce(value, ci_low, change) IS NOT NULL"),
        ("mood_drivers", "coalesce(effect, q_value) IS NOT NULL"),
        ("mood_forecast", "coalesce(value, low_95) IS NOT NULL"),
    ):
        assert query(lake, shown.format(value, table)) == [(True, 0)], table


def test_the_study_of_the_docs_runs(lake: Path) -> None:
    study = Path(__file__).parent.parent / "docs" / "listening_study.py"

    done = subprocess.run(
        [sys.executable, str(study)],
        env=os.environ | {"DATA_DIR": str(lake), "USER_ID": "me"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    for title in ("The parts of the day", "The last eight weeks", "High and low valence"):
        assert title in done.stdout


def test_without_synthetic_values_none_reaches_silver_or_gold(
    engine: Engine, lake: Path, shared_data: Path, catalogue: Path
) -> None:
    """Although bronze still holds those of earlier runs."""
    assert one(lake, "SELECT count(*) FROM bronze.my_tracks_features_bronze_synthetic") > 0
    with_synthetic = rows_of(lake, SILVER)
    try:
        run(engine, lake, [shared_data / "exports"], catalogue, allow_synthetic=False)

        found: list[Any] = query(
            lake,
            f"SELECT feature_source, count(*), count(valence), count(tempo) FROM {SILVER} "
            "GROUP BY 1 ORDER BY 1 NULLS LAST",
        )
        (kaggle, kaggle_plays, *_), (none, _, *features) = found
        assert (kaggle, none, features) == ("kaggle", None, [0, 0])
        assert kaggle_plays > 900
        shares = "SELECT DISTINCT coalesce(synthetic_share, 0) FROM gold.temporal_patterns"
        assert query(lake, shares) == [(0,)]
        sources = "SELECT count(*) > 0, count_if(feature_source = 'synthetic')"
        assert query(lake, f"{sources} FROM gold.mood_clusters") == [(True, 0)]
    finally:
        run(engine, lake, [shared_data / "exports"], catalogue)
    assert rows_of(lake, SILVER) == with_synthetic
