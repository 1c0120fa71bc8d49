"""A first run that finds nothing of use ends at once, with one line that says what to give."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from demo.catalogue import make_catalogue, write_catalogue
from demo.clock import Clock
from demo.music import Music
from demo.spotify_account import Account
from demo.spotify_faults import Fault
from demo.spotify_server import SpotifyStandIn
from pipeline import RunOutcome
from run_ingestion import app
from tests.export_samples import extended, write_json, write_zip
from tests.lakes import FEW_STEPS, one
from tests.stand_ins import as_environment, signed_in

CURE = "put the zip that Spotify sent you"


@pytest.fixture(autouse=True)
def environment(
    clean_environment: None, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENRICH", "none")


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments], obj=FEW_STEPS)
    return result.exit_code, result.output


def no_demo(folder: Path) -> None:
    raise AssertionError(f"a simulated account in {folder}")


def put(exports: Path, kind: str) -> None:
    exports.mkdir(parents=True)
    match kind:
        case "technical.zip":
            write_zip(exports / kind, {"Spotify Technical Log Information/a.json": [{"b": 1}]})
        case "endsong_0.json":
            write_json(exports / kind, [])
        case _:
            (exports / kind).write_bytes(b"anything")


@pytest.mark.parametrize(
    "kind", ["history.rar", "history.7z", "notes.txt", "technical.zip", "endsong_0.json"]
)
def test_files_of_no_use_end_the_run_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("demo.account.make_demo", no_demo)
    put(tmp_path / "lake" / "exports", kind)
    code, said = invoke("--data-dir", tmp_path / "lake")

    assert code == 0, said
    (line,) = (each for each in said.splitlines() if "nothing to import" in each)
    assert kind in line
    assert CURE in line
    assert "Traceback" not in said
    assert "does not exist" not in said
    assert "✗" not in said
    # It stays so, and the export that comes then is taken.
    assert "nothing to import" in invoke("--data-dir", tmp_path / "lake")[1]
    write_json(tmp_path / "lake" / "exports" / "endsong_1.json", [extended()])
    code, said = invoke("--data-dir", tmp_path / "lake")
    assert code == 0, said
    assert one(tmp_path / "lake", "SELECT count(*) FROM silver.listening_with_features") == 1


def test_an_export_that_is_named_and_of_no_use_is_reported_too(tmp_path: Path) -> None:
    (tmp_path / "my.rar").touch()

    code, said = invoke("--data-dir", tmp_path / "lake", "--exports", tmp_path / "my.rar")

    assert code == 0
    assert "nothing to import: found no streaming history in my.rar" in said


def test_spoken_words_alone_are_kept_and_nothing_is_computed(tmp_path: Path) -> None:
    spoken = extended(
        track=None, artist=None, track_id=None, episode_name="An episode", episode_show_name="Show"
    )
    write_json(tmp_path / "lake" / "exports" / "endsong_0.json", [spoken])

    code, said = invoke("--data-dir", tmp_path / "lake")

    assert code == 0, said
    assert "nothing to import: found 1 file(s) of history without any music" in said
    assert one(tmp_path / "lake", "SELECT count(*) FROM bronze.listening_history_bronze") == 1


@pytest.mark.parametrize("name", [".DS_Store", "desktop.ini", "Thumbs.db", "__MACOSX/._a.json"])
def test_files_of_the_system_are_no_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / "lake" / "exports" / name
    file.parent.mkdir(parents=True)
    file.touch()
    asked: list[Path] = []

    def demo(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(timezone="UTC")

    monkeypatch.setattr("demo.account.make_demo", demo)
    monkeypatch.setattr("run_ingestion.run_pipeline", lambda *_, **__: RunOutcome("run"))

    code, said = invoke("--data-dir", tmp_path / "lake")

    assert code == 0, said
    assert asked == [tmp_path / "lake" / "demo"]
    assert "this is a simulated account" in said


def test_a_catalogue_that_is_named_is_taken_though_there_are_no_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.account.make_demo", no_demo)
    path = tmp_path / "tracks.csv"
    write_catalogue(make_catalogue(n_artists=20, n_tracks=100), path)

    code, said = invoke("--data-dir", tmp_path / "lake", "--catalogue", path)

    assert code == 0, said
    assert "bronze.kaggle_tracks_bronze" in said
    assert "nothing to import: found no file" in said
    assert one(tmp_path / "lake", "SELECT count(*) FROM bronze.kaggle_tracks_bronze") > 0


def test_what_a_demo_does_not_use_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.account.make_demo", lambda _: SimpleNamespace(timezone="UTC"))
    monkeypatch.setattr("run_ingestion.run_pipeline", lambda *_, **__: RunOutcome("run"))
    (tmp_path / "tracks.csv").touch()

    _, said = invoke("--demo", "--data-dir", tmp_path, "--catalogue", tmp_path / "tracks.csv")

    assert "tracks.csv not used: the simulated account brings its own" in " ".join(said.split())


def live(monkeypatch: pytest.MonkeyPatch, fault: Fault | None) -> tuple[int, str]:
    """Carry out a first run on the Web API alone, of an account that has no plays yet."""
    account = Account(Music([]), [])
    with SpotifyStandIn(account, Clock(datetime(2026, 10, 15, 12, tzinfo=UTC))) as stand_in:
        if fault is not None:
            stand_in.faults.add(fault, "/v1", times=99)
        for name, value in as_environment(signed_in(stand_in)).items():
            monkeypatch.setenv(name, value)
        return invoke("--data-dir", "lake")


def test_an_account_without_plays_ends_the_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = live(monkeypatch, None)

    assert code == 0, said
    assert "nothing to import: found no file, and the Web API showed no play" in said
    assert "does not exist" not in said


def test_a_refused_api_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"error": {"status": 403, "message": "User not registered in the Developer Dashboard"}}

    code, said = live(monkeypatch, Fault(403, body=json.dumps(answer)))

    assert code == 1
    assert any("403" in each and "User Management" in each for each in said.splitlines())
    assert "nothing to import" in said
    assert CURE in said
    assert "whole" not in said
    assert "Traceback" not in said
