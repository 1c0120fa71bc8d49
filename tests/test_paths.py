"""Any folder will do, whatever its name, for the lake, for exports and for the project itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from demo.catalogue import make_catalogue, write_catalogue
from main import app as commands
from run_ingestion import app as run
from tests.conftest import ODD_FOLDER
from tests.export_samples import account, extended, write_json, write_zip
from tests.lakes import FEW_STEPS, one

pytestmark = pytest.mark.usefixtures("clean_environment")

ROOT = Path(__file__).resolve().parents[1]


def fill(lake: Path) -> None:
    """Put a zip, a loose file, a person's folder and a catalogue where a run looks for them."""
    plays = [extended(ts=f"2024-03-{day:02}T12:00:00Z", track=f"Song {day % 4}") for day in (1, 2)]
    write_zip(lake / "exports" / "my [data] #1 50%20.zip", {"Müsic/endsong_0.json": plays})
    later = [account("2024-04-01 12:00")]
    write_json(lake / "exports" / "it's [2] 100%" / "StreamingHistory0.json", later)
    (lake / "kaggle").mkdir(parents=True)
    write_catalogue(make_catalogue(n_artists=20, n_tracks=100), lake / "kaggle" / "dataset.csv")


@pytest.mark.parametrize(
    ("name", "is_relative"),
    [("lake #1%", True), ("My%20Music", True), ("100%25 x=1", False), ("it's [*?]", False)],
)
def test_every_command_works_in_a_folder_of_any_name(
    tmp_path: Path, name: str, is_relative: bool
) -> None:
    lake = Path(name) if is_relative else tmp_path / name
    fill(lake)

    first = CliRunner().invoke(run, ["--data-dir", str(lake), "--no-api"], obj=FEW_STEPS)
    assert first.exit_code == 0, first.output
    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == 3
    assert one(lake, "SELECT count(*) FROM bronze.kaggle_tracks_bronze") > 0

    write_json(lake / "exports" / "endsong_1.json", [extended(ts="2024-05-01T10:00:00Z")])
    for arguments in (
        ["stats"],
        ["sql", "SELECT count(*) AS plays FROM silver.listening_with_features", "--format", "csv"],
        ["export", "--table", "silver.tracks", "--format", "parquet", "--pseudonymise"],
        ["doctor"],
        ["maintain"],
        ["run-once", "--no-api"],
    ):
        done = CliRunner().invoke(commands, [*arguments, "--data-dir", str(lake)], obj=FEW_STEPS)
        assert done.exit_code == 0, (arguments, done.output)
    assert one(lake, "SELECT count(*) FROM silver.listening_with_features") == 4


def test_the_project_itself_works_in_a_folder_of_any_name(tmp_path: Path) -> None:
    checkout = tmp_path / ODD_FOLDER / "it's 100%20"
    for each in (*ROOT.glob("*.py"), *(each.parent for each in ROOT.glob("*/__init__.py"))):
        target = checkout / each.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if each.is_dir():
            shutil.copytree(each, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(each, target)
    fill(checkout / "data")

    done = subprocess.run(
        [sys.executable, "run_ingestion.py", "--no-api"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert one(checkout / "data", "SELECT count(*) FROM silver.listening_with_features") == 3
