"""What the command line says and how it ends when something is wrong from the start."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import RunOutcome
from run_ingestion import app
from tests.export_samples import extended, write_json
from writers.lake_lock import lake_lock

pytestmark = pytest.mark.usefixtures("clean_environment")


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    return result.exit_code, " ".join(result.output.split())


def test_a_path_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    code, said = invoke("--data-dir", tmp_path, "--exports", tmp_path / "nothing.zip")

    assert code == 2
    assert "nothing.zip does not exist" in said


def test_an_unknown_flag_is_wrong_use() -> None:
    code, said = invoke("--exprots", "x")

    assert code == 2
    assert "--exports" in said


def test_a_wrong_setting_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Mars")

    code, said = invoke("--no-api")

    assert code == 2
    assert "TIMEZONE='Mars' is wrong" in said


def test_a_lake_that_another_run_holds_ends_with_three(tmp_path: Path) -> None:
    exports = write_json(tmp_path / "endsong_0.json", [extended()])

    with lake_lock(tmp_path / "lake"):
        code, said = invoke("--data-dir", tmp_path / "lake", "--exports", exports)

    assert code == 3
    assert "another run holds the lake" in said


def test_a_data_folder_that_cannot_be_made_is_named_with_the_cure(tmp_path: Path) -> None:
    exports = write_json(tmp_path / "endsong_0.json", [extended()])
    (tmp_path / "file").write_text("in the way")

    code, said = invoke("--data-dir", tmp_path / "file" / "lake", "--exports", exports)

    assert code == 2
    assert "DATA_DIR" in said
    assert "cannot be written" in said


def test_spark_that_is_not_installed_is_named_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = write_json(tmp_path / "endsong_0.json", [extended()])
    monkeypatch.setenv("ENGINE", "spark")
    monkeypatch.setattr("engines.choice.find_spec", lambda name: None)

    code, said = invoke("--data-dir", tmp_path / "lake", "--exports", exports)

    assert code == 2
    assert "make setup-spark" in said
    assert not (tmp_path / "lake" / "bronze").exists()


@pytest.mark.spark
def test_a_missing_java_ends_the_run_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = write_json(tmp_path / "endsong_0.json", [extended()])
    monkeypatch.setenv("ENGINE", "spark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "no-java"))

    code, said = invoke("--data-dir", tmp_path / "lake", "--exports", exports)

    assert code == 2
    assert "install Java 17" in said
    assert not (tmp_path / "lake" / "bronze").exists()


def test_a_demo_never_asks_for_a_persons_own_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENT_ID", "an-id")
    monkeypatch.setenv("CLIENT_SECRET", "a-secret")
    monkeypatch.setenv("SPOTIFY_REFRESH_TOKEN", "a-token")
    asked_with: list[object] = []

    def only_look(*arguments: object, **_: object) -> RunOutcome:
        asked_with.extend(arguments[4:])
        return RunOutcome("run")

    monkeypatch.setattr("run_ingestion.run_pipeline", only_look)

    code, said = invoke("--demo", "--data-dir", tmp_path)

    assert code == 0, said
    assert asked_with == [None, None]


def test_a_demo_in_a_folder_that_cannot_be_made_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    code, said = invoke("--data-dir", tmp_path / "file" / "lake", "--demo")

    assert code == 2
    assert "cannot be written" in said
