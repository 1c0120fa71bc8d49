"""Nine plays behind the application, few enough to work everything out by hand."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from config.settings import Settings
from schemas.table import Table
from tests.playlists.libraries import put_rows
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


def snapshot_of(
    *plays: dict[str, Any], tables: Mapping[Table, list[dict[str, Any]]] | None = None
) -> Snapshot:
    """Return the state of a lake with these plays and these further tables."""
    heard = listening(*plays)
    for table, rows in (tables or {}).items():
        put_rows(heard.connection, table, rows)
    return Snapshot(Path("/nowhere"), "me", 0, heard, ExitStack())


def client_of(
    *plays: dict[str, Any], tables: Mapping[Table, list[dict[str, Any]]] | None = None
) -> TestClient:
    """Return a browser before the application on these plays and tables."""
    app = application(Settings(_env_file=None), lambda: datetime(2025, 3, 1, tzinfo=UTC), Path())
    app.state.web = replace(app.state.web, lakes=_OneLake(snapshot_of(*plays, tables=tables)))
    return TestClient(app, base_url=ADDRESS, follow_redirects=False)
