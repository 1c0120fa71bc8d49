"""A small account, and a client that talks to its stand-in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from demo.music import FEATURES, Album, Artist, Music, Track, spotify_id
from demo.plays import Play
from demo.spotify_account import Account
from demo.spotify_server import DEMO_SCOPE, Clock, SpotifyStandIn

NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
TRACK_MS = 200_000
BAND, GUEST = Artist(spotify_id("band"), "The Band"), Artist(spotify_id("guest"), "Guest")
ALBUM = Album(spotify_id("album"), "Songs", (BAND,), total_tracks=12)
TRACKS = [
    Track(
        track_id=spotify_id("track", str(number)),
        name=f"Song {number}",
        artists=(BAND, GUEST) if number % 2 else (BAND,),
        album=ALBUM,
        duration_ms=TRACK_MS,
        isrc=f"QZDEM00000{number:02d}",
        track_number=number,
        features=dict.fromkeys(FEATURES, 0.5) | {"key": 5, "mode": 1, "time_signature": 4},
    )
    for number in range(1, 13)
]


def plays(count: int, until: datetime = NOW, **others: Any) -> list[Play]:
    """`count` whole plays, each five minutes after the one before, the last ending at `until`."""
    return [
        Play(
            play_id=number,
            track_id=TRACKS[number % len(TRACKS)].track_id,
            ended_at=until - timedelta(minutes=5) * (count - 1 - number),
            ms_played=TRACK_MS,
            context_uri=f"spotify:album:{ALBUM.album_id}",
            **others,
        )
        for number in range(count)
    ]


def stand_in(heard: Iterable[Play] = ()) -> SpotifyStandIn:
    """Return a stand-in whose clock stands at `NOW`."""
    return SpotifyStandIn(Account(Music(TRACKS), heard), Clock(NOW))


@dataclass
class Client:
    """Asks a stand-in, with an access token that allows everything."""

    server: SpotifyStandIn
    scope: str = DEMO_SCOPE

    def get(self, path: str, **query: Any) -> requests.Response:
        """Return the answer of the Web API to a path below `/v1/`."""
        return self.get_address(f"{self.server.url}/v1/{path}", **query)

    def get_address(self, address: str, **query: Any) -> requests.Response:
        """Return the answer to a whole address, such as a page's `next`."""
        token = self.server.accounts.access_token(self.scope)
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(address, params=query, headers=headers, timeout=5)

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """Return the answer of the Web API to a request that writes."""
        token = self.server.accounts.access_token(self.scope)
        return requests.request(
            method,
            f"{self.server.url}/v1/{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )

    def recent(self, **query: Any) -> list[dict[str, Any]]:
        """Return the plays of one page."""
        items: list[dict[str, Any]] = self.get(
            "me/player/recently-played", **{"limit": 50} | query
        ).json()["items"]
        return items
