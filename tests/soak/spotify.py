"""The stand-in for Spotify, served by a process of its own."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from demo.clock import Clock
from demo.spotify_server import SpotifyStandIn
from tests.ingestion.test_library import MONDAY, library
from tests.soak import children
from tests.stand_ins import as_environment, signed_in


@contextmanager
def served_library(folder: Path) -> Iterator[Mapping[str, str]]:
    """Serve a person's plays and library; yield the settings by which a run asks for them."""
    file = folder / "spotify.json"
    process = children.start(lambda: _serve(file), folder / "output of Spotify", folder)
    while not file.exists():
        time.sleep(0.02)
    try:
        yield json.loads(file.read_bytes())
    finally:
        children.end(process)


def _serve(file: Path) -> int:
    with SpotifyStandIn(library(), Clock(MONDAY)) as stand_in:
        new = file.with_suffix(".new")
        new.write_text(json.dumps(as_environment(signed_in(stand_in))), encoding="utf-8")
        new.replace(file)
        while True:
            time.sleep(60)
