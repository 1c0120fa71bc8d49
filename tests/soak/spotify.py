"""The stand-in for Spotify, served by a process of its own."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from clients.auth.spotify_auth import SCOPES
from demo.clock import Clock
from demo.spotify_server import SpotifyStandIn
from tests.ingestion.test_library import MONDAY, library
from tests.soak import children


@contextmanager
def served_library(folder: Path) -> Iterator[Mapping[str, str]]:
    """Serve a person's plays and library; yield the settings by which a run asks for them."""
    told = folder / "spotify.json"
    process = children.start(lambda: _serve(told), folder / "output of Spotify", folder)
    while not told.exists():
        time.sleep(0.02)
    try:
        yield json.loads(told.read_bytes())
    finally:
        children.end(process)


def _serve(told: Path) -> int:
    with SpotifyStandIn(library(), Clock(MONDAY)) as stand_in:
        settings = {
            "CLIENT_ID": stand_in.accounts.client_id,
            "CLIENT_SECRET": stand_in.accounts.client_secret,
            "SPOTIFY_REFRESH_TOKEN": stand_in.accounts.consent(" ".join(SCOPES)),
            "SPOTIFY_API_URL": f"{stand_in.url}/v1/",
            "SPOTIFY_ACCOUNTS_URL": stand_in.url,
        }
        new = told.with_suffix(".new")
        new.write_text(json.dumps(settings), encoding="utf-8")
        new.replace(told)
        while True:
            time.sleep(60)
