"""ReccoBeats as a client meets it."""

from collections.abc import Iterator

import pytest
import requests

from demo.catalogue import make_catalogue
from demo.clock import Clock
from demo.music import music_of
from demo.spotify_account import Account
from demo.spotify_server import SpotifyStandIn
from tests.demo.spotify_samples import NOW

MUSIC = music_of(make_catalogue(n_artists=60, n_tracks=600))
IDS = list(MUSIC.tracks)


@pytest.fixture
def server() -> Iterator[SpotifyStandIn]:
    with SpotifyStandIn(Account(MUSIC), Clock(NOW)) as server:
        yield server


def ask(server: SpotifyStandIn, ids: list[str] | str) -> requests.Response:
    address = f"{server.url}/reccobeats/v1/audio-features"
    return requests.get(address, params={"ids": ids}, timeout=5)


def test_features_come_by_the_address_of_the_track(server: SpotifyStandIn) -> None:
    known = [track_id for track_id in IDS if server.reccobeats.knows(track_id)][:5]

    content = ask(server, ",".join(known)).json()["content"]

    assert {item["href"].removeprefix("https://open.spotify.com/track/") for item in content} == {
        *known
    }
    for item in content:
        track = MUSIC.tracks[item["href"].rpartition("/")[2]]
        assert item["isrc"] == track.isrc
        assert item["valence"] == track.features["valence"]
        assert item["id"] not in IDS
        assert "time_signature" not in item


def test_ids_may_be_repeated_parameters(server: SpotifyStandIn) -> None:
    several = IDS[:10]

    assert ask(server, several).json() == ask(server, ",".join(several)).json()


def test_about_two_in_five_are_not_known_and_left_out(server: SpotifyStandIn) -> None:
    found = sum(
        len(ask(server, ",".join(IDS[first : first + 40])).json()["content"])
        for first in range(0, len(IDS), 40)
    )

    assert 0.54 < found / len(IDS) < 0.66
    server.reccobeats.known_share = 1.0
    assert len(ask(server, ",".join(IDS[:40])).json()["content"]) == 40
    assert ask(server, "unknown").json() == {"content": []}


def test_forty_ids_are_the_most(server: SpotifyStandIn) -> None:
    assert ask(server, ",".join(IDS[:40])).status_code == 200
    assert ask(server, ",".join(IDS[:41])).status_code == 400
    assert ask(server, "").status_code == 400
