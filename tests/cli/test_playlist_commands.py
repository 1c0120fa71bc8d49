"""What the commands about playlists print, write and refuse."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from main import app
from schemas.silver_schemas import TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import track, write_rule
from tests.report.small_lakes import put
from tests.report.small_lakes import track as heard_track

LONG = "A title that is longer than any terminal is wide, " * 4 + "[bold]and then some[/bold]"


@pytest.fixture(autouse=True)
def environment(clean_environment: None) -> None:
    """No setting of the machine."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    rows = [
        track(LONG, counted_plays=9, heard_ms=60_000),
        track("Other", counted_plays=7),
        track("Once", counted_plays=1),
    ]
    put(tmp_path, UNIFIED_TRACKS, rows)
    return tmp_path


def run(data_dir: Path, *arguments: object) -> Result:
    words = ["playlists", *map(str, arguments), "--data-dir", str(data_dir)]
    return CliRunner().invoke(app, words)


def test_rules_are_listed_with_those_that_are_wrong(data_dir: Path) -> None:
    comment = "A comment that is long. " * 20
    mine = {"name": "[x]", "comment": comment, "all": [{"gt": {"plays": 1}}]}
    path = write_rule(data_dir, "mine", mine)
    wrong = write_rule(data_dir, "wrong", {"all": [{"gt": {"plajs": 1}}]})
    result = run(data_dir, "list")

    assert result.exit_code == 0
    (line,) = [each for each in result.output.splitlines() if each.strip().startswith("mine")]
    assert line.split("  ")[1:] != []
    assert comment.strip() in line and "[x]" in line and str(path) in line
    assert "rediscover" in result.output
    assert f"{wrong}: all[0]: there is no field plajs: the nearest is plays" in result.output


def test_a_preview_shows_tracks_and_why_and_cuts_nothing(data_dir: Path) -> None:
    result = run(data_dir, "preview", "Most Played")

    assert result.exit_code == 0, result.output
    assert LONG in result.output
    assert "9 plays, 1 min heard" in result.output
    assert "2 tracks\n" in result.output
    assert "Once" not in result.output


def test_a_preview_for_other_programs_is_the_tracks_alone(data_dir: Path) -> None:
    rows = csv.DictReader(
        StringIO(run(data_dir, "preview", "most-played", "--format", "csv").stdout[1:])
    )
    found = json.loads(run(data_dir, "preview", "most-played", "--format", "json").stdout)

    assert [each["track"] for each in rows] == [LONG, "Other"]
    assert [each["title"] for each in found["tracks"]] == [LONG, "Other"]
    assert run(data_dir, "preview", "most-played", "--format", "m3u8").stdout.startswith("#EXTM3U")


def test_a_file_is_of_the_format_that_its_name_says(data_dir: Path) -> None:
    result = run(data_dir, "preview", "most-played", "--out", data_dir / "x.XSPF")

    assert (result.exit_code, result.output) == (0, f"2 tracks in {data_dir / 'x.XSPF'}\n")
    assert (data_dir / "x.XSPF").read_text().startswith("<?xml")
    wrong = run(data_dir, "preview", "most-played", "--out", data_dir / "x.txt")
    assert (wrong.exit_code, wrong.output) == (
        2,
        f"{data_dir / 'x.txt'}: give --format, or a name that ends in .csv, .m3u8, .xspf, .json\n",
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["most-plaid"], "most-plaid: there is no such rule: the nearest is most-played"),
        (["most-played", "--user", "you"], "no plays of USER_ID=you in "),
    ],
)
def test_what_is_wrong_is_one_line(data_dir: Path, arguments: list[str], line: str) -> None:
    result = run(data_dir, "preview", *arguments)

    assert result.exit_code == 2
    assert result.output.startswith(line)
    assert result.output.count("\n") == 1


def test_a_lake_without_the_table_of_tracks_says_what_makes_it(tmp_path: Path) -> None:
    put(tmp_path, TRACKS, [heard_track()])
    result = run(tmp_path, "preview", "most-played")

    assert (result.exit_code, result.output) == (
        2,
        f"silver.unified_tracks is not in {tmp_path} yet: start a run (make run)\n",
    )
