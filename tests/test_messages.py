"""What a person reads when something fails: one line that is true, never a traceback."""

import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
import typer
from typer.testing import CliRunner

import main
import run_ingestion
from cli.console import exit_code_from, exit_codes
from config.run_id import RUN_ID_VARIABLE
from config.settings import SettingsError, load_settings
from engines.spark_session import driver_memory
from incremental.results import StepTimer
from pipeline import RunOutcome
from tests.export_samples import extended, write_json
from tests.lakes import FEW_STEPS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def environment(clean_environment: None) -> None:
    """No setting of the developer's."""


def fail(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError(" \n ")


class PanicException(BaseException):
    """As Rust's panics reach Python."""


def panic(*_: object, **__: object) -> NoReturn:
    raise PanicException("called `Option::unwrap()` on a `None` value")


def run(*arguments: object) -> tuple[int, str]:
    write_json(Path("lake/exports/endsong_0.json"), [extended()])
    flags = ["--data-dir", "lake", "--no-api", *map(str, arguments)]
    result = CliRunner().invoke(run_ingestion.app, flags, obj=FEW_STEPS)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("place", "failure", "text"),
    [
        ("pipeline.import_exports", fail, "ZeroDivisionError"),
        ("pipeline.import_exports", panic, "called `Option::unwrap()`"),
        ("run_ingestion.known_exports", fail, "ZeroDivisionError"),
        ("run_ingestion.find_exports_of_people", panic, "called `Option::unwrap()`"),
    ],
)
def test_what_nobody_foresaw_is_a_line_and_its_traceback_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, place: str, failure: object, text: str
) -> None:
    monkeypatch.setattr(place, failure)

    code, said = run()

    assert code == 1
    assert "Traceback" not in said
    assert text in said
    (log,) = Path("lake/logs").iterdir()
    assert f"(details: {log})" in said
    assert "Traceback (most recent call last)" in log.read_text()


def test_the_log_bears_the_name_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_ID_VARIABLE, "run-7")
    monkeypatch.setattr("pipeline.import_exports", fail)

    run()

    assert [each.name for each in Path("lake/logs").iterdir()] == ["run-7.log"]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("bronze.listening_history_bronze (api)", "nothing else depends on it"),
        ("library (api)", "nothing else depends on it"),
        ("ops.checks", "do not agree"),
        ("ops.pipeline_runs", "all tables are up to date"),
        ("silver.tracks", "the next run continues from it"),
    ],
)
def test_what_a_failed_step_means_for_the_rest_is_reported(
    monkeypatch: pytest.MonkeyPatch, step: str, text: str
) -> None:
    outcome = RunOutcome("run", [StepTimer(step).result("failed", error="no")])
    monkeypatch.setattr("run_ingestion.run_pipeline", lambda *_, **__: outcome)

    code, said = run()

    assert code == 1
    (line,) = (each for each in said.splitlines() if each.startswith("failed"))
    assert text in line
    assert ("is complete" in line) == (step == "silver.tracks")


COMMANDS = [
    ["test"],
    ["login"],
    ["stats"],
    ["export", "--table", "silver.tracks"],
    ["sql", "SELECT 1"],
    ["doctor"],
    ["backfill", "--days", "3"],
    ["maintain"],
    ["run-once"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda each: each[0])
def test_no_command_shows_a_traceback(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    of_commands = {each.callback.__module__ for each in main.app.registered_commands}
    for module in (
        *of_commands,
        "cli.console",
        "cli.lakes",
        "run_ingestion",
        "report.connection_checks",
    ):
        for name in ("load_settings", "checks"):
            monkeypatch.setattr(f"{module}.{name}", fail, raising=False)

    result = CliRunner().invoke(main.app, [*arguments, "--data-dir", "lake"])

    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "ZeroDivisionError (details: lake/logs/" in result.output


def test_the_scheduler_and_scripts_show_none_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_from(fail) == 1

    said = capsys.readouterr().err
    assert said.startswith("ZeroDivisionError (details: data/logs/")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "script",
    [
        "generate_synthetic_audio_features.py",
        "populate_missing_features.py",
        "build_silver_listening_with_features.py",
    ],
)
def test_a_script_on_a_file_in_place_of_the_lake_ends_in_one_line(script: str) -> None:
    Path("data").write_text("in the way", encoding="utf-8")
    flags = ["--history-path", "x", "--out-path", "y"] if script.startswith("build") else []

    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, *flags],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_interruption_is_reported_and_has_its_own_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended, exit_codes():
        raise KeyboardInterrupt

    assert ended.value.exit_code == 130
    assert "interrupted" in capsys.readouterr().err


def test_settings_that_cannot_be_read_are_named() -> None:
    Path(".env").write_bytes(b"USER_ID=M\xfcller\n")

    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load_settings()


@pytest.mark.parametrize("name", ["MEMORY_LIMIT", "SPARK_DRIVER_MEMORY"])
@pytest.mark.parametrize(
    ("value", "heap"),
    [("4GB", "4g"), ("4g", "4g"), ("1.5GB", "1536m"), ("2 GiB", "2g"), ("512m", "512m")],
)
def test_the_cure_for_memory_is_taken_from_the_file(name: str, value: str, heap: str) -> None:
    Path(".env").write_text(f"{name}={value}\n", encoding="utf-8")

    settings = load_settings()

    assert settings.memory_limit == value
    assert driver_memory(settings.memory_limit, 0) == heap
    # What DuckDB says of it.
    from engines.duckdb_engine import DuckDBEngine

    DuckDBEngine(Path("lake"), memory_limit=value).close()
