"""The account of a simulated person, and the server that shows it to a stranger."""

import contextlib
import json
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests

from demo.catalogue import make_catalogue
from demo.clock import Clock
from demo.export_files import write_export
from demo.listener import Listener, simulate
from demo.simulated_account import simulated_account
from demo.spotify_account import Account, kept_by
from demo.spotify_server import DEMO_REFRESH_TOKEN, SpotifyStandIn
from tests.demo.spotify_samples import Client

ROOT = Path(__file__).resolve().parents[2]
LISTENER = Listener(user_id="me", seed=3, start=date(2026, 1, 5), end=date(2026, 3, 2))


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return make_catalogue(n_artists=60, n_tracks=600)


@pytest.fixture(scope="module")
def account(small: pd.DataFrame) -> Account:
    return simulated_account(LISTENER, small)


def exported(small: pd.DataFrame, folder: Path) -> list[dict[str, Any]]:
    extended, _ = write_export(simulate(LISTENER, small), folder)
    with zipfile.ZipFile(extended) as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")]
        return [record for name in names for record in json.loads(archive.read(name))]


def test_the_web_api_shows_the_plays_that_the_export_holds(
    account: Account, small: pd.DataFrame, tmp_path: Path
) -> None:
    in_export = {
        (record["ts"], record["spotify_track_uri"], record["master_metadata_track_name"])
        for record in exported(small, tmp_path)
    }

    with SpotifyStandIn(account, Clock(datetime(2026, 2, 20, 21, 0, tzinfo=UTC))) as server:
        items = Client(server).recent()

    assert len(items) == 50
    for item in items:
        second = item["played_at"][:19] + "Z"
        assert (second, item["track"]["uri"], item["track"]["name"]) in in_export


def test_plays_of_a_time_offline_arrive_late(account: Account, small: pd.DataFrame) -> None:
    offline = simulate(LISTENER, small)["offline"].tolist()

    for play, was_offline in zip(account.plays, offline, strict=True):
        assert (play.known_from > play.ended_at) == was_offline
    assert any(offline)


def test_an_album_has_all_its_tracks_in_order_and_a_guest_stands_on_the_track_alone(
    account: Account,
) -> None:
    music = account.music

    for album_id, album in music.albums.items():
        numbers = [track.track_number for track in music.album_tracks[album_id]]
        assert numbers == list(range(1, album.total_tracks + 1))
    with_guest = [track for track in music.tracks.values() if len(track.artists) == 2]
    assert with_guest
    assert {len(track.album.artists) for track in with_guest} == {1}


def test_ids_look_like_spotifys_and_are_the_same_each_time(
    account: Account, small: pd.DataFrame
) -> None:
    again = simulated_account(LISTENER, small)

    assert again.music.albums == account.music.albums
    assert again.music.artists == account.music.artists
    ids = [*account.music.albums, *account.music.artists, *account.playlists]
    assert all(re.fullmatch("[0-7][0-9A-Za-z]{21}", each) for each in ids)
    assert len({*ids}) == len(ids)


def test_the_library_grows_as_the_person_listens(account: Account) -> None:
    early = datetime(2026, 1, 25, tzinfo=UTC)
    late = datetime(2026, 3, 2, tzinfo=UTC)

    assert 0 < len(kept_by(early, account.saved_tracks)) < len(kept_by(late, account.saved_tracks))
    assert account.saved_albums
    on_playlists = sum(len(playlist.items) for playlist in account.playlists.values())
    assert on_playlists == len(account.saved_tracks)


@contextlib.contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the server started as a program, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.spotify_server", "--port", "0", *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        yield process, re.findall(r"http://[\d.:]+", line)[0]
    finally:
        process.kill()
        process.communicate()


def signed_in(url: str) -> dict[str, str]:
    answer = requests.post(
        f"{url}/api/token",
        data={"grant_type": "refresh_token", "refresh_token": DEMO_REFRESH_TOKEN},
        auth=("demo-client", "demo-secret"),
        timeout=5,
    ).json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_started_as_a_program_it_serves_plays_as_time_goes_by() -> None:
    with served("--speed", "20000") as (process, url):
        headers = signed_in(url)

        def newest() -> datetime:
            address = f"{url}/v1/me/player/recently-played?limit=1"
            (item,) = requests.get(address, headers=headers, timeout=5).json()["items"]
            return datetime.fromisoformat(item["played_at"])

        first = newest()
        assert datetime.now(UTC) - first > timedelta(days=7)
        wait_until(lambda: newest() > first)

        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
