"""Nine plays behind the application, few enough to work everything out by hand."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from config.settings import Settings
from tests.report.page.few_plays import listening, play
from web.application import application
from web.lakes import Snapshot

ADDRESS = "http://127.0.0.1:8080"
BAND, EMILIE, FORMULA = "band", "émilie", "+plus"
ALPHA, BETA = "band|alpha", "band|beta"

PLAYS = (
    play("2024-01-01 10:00", "Alpha", "Band", genre="rock"),
    play("2024-01-01 10:03", "Beta", "Band", genre="rock"),
    play("2024-01-01 10:06", "Song", "Émilie"),
    # The clock on the wall was an hour ahead of UTC.
    play("2024-01-02 20:00", "Alpha", "Band", genre="rock", utc_offset_minutes=60, hour_of_day=21),
    play("2024-01-02 20:03", "Song", "Émilie", utc_offset_minutes=60, hour_of_day=21),
    play("2024-02-05 20:00", "Alpha", "Band", genre="rock"),
    play("2024-02-05 20:03", "Song", "Émilie"),
    # Too short to be counted.
    play("2024-02-05 20:04", "Beta", "Band", genre="rock", ms_played=10_000, skipped=True),
    play("2025-02-03 09:00", "=1+1", "+Plus", album_name="@Album"),
)


class _OneLake:
    """The lake with these plays, whoever is asked for."""

    is_simulated = False

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.folder = snapshot.data_dir

    def of(self, _: str) -> Snapshot:
        return self._snapshot


def snapshot_of(*plays: dict[str, Any]) -> Snapshot:
    """Return the state of a lake with these plays and nothing else."""
    return Snapshot(Path("/nowhere"), "me", 0, listening(*plays), ExitStack())


def client_of(*plays: dict[str, Any]) -> TestClient:
    """Return a browser before the application on these plays."""
    app = application(Settings(_env_file=None), lambda: datetime(2025, 3, 1, tzinfo=UTC), Path())
    app.state.web = replace(app.state.web, lakes=_OneLake(snapshot_of(*plays)))
    return TestClient(app, base_url=ADDRESS, follow_redirects=False)
