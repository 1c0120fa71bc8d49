"""What the commands print and how they end."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import typer
from typer.testing import CliRunner

from cli.console import exit_codes
from clients.auth.token_file import TOKEN_FILE
from clients.errors import ApiError, SignInError
from config.settings import DEMO_FOLDER
from config.version import VERSION
from demo.clock import Clock
from demo.music import Music
from demo.spotify_account import Account
from demo.spotify_server import SpotifyStandIn
from ingestion.api_state import ApiState, save_state
from main import app
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from tests.export_samples import extended, write_json
from tests.report.small_lakes import at, play, put, step, track
from writers.lake_lock import lake_lock

ROOT = Path(__file__).resolve().parents[1]
CREDENTIALS = {"CLIENT_ID": "demo-client", "CLIENT_SECRET": "demo-secret"}


@pytest.fixture(autouse=True)
def environment(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # No test asks a service of the world outside.
    monkeypatch.setenv("ENRICH", "none")


def invoke(*arguments: object, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(each) for each in arguments], env=environment)
    return result.exit_code, " ".join(result.output.split())


def small_lake(data_dir: Path) -> Path:
    put(data_dir, LISTENING_WITH_FEATURES, [play(at(1)), play(at(2))])
    put(data_dir, TRACKS, [track(plays=2)])
    put(data_dir, PIPELINE_RUNS, [step("silver.tracks", at(3))])
    return data_dir


def test_no_command_lists_them() -> None:
    _, said = invoke()

    for command in (
        "test",
        "login",
        "stats",
        "doctor",
        "run-once",
        "run-continuous",
        "backfill",
        "maintain",
    ):
        assert f"│ {command} " in said


def test_version_is_printed_and_shown_by_doctor(tmp_path: Path) -> None:
    small_lake(tmp_path)

    assert invoke("--version") == (0, f"Soundlake {VERSION}")
    code, said = invoke("doctor", "--data-dir", tmp_path)
    assert (code, f"version Soundlake {VERSION}" in said) == (0, True)


def test_test_ends_well_without_credentials(tmp_path: Path) -> None:
    code, said = invoke("test", "--data-dir", tmp_path)

    assert code == 0
    assert "· credentials CLIENT_ID and CLIENT_SECRET not set: exports only" in said
    assert "✗" not in said


def test_test_ends_with_one_where_a_setting_is_wrong() -> None:
    code, said = invoke("test", TIMEZONE="Mars")

    assert code == 1
    assert "✗ settings TIMEZONE='Mars' is wrong" in said
    assert "1 of these must be fixed" in said


def test_test_ends_with_one_where_nobody_is_signed_in(tmp_path: Path) -> None:
    code, said = invoke("test", "--data-dir", tmp_path, **CREDENTIALS)

    assert code == 1
    assert "✗ sign-in nobody is signed in" in said


def test_stats_shows_the_lake_of_the_setting(tmp_path: Path) -> None:
    code, said = invoke("stats", DATA_DIR=str(small_lake(tmp_path / "lake")))

    assert code == 0
    assert "Song Artist 2 0.1" in said
    assert "Where the audio features come from" in said


@pytest.mark.parametrize("command", ["stats", "doctor"])
def test_the_simulated_account_is_shown_where_there_is_no_other_and_named(
    tmp_path: Path, command: str
) -> None:
    small_lake(tmp_path / DEMO_FOLDER)

    code, said = invoke(command, "--data-dir", tmp_path)
    code_with_credentials, refused = invoke(command, "--data-dir", tmp_path, **CREDENTIALS)

    assert code == 0
    assert "There is only the simulated account" in said
    assert code_with_credentials == 2
    assert "no lake in" in refused


@pytest.mark.parametrize("command", ["stats", "doctor"])
def test_a_lake_that_is_not_there_is_wrong_use(tmp_path: Path, command: str) -> None:
    code, said = invoke(command, "--data-dir", tmp_path)

    assert code == 2
    assert "no lake in" in said
    assert "make run" in said


def test_stats_of_a_person_without_plays_names_those_who_have_some(tmp_path: Path) -> None:
    code, said = invoke("stats", "--data-dir", small_lake(tmp_path), USER_ID="anna")

    assert code == 2
    assert "no plays of USER_ID=anna" in said
    assert "set it to one of 1 people, such as me" in said


def test_stats_of_a_lake_without_plays_says_so(tmp_path: Path) -> None:
    put(tmp_path, PIPELINE_RUNS, [step("silver.tracks", at(3))])

    code, said = invoke("stats", "--data-dir", tmp_path)

    assert code == 2
    assert "no plays in" in said


def test_export_writes_a_table_and_names_what_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [track("One", "X")])

    done, said = invoke("export", "--table", "tracks", "--data-dir", tmp_path, "--pseudonymise")

    assert done == 0
    assert "1 rows in" in said
    assert "left out, as it identifies the person: person_group" in said
    assert (tmp_path / "exported" / "tracks.csv").read_text().startswith("user_id,track_key")


def test_export_of_an_unknown_table_is_wrong_use(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [track("One", "X")])

    done, said = invoke("export", "--table", "nothing", "--data-dir", tmp_path)

    assert done == 2
    assert "gold.mood_clusters" in said


def test_doctor_shows_the_lake_and_what_to_do(tmp_path: Path) -> None:
    save_state(tmp_path, "me", ApiState(last_poll_at=at(4)), at(4))

    code, said = invoke("doctor", "--data-dir", small_lake(tmp_path), **CREDENTIALS)

    assert code == 0
    assert "last run with news 2026-03-03 12:00 UTC" in said
    assert "Web API asked on 2026-03-04 12:00 UTC" in said
    assert "→ nobody is signed in at Spotify" in said
    assert "main.py login" in said


def test_run_once_has_the_flags_and_exit_codes_of_a_run(tmp_path: Path) -> None:
    helped, flags = invoke("run-once", "--help")
    exports = write_json(tmp_path / "endsong_0.json", [extended()])
    missing, said = invoke("run-once", "--exports", tmp_path / "nothing.zip")
    with lake_lock(tmp_path / "lake"):
        held, _ = invoke("run-once", "--data-dir", tmp_path / "lake", "--exports", exports)

    assert (helped, missing, held) == (0, 2, 3)
    assert "--exports" in flags
    assert "nothing.zip does not exist" in said


def test_run_continuous_is_the_scheduler() -> None:
    code, _ = invoke("run-continuous", INGEST_INTERVAL_HOURS="often")

    assert code == 2


def test_backfill_says_what_the_api_has_not_and_needs_credentials(tmp_path: Path) -> None:
    code, said = invoke("backfill", "--days", 30, "--data-dir", tmp_path)

    assert code == 2
    assert "shows the last 50 plays and nothing before them" in said
    assert "Account privacy → Download your data → Extended streaming history" in said
    assert "CLIENT_ID and CLIENT_SECRET are not set" in said


@pytest.mark.parametrize("days", [None, 0])
def test_backfill_wants_a_number_of_days(days: int | None) -> None:
    code, said = invoke("backfill", *([] if days is None else ["--days", days]))

    assert code == 2
    assert "--days" in said


def test_backfill_is_one_whole_run_and_counts_the_days_with_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = small_lake(tmp_path)
    asked: list[tuple[bool, str]] = []
    run = typer.Typer()

    @run.command()
    def one(full: bool = False, data_dir: str = "") -> None:
        asked.append((full, data_dir))
        raise typer.Exit(1)

    monkeypatch.setattr("run_ingestion.app", run)
    code, said = invoke("backfill", "--days", 36_500, "--data-dir", lake, **CREDENTIALS)

    assert asked == [(True, str(lake))]
    assert code == 1
    assert "plays on 2 of the last 36,500 days" in said


def test_login_needs_credentials(tmp_path: Path) -> None:
    code, said = invoke("login", "--data-dir", tmp_path)

    assert code == 2
    assert "CLIENT_ID and CLIENT_SECRET are not set" in said


def test_login_shows_an_address_and_waits_for_its_answer(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        redirect_uri = f"http://127.0.0.1:{free.getsockname()[1]}/callback"
    with SpotifyStandIn(Account(Music([])), Clock(at(1))) as stand_in:
        stand_in.accounts.redirect_uris = {redirect_uri}
        environment = {
            **os.environ,
            **CREDENTIALS,
            "REDIRECT_URI": redirect_uri,
            "SPOTIFY_ACCOUNTS_URL": stand_in.url,
        }
        environment.pop("DISPLAY", None)
        process = subprocess.Popen(
            [sys.executable, ROOT / "main.py", "login", "--data-dir", tmp_path / "lake"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        address = next(line for line in process.stdout if "/authorize?" in line).strip()
        requests.get(address, timeout=10)
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert re.search(r"signed in until \d{4}-\d\d-\d\d", said)
    assert (tmp_path / "lake" / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("error", "code"), [(SignInError("sign in"), 2), (ApiError("no answer", 503), 1)]
)
def test_errors_of_the_services_end_in_one_line(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, exit_codes():
        raise error

    assert ended.value.exit_code == code
    assert capsys.readouterr().err == f"{error}\n"


def test_the_light_commands_import_neither_clients_nor_pandas(tmp_path: Path) -> None:
    lake = small_lake(tmp_path)
    code = (
        "import sys, main\n"
        "try:\n    main.app(['stats', '--data-dir', sys.argv[1]])\n"
        "finally:\n"
        "    print(sorted({'spotipy', 'requests', 'pandas', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, lake],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"
