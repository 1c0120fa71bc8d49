"""A small account at the stand-in for Spotify, and settings that lead there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.accounts import SCOPES
from clients.auth.spotify_auth import TokenKeeper
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.clock import Clock
from demo.music import FEATURES, Album, Artist, Music, Track, spotify_id
from demo.plays import Play
from demo.spotify_account import Account
from demo.spotify_server import SpotifyStandIn
from tests.stand_ins import connection

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)

MakeSettings = Callable[..., Settings]

_ARTIST = Artist(spotify_id("artist"), "The Examples")
_ALBUM = Album(spotify_id("album"), "A hundred songs", (_ARTIST,), 120)


@pytest.fixture(autouse=True)
def no_pauses(slept: list[float]) -> None:
    """Sleep between no tries."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def account() -> Account:
    """120 songs of one album, of which the last 60 minutes heard one each."""
    features = dict.fromkeys(FEATURES, 0.5)
    tracks = [
        Track(spotify_id("track", str(i)), f"Song {i}", (_ARTIST,), _ALBUM, 180_000, "X", i + 1)
        for i in range(120)
    ]
    for track in tracks:
        track.features.update(features)
    plays = [
        Play(i, track.track_id, NOW - timedelta(minutes=i), ms_played=50_000)
        for i, track in enumerate(tracks[:60])
    ]
    return Account(Music(tracks), plays)


@pytest.fixture
def stand_in(account: Account, clock: Clock) -> Iterator[SpotifyStandIn]:
    with SpotifyStandIn(account, clock) as server:
        yield server


@pytest.fixture
def make_settings(stand_in: SpotifyStandIn, tmp_path: Path) -> MakeSettings:
    def make(**changes: Any) -> Settings:
        given = {"data_dir": tmp_path / "lake", **connection(stand_in), **changes}
        return Settings(_env_file=None, **given)

    return make


@pytest.fixture
def settings(make_settings: MakeSettings, stand_in: SpotifyStandIn) -> Settings:
    """Return the settings of a machine without a person, whose refresh token is good."""
    return make_settings(spotify_refresh_token=stand_in.accounts.consent(" ".join(SCOPES)))


@pytest.fixture
def keeper(settings: Settings, clock: Clock) -> TokenKeeper:
    return TokenKeeper(settings, clock.now)


@pytest.fixture
def api(settings: Settings, keeper: TokenKeeper, clock: Clock) -> SpotifyApi:
    return SpotifyApi(settings, keeper, clock.now)
