"""What backup, restore, rollback and verify print, and how they end."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from main import app
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.silver_schemas import TRACKS
from tests.report.small_lakes import track
from tests.writers.small_backups import commit, content, data_files, grow, record, small_lake
from tests.writers.test_backup import damage
from writers.lake_lock import lake_lock


@pytest.fixture
def lake(clean_environment: None, tmp_path: Path) -> Path:
    return small_lake(tmp_path / "lake")


def invoke(lake: Path, *arguments: object) -> tuple[int, str]:
    flags = [*map(str, arguments), "--data-dir", str(lake)]
    result = CliRunner().invoke(app, flags)
    return result.exit_code, " ".join(result.output.split())


def test_a_backup_is_one_line(lake: Path) -> None:
    (lake / ".spotify_tokens.json").write_text("secret")
    backup = lake.parent / "backup"

    code, said = invoke(lake, "backup", backup)
    assert code == 0
    assert said.startswith("backup: 2 tables, ")
    assert " 0 already there, " in said
    assert not list(backup.rglob(".spotify_tokens.json"))

    code, said = invoke(lake, "backup", backup, "--with-sign-in")
    assert code == 0
    assert said.startswith("backup: 2 tables, 1 files copied (0.0 MB), ")
    assert len(list(backup.rglob(".spotify_tokens.json"))) == 1


def test_a_lake_is_restored_when_asked(lake: Path) -> None:
    before = content(lake)
    invoke(lake, "backup", lake.parent / "backup")
    grow(lake, 3)

    code, said = invoke(lake, "restore", lake.parent / "backup")
    assert code == 2
    assert "with --yes it is moved to a folder .replaced-" in said

    code, said = invoke(lake, "restore", lake.parent / "backup", "--yes")
    assert code == 0
    assert said.startswith("restored the backup of 20")
    assert "the lake that was there is in " in said
    assert content(lake) == before


def test_a_lake_that_a_run_holds_is_left_alone(lake: Path) -> None:
    invoke(lake, "backup", lake.parent / "backup")
    with lake_lock(lake):
        for command in (
            ("backup", lake.parent / "backup"),
            ("restore", lake.parent / "backup", "--yes"),
            ("rollback", "--table", TRACKS.full_name, "--to", 0),
            ("verify",),
        ):
            code, said = invoke(lake, *command)
            assert (code, "another run holds the lake" in said) == (3, True)


def test_a_damaged_backup_is_a_line(lake: Path) -> None:
    invoke(lake, "backup", lake.parent / "backup")
    (backup,) = (lake.parent / "backup").glob("lake-*")
    damage(data_files(backup)[0])

    code, said = invoke(lake.parent / "fresh", "restore", lake.parent / "backup")

    assert code == 1
    assert said.startswith("the backup is damaged: ")
    assert said.endswith("nothing was restored")


def test_a_table_is_brought_back(lake: Path) -> None:
    then = commit(lake, TRACKS, [track("One")], "overwrite")
    commit(lake, TRACKS, [track("One"), track("Two"), track("Three")], "overwrite")

    code, said = invoke(lake, "rollback", "--table", "silver.tracks", "--to", then)

    assert code == 0
    assert f"is as in version {then} again, as version {then + 2}: 1 rows instead of 3" in said
    assert "The next run keeps it where its inputs" in said


def test_records_are_let_go_when_asked_alone(lake: Path) -> None:
    then = commit(lake, LISTENING_HISTORY, [record(3)])
    commit(lake, LISTENING_HISTORY, [record(4)])
    arguments = ("rollback", "--table", LISTENING_HISTORY.full_name, "--to", then)

    code, said = invoke(lake, *arguments)
    assert code == 2
    assert "1 of the 4 rows" in said and "--yes lets them go" in said

    code, said = invoke(lake, *arguments, "--yes")
    assert code == 0
    assert "3 rows instead of 4, 1 of them gone" in said
    assert "read again by `run_ingestion.py --full` alone" in said


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("yesterday", "is neither a version nor a time"),
        ("99", "there are, the newest first"),
        ("1999-01-01", "has no version of 1999-01-01 00:00 UTC"),
    ],
)
def test_a_version_that_is_not_there_is_a_line(lake: Path, to: str, message: str) -> None:
    code, said = invoke(lake, "rollback", "--table", TRACKS.full_name, "--to", to)

    assert (code, message in said) == (2, True), said


def test_an_unknown_table_is_a_line(lake: Path) -> None:
    code, said = invoke(lake, "rollback", "--table", "silver.track", "--to", "1")

    assert (code, "silver.track" in said) == (2, True)


def test_a_sound_lake_is_said_to_be_sound(lake: Path) -> None:
    invoke(lake, "backup", lake.parent / "backup")

    code, said = invoke(lake, "verify", "--against", lake.parent / "backup")

    assert (code, said) == (0, "2 files with 4 rows in the tables: nothing to report")


def test_every_finding_is_a_line_and_the_exit_code_says_so(lake: Path) -> None:
    invoke(lake, "backup", lake.parent / "backup")
    damage(data_files(lake)[0])
    commit(lake, TRACKS, [track("Two"), track("Two")], "overwrite")

    code, said = invoke(lake, "verify", "--against", lake.parent / "backup")

    assert code == 1
    assert "is damaged: its checksum differs" in said
    assert "silver.tracks fails its check key_unique" in said
    assert "2 findings" in said
