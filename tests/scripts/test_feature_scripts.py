"""The commands for single steps do what they say, and the next run finds nothing to repair."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from engines.engine import Engine
from scripts import build_silver_listening_with_features as build_silver
from scripts import generate_synthetic_audio_features as generate
from scripts import populate_missing_features as populate
from tests.delta_rs import delete, read
from tests.export_samples import extended, write_json
from tests.lakes import FEW_STEPS, query, rows_of, run, statuses

CATALOGUE = "bronze.kaggle_tracks_bronze"
SYNTHETIC = "bronze.my_tracks_features_bronze_synthetic"
SILVER = "silver.listening_with_features"
COLUMNS = (
    ",track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,"
    "key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
    "time_signature,track_genre"
)


def catalogue(path: Path, rows: dict[str, tuple[str, float]]) -> Path:
    """Write a catalogue of tracks by title: the artist and the valence of each."""
    lines = [
        f"{n},{title:0<22},{artist},Album,{title},50,180000,False,0.5,0.6,1,-7.0,1,0.05,0.2,0.1,0.1,"
        f"{valence},120.0,4,pop"
        for n, (title, (artist, valence)) in enumerate(rows.items())
    ]
    path.write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def after_a_run(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake of three tracks, one of them in the catalogue; tests get copies of it."""
    folder = tmp_path_factory.mktemp("features")
    export = [
        extended(ts=f"2024-03-0{n}T12:00:00Z", track=title, artist=artist, track_id=None)
        for n, (title, artist) in enumerate(
            (("One", "Abba"), ("Two", "Abba"), ("Three", "Zappa")), start=1
        )
    ]
    exports = [write_json(folder / "endsong_0.json", export)]
    csv = catalogue(folder / "one.csv", {"One": ("Abba", 0.9), "Donor": ("Abba", 0.4)})
    run(engine, folder / "lake", exports, csv)
    return folder / "lake"


@pytest.fixture
def lake(after_a_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the lake; no other settings count."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEMORY_LIMIT", "1GB")
    return Path(shutil.copytree(after_a_run, tmp_path / "lake"))


def call(command: Callable[..., None], *args: Any, **options: Any) -> int:
    with pytest.raises(typer.Exit) as ended:
        command(*args, **options)
    return int(ended.value.exit_code)


def synthetic_tracks(lake: Path) -> set[str]:
    return {key for (key,) in query(lake, f"SELECT track_key FROM {SYNTHETIC}")}


def test_missing_features_are_made_and_the_next_run_has_nothing_to_do(
    engine: Engine, lake: Path
) -> None:
    made = rows_of(lake, SYNTHETIC)
    delete(bronze(lake, SYNTHETIC.partition(".")[2]), "track_key = 'abba|two'")
    assert synthetic_tracks(lake) == {"zappa|three"}

    assert call(populate.populate, data_dir=lake, steps=FEW_STEPS) == 0

    assert rows_of(lake, SYNTHETIC) == made
    assert query(lake, f"SELECT count(*) FROM {SILVER} WHERE valence IS NULL") == [(0,)]
    assert set(statuses(run(engine, lake, [])).values()) == {"nothing_new"}


def test_features_that_are_out_of_date_are_not_taken_for_current(
    engine: Engine, lake: Path, tmp_path: Path
) -> None:
    """The catalogue gains a donor, and a run dies before synthetic features follow."""
    csv = catalogue(tmp_path / "more.csv", {"Other": ("Zappa", 0.2), "More": ("Abba", 0.1)})
    run(engine, lake, [], csv, steps=())
    before = rows_of(lake, SYNTHETIC)

    assert call(populate.populate, data_dir=lake, steps=FEW_STEPS) == 0

    repaired = rows_of(lake, SYNTHETIC)
    run(engine, lake, [], rebuild=True)
    assert repaired != before
    assert rows_of(lake, SYNTHETIC) == repaired


def test_all_makes_features_for_every_track_and_runs_keep_to_it(engine: Engine, lake: Path) -> None:
    few, every = {"abba|two", "zappa|three"}, {"abba|one", "abba|two", "zappa|three"}
    assert synthetic_tracks(lake) == few

    assert call(generate.generate, data_dir=lake, steps=FEW_STEPS, every=True) == 0
    assert synthetic_tracks(lake) == every
    assert set(statuses(run(engine, lake, [])).values()) == {"nothing_new"}
    run(engine, lake, [], rebuild=True)
    assert synthetic_tracks(lake) == every
    run(engine, lake, [], feature_preference=["synthetic", "kaggle"])
    sources = f"SELECT DISTINCT feature_source FROM {SILVER}"
    assert query(lake, sources) == [("synthetic",)]

    assert call(generate.generate, data_dir=lake, steps=FEW_STEPS, every=False) == 0
    assert synthetic_tracks(lake) == few
    run(engine, lake, [])
    assert synthetic_tracks(lake) == few


@pytest.mark.parametrize("command", [populate.main, generate.main])
def test_where_synthetic_features_are_switched_off_it_is_said(
    lake: Path,
    command: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ALLOW_SYNTHETIC", "false")
    options = {"every": True} if command is generate.main else {}

    assert call(command, data_dir=lake, **options) == 2

    assert "ALLOW_SYNTHETIC=true" in capsys.readouterr().err


def bronze(lake: Path, table: str) -> Path:
    return lake / "bronze" / table


def test_silver_built_by_hand_is_that_of_a_run(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere" / "silver"
    paths: dict[str, Path] = {
        "history_path": bronze(lake, "listening_history_bronze"),
        "synthetic_features_path": bronze(lake, "my_tracks_features_bronze_synthetic"),
        "kaggle_features_path": bronze(lake, "kaggle_tracks_bronze"),
    }

    build_silver.main(out_path=out, **paths)
    build_silver.main(out_path=out, **paths)

    def rows(path: Path) -> list[str]:
        return sorted(str(sorted(row.items())) for row in read(path).to_pylist())

    assert rows(out) == rows(lake / "silver" / "listening_with_features")
    assert len(rows(out)) == 3


def test_a_table_left_out_counts_as_empty(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "silver"

    build_silver.main(history_path=bronze(lake, "listening_history_bronze"), out_path=out)

    rows = read(out).select(["valence"]).to_pylist()
    assert rows == [{"valence": None}] * 3


def test_a_path_that_is_no_table_is_named(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        build_silver.main(history_path=tmp_path / "nowhere", out_path=tmp_path / "silver")

    assert ended.value.exit_code == 2
    assert f"{tmp_path / 'nowhere'} is no Delta table" in capsys.readouterr().err
