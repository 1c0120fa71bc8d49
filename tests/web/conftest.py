"""A small lake behind the application, asked as a browser on this machine asks."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from config.settings import Settings
from engines.engine import Engine
from pipeline import STEPS
from tests.export_samples import extended, write_json
from tests.lakes import run, statuses
from web.application import application

ADDRESS = "http://127.0.0.1:8080"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
SECRET = "a-client-secret-that-nobody-sees"
TOKEN = "a-refresh-token-that-nobody-sees"
ODD_NAMES = (
    ("<script>alert(1)</script>", "</script><b>bold"),
    ('"><img src=x onerror=alert(1)>', 'O\'Brien & "Sons"'),
    ("{{ 7 * 7 }}", "javascript:alert(1)"),
)
"""Tracks and artists whose names a careless page would take for something else."""

PLAYS = 3 * 60
# Says what was asked for, and ends well.
_HARMLESS = 'import sys\nprint("run", *sys.argv[3:])\nprint("<b>done</b>")\n'

Made = Callable[..., FastAPI]


@pytest.fixture(scope="session")
def made_lake(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 days with three plays each, and a file of one record that is none."""
    folder = tmp_path_factory.mktemp("web")
    begin = datetime(2025, 10, 1, 18, tzinfo=UTC)
    plays = [
        extended(
            ts=f"{begin + timedelta(days=day, minutes=4 * place):%Y-%m-%dT%H:%M:%SZ}",
            track=track,
            artist=artist,
            track_id=None,
        )
        for day in range(60)
        for place, (track, artist) in enumerate(ODD_NAMES)
    ]
    files = [
        write_json(folder / "Streaming_History_Audio_2025_0.json", plays),
        write_json(folder / "Streaming_History_Audio_2025_1.json", [extended(ts="<i>never</i>")]),
    ]
    statuses(run(engine, folder / "lake", files, steps=STEPS))
    return folder / "lake"


@pytest.fixture
def lake(made_lake: Path, tmp_path: Path) -> Path:
    """A copy of the lake that a test may change."""
    return Path(shutil.copytree(made_lake, tmp_path / "lake"))


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder whose commands only say what they were asked for."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in ("run_ingestion.py", "main.py"):
        (folder / name).write_text(_HARMLESS, encoding="utf-8")
    return folder


@pytest.fixture
def make(lake: Path, commands: Path) -> Made:
    """Return the application with settings of the test's own."""

    def made(**settings: Any) -> FastAPI:
        own = Settings(
            _env_file=None,
            **{
                "data_dir": lake,
                "client_id": "an-app",
                "client_secret": SecretStr(SECRET),
                "spotify_refresh_token": SecretStr(TOKEN),
                **settings,
            },
        )
        return application(own, lambda: NOW, commands)

    return made


@pytest.fixture
def client(make: Made) -> Iterator[TestClient]:
    """A browser on this machine, without a password."""
    with TestClient(make(), base_url=ADDRESS, follow_redirects=False) as asking:
        yield asking


@pytest.fixture
def locked(make: Made) -> Iterator[TestClient]:
    """A browser before a page that has a password."""
    app = make(web_password=SecretStr(PASSWORD))
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as asking:
        yield asking
