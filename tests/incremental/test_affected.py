"""Whom a change concerns, where that is not whose rows changed."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engines.engine import Engine
from incremental.step import EmptiedError, Step
from lake.commit_log import newest_commit
from lake.provenance import provenance_of
from pipeline import STEPS
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.common_columns import FEATURE_NAMES, UNIT_INTERVAL_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS
from schemas.mood_schemas import MOOD_FORECAST
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.summary_schemas import DAILY_LISTENING_SUMMARY
from schemas.table import Table
from tests import delta_rs
from tests.generated_lakes import NOW, Row
from tests.incremental.grown_lakes import GrownLake
from tests.lakes import one, query
from writers.row_ids import hash_of


def record(person: str, ended: str, title: str, track_id: str | None = None, **more: Any) -> Row:
    """Return a record of the extended history: a minute of ``title`` by Somebody."""
    played_at = datetime.fromisoformat(ended).replace(tzinfo=UTC)
    row: Row = {
        "user_id": person,
        "source": "extended",
        "played_at": played_at,
        "media_type": "track",
        "track_id": track_id,
        "track_name": title,
        "artist_name": "Somebody",
        "ms_played": 60_000,
        "run_id": "test",
        "ingested_at": NOW,
    }
    row |= more
    row |= {"date": played_at.date(), "played_month": f"{played_at:%Y-%m}"}
    return row | {"record_id": hash_of(f"{person}|{ended}|{title}|{row['source']}")}


def in_catalogue(track_id: str, title: str, popularity: int) -> Row:
    names = {"artists": "Somebody", "track_name": title, "track_genre": "rock"}
    landed = {"run_id": "test", "ingested_at": NOW}
    return {"track_id": track_id, "popularity": popularity, **names, **landed}


def steps(*tables: Table) -> Collection[Step]:
    """Return the steps that lead to some tables."""
    wanted = {*tables}
    for step in reversed(STEPS):
        if step.table in wanted:
            wanted |= {*step.depends_on}
    return [each for each in STEPS if each.table in wanted]


def affected(lake: GrownLake, table: Table) -> dict[str, list[str]] | None:
    provenance = provenance_of(newest_commit(table.path(lake.path)))
    assert provenance is not None
    return None if provenance.affected is None else {**provenance.affected}  # type: ignore[dict-item]


def test_the_popularity_of_a_track_depends_on_the_ids_that_the_person_played(
    engine: Engine, tmp_path: Path
) -> None:
    lake = GrownLake(engine, tmp_path, steps(DAILY_LISTENING_SUMMARY))
    # A day's score needs five plays.
    plays = [
        record(person, f"2025-12-01T1{hour}:00", "Song", track_id)
        for person, track_id in (("anna", "known"), ("ben", "unknown"))
        for hour in range(5)
    ]
    lake.add({LISTENING_HISTORY: plays, KAGGLE_TRACKS: [in_catalogue("known", "Other name", 90)]})
    lake.run()

    lake.add({LISTENING_HISTORY: [record("ben", "2025-12-01T20:00", "Song", "unknown")]})
    lake.run()

    assert lake.differences() == {}
    assert query(
        lake.path, "SELECT user_id, mainstream_score FROM gold.daily_listening_summary ORDER BY 1"
    ) == [("anna", 90), ("ben", None)]


def test_a_day_that_had_short_plays_only_ends_the_forecast_s_last_day(
    engine: Engine, tmp_path: Path
) -> None:
    lake = GrownLake(engine, tmp_path, steps(MOOD_FORECAST))
    lake.add(
        {
            LISTENING_HISTORY: [
                record("anna", "2025-12-01T10:00", "Song"),
                record("anna", "2025-12-02T10:00", "Song"),
                record("anna", "2025-12-03T10:00", "Song", ms_played=9_000),
            ]
        }
    )
    lake.run()

    lake.add({LISTENING_HISTORY: [record("anna", "2025-12-03T11:00", "Song")]})
    lake.run()

    assert lake.differences() == {}
    first_day = "SELECT CAST(min(forecast_date) AS VARCHAR) FROM gold.mood_forecast"
    assert one(lake.path, first_day) == "2025-12-04"


def test_short_plays_change_no_forecast(engine: Engine, tmp_path: Path) -> None:
    lake = GrownLake(engine, tmp_path, steps(MOOD_FORECAST))
    days = [record("anna", f"2025-12-0{day}T10:00", "Song") for day in (1, 2, 3)]
    lake.add({LISTENING_HISTORY: days})
    lake.run()

    lake.add({LISTENING_HISTORY: [record("anna", "2025-12-04T10:00", "Song", ms_played=9_000)]})

    assert lake.run()[MOOD_FORECAST.full_name] == "nothing_new"
    assert lake.differences() == {}


def test_a_month_whose_records_were_deleted_by_hand_goes(engine: Engine, tmp_path: Path) -> None:
    lake = GrownLake(engine, tmp_path, steps(LISTENING_WITH_FEATURES))
    lake.add(
        {
            LISTENING_HISTORY: [
                record("anna", "2025-11-01T10:00", "One"),
                record("anna", "2025-12-02T10:00", "Other"),
            ]
        }
    )
    lake.run()

    delta_rs.delete(LISTENING_HISTORY.path(lake.path), "played_month = '2025-11'")
    lake.run()

    assert lake.differences() == {}
    assert affected(lake, LISTENING_WITH_FEATURES) == {"anna": ["2025-11"]}


def test_what_is_left_without_any_record_is_emptied(engine: Engine, tmp_path: Path) -> None:
    lake = GrownLake(engine, tmp_path)
    lake.add({LISTENING_HISTORY: [record("anna", "2025-11-01T10:00", "One")]})
    lake.run()

    delta_rs.delete(LISTENING_HISTORY.path(lake.path), "true")
    lake.run()

    assert lake.differences() == {}
    assert one(lake.path, "SELECT count(*) FROM silver.tracks") == 0


def test_nothing_computed_of_somebody_with_rows_is_refused_and_full_has_it(
    engine: Engine, tmp_path: Path
) -> None:
    lake = GrownLake(engine, tmp_path, steps(LISTENING_WITH_FEATURES))
    podcast = {"media_type": "episode", "track_name": "An episode"}
    lake.add(
        {
            LISTENING_HISTORY: [
                record("anna", "2025-11-01T10:00", "One"),
                record("anna", "2025-11-02T10:00", "An episode") | podcast,
                record("ben", "2025-11-01T10:00", "One"),
            ]
        }
    )
    lake.run()
    before = newest_commit(LISTENING_WITH_FEATURES.path(lake.path)).version
    (step,) = (each for each in STEPS if each.table is LISTENING_WITH_FEATURES)

    music_of_anna = "user_id = 'anna' AND media_type = 'track'"
    delta_rs.delete(LISTENING_HISTORY.path(lake.path), music_of_anna)
    with (
        lake.open(lake.path) as held,
        pytest.raises(EmptiedError, match=r"for anna, who has 1 rows.*run again with --full"),
    ):
        step.run(held, rebuild=False)

    assert newest_commit(LISTENING_WITH_FEATURES.path(lake.path)).version == before
    with lake.open(lake.path) as held:
        assert step.run(held, rebuild=True).status == "written"
    assert query(lake.path, "SELECT user_id FROM silver.listening_with_features") == [("ben",)]


def test_a_play_moves_to_the_month_in_which_a_better_record_ends(
    engine: Engine, tmp_path: Path
) -> None:
    lake = GrownLake(engine, tmp_path, steps(DAILY_LISTENING_SUMMARY))
    from_api: Row = {"source": "api", "ms_played": None, "duration_ms": 60_000}
    lake.add(
        {
            LISTENING_HISTORY: [
                record("anna", "2025-12-01T00:00:30", "Song", **from_api),
                record("anna", "2025-10-05T10:00", "Other"),
            ]
        }
    )
    lake.run()

    lake.add({LISTENING_HISTORY: [record("anna", "2025-11-30T23:59:50", "Song")]})
    lake.run()

    assert lake.differences() == {}
    assert affected(lake, LISTENING_WITH_FEATURES) == {"anna": ["2025-11", "2025-12"]}


def test_a_new_day_of_somebody_settles_genres_for_others(engine: Engine, tmp_path: Path) -> None:
    lake = GrownLake(engine, tmp_path, steps(DAILY_LISTENING_SUMMARY))
    lake.add(
        {
            LISTENING_HISTORY: [
                record("anna", "2025-12-01T10:00", "Song", artist_name="Nobody"),
                record("anna", "2025-12-02T10:00", "Song"),
                record("ben", "2025-12-01T10:00", "Song"),
                record("ben", "2025-12-02T10:00", "Song", artist_name="NOBODY"),
            ]
        }
    )
    lake.run()
    written = "SELECT artist_name FROM silver.artist_genres WHERE artist_key = 'nobody'"
    assert query(lake.path, written) == [("Nobody",)]

    lake.add({LISTENING_HISTORY: [record("ben", "2025-12-03T10:00", "Song")]})
    lake.run()

    assert lake.differences() == {}
    assert query(lake.path, written) == [("NOBODY",)]


def measured(number: int) -> Row:
    """Return features by which even numbers sound unlike odd ones."""
    base = 0.2 + 0.6 * (number % 2) + number % 50 / 500
    row: Row = dict.fromkeys(FEATURE_NAMES)
    return row | {
        **dict.fromkeys(UNIT_INTERVAL_FEATURES, base),
        "loudness": -10 - 5.0 * (number % 2),
        "tempo": 120.0,
        "track_id": f"id {number}",
        "track_name": f"Song {number}",
        "artist_name": "Somebody",
        "source": "reccobeats",
        "status": "ok",
        "fetched_at": NOW,
    }


def test_the_mood_model_changes_with_the_month_for_everybody(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a fit of a model of hundreds of tracks takes seconds.
    for name in ("MIN_TRACKS", "SILHOUETTE_SHUFFLES"):
        monkeypatch.setattr(f"gold.mood.mood_fit.{name}", 19)
    for name in ("STARTS", "BOOTSTRAPS", "BOOTSTRAP_STARTS", "STABILITY_SHUFFLES"):
        monkeypatch.setattr(f"gold.mood.mood_fit.{name}", 2)
    tables = (MOOD_CLUSTER_PROFILES, MOOD_CLUSTERS)
    lake = GrownLake(engine, tmp_path, steps(*tables))
    at = datetime(2025, 10, 3)
    plays = [
        record(person, f"{at + timedelta(days=number)}", f"Song {number}", f"id {number}")
        for number in range(60)
        for person in ("anna", "ben")
        if number != 59 or person == "anna"
    ]
    lake.add({LISTENING_HISTORY: plays, MY_TRACKS_FEATURES: map(measured, range(70))})
    lake.run()
    model = "SELECT DISTINCT sample_fingerprint, n_fitted, k FROM gold.mood_cluster_profiles"
    ((_, fitted, clusters),) = first = query(lake.path, model)
    assert fitted == 59 and clusters >= 4

    # A new track of the newest month waits for the next month: the model stands.
    lake.add({LISTENING_HISTORY: [record("ben", "2025-12-05T10:00", "Song 61", "id 61")]})
    lake.run()

    assert query(lake.path, model) == first
    assert all(list(affected(lake, each) or ()) == ["ben"] for each in tables)
    assert lake.differences() == {}

    lake.add({LISTENING_HISTORY: [record("ben", "2026-01-01T10:00", "Song 61", "id 61")]})
    lake.run()

    assert query(lake.path, model) != first
    assert list(affected(lake, MOOD_CLUSTER_PROFILES) or ()) == ["anna", "ben"]
    # Clusters keep their identities over models, so a rebuild must know the one that stands.
    assert lake.differences(of_standing=True) == {}
