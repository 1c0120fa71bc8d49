"""A person with a lake and an account at the stand-in, whose playlists rules keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.spotify_auth import TokenKeeper
from clients.spotify_playlists import SpotifyPlaylists
from config.settings import Settings
from demo.clock import Clock
from demo.music import Album, Artist, Music, Track, spotify_id
from demo.spotify_account import Account, Playlist
from demo.spotify_server import Asked, SpotifyStandIn
from lake.playlist_mappings import PlaylistMapping
from playlists.outcome import SyncOutcome, Wanted
from playlists.rule_sync import playlist_mappings, sync_playlist
from playlists.sync import PlaylistSync
from tests.lakes import query
from tests.stand_ins import as_environment, settings_for, signed_in

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
SLUG = "never-played"

_BAND = Artist(spotify_id("band"), "The Band")
_ALBUM = Album(spotify_id("album"), "Album", (_BAND,), 700)
TRACKS = [
    Track(spotify_id("track", str(i)), f"Song {i}", (_BAND,), _ALBUM, 180_000, "X")
    for i in range(700)
]
IDS = [each.track_id for each in TRACKS]


def uri(number: int) -> str:
    return f"spotify:track:{IDS[number]}"


def wanted(*numbers: int, slug: str = SLUG) -> Wanted:
    return Wanted(slug, slug.replace("-", " ").capitalize(), [uri(each) for each in numbers])


@dataclass
class Person:
    """Who keeps playlists; every sync is that of a new process, a minute after the last one."""

    account: Account
    stand_in: SpotifyStandIn
    clock: Clock
    settings: Settings
    memory: dict[str, PlaylistMapping] = field(default_factory=dict)

    @property
    def spotify(self) -> SpotifyPlaylists:
        keeper = TokenKeeper(self.settings, self.clock.now)
        return SpotifyPlaylists(self.settings, keeper, self.clock.now)

    def sync(self, *numbers: int, slug: str = SLUG, **options: Any) -> SyncOutcome:
        """Sync a rule that wants these tracks."""
        self.clock.advance(timedelta(minutes=1))
        self.stand_in.requests.clear()
        return sync_playlist(
            self.settings.data_dir,
            "me",
            self.spotify,
            wanted(*numbers, slug=slug),
            self.clock.now(),
            **options,
        )

    def quick_sync(self, *numbers: int) -> SyncOutcome:
        """Sync as ``sync`` does, with a mapping in memory: many syncs would make many commits."""
        self.clock.advance(timedelta(minutes=1))
        rule = wanted(*numbers)
        new = PlaylistMapping("me", SLUG, rule.name, False, self.clock.now())

        def keep(mapping: PlaylistMapping) -> None:
            self.memory[SLUG] = mapping

        mapping = self.memory.get(SLUG, new)
        return PlaylistSync(self.spotify, rule, mapping, keep, self.clock.now()).run()

    @property
    def playlist(self) -> Playlist:
        """The only playlist that the account has."""
        (playlist,) = self.account.playlists.values()
        return playlist

    @property
    def numbers(self) -> list[int]:
        """The tracks on the only playlist, by their places in ``TRACKS``."""
        return [IDS.index(each) for each in self.playlist.track_ids]

    def put(self, numbers: Sequence[int]) -> None:
        """Have the person change the playlist by hand, in the app."""
        self.playlist.items = []
        for number in numbers:
            self.playlist.add(IDS[number], self.clock.now())
        self.playlist.revision += 1

    def mapping(self, slug: str = SLUG) -> PlaylistMapping:
        return playlist_mappings(self.settings.data_dir, "me")[slug]

    def syncs(self, columns: str = "status, added, removed") -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM ops.playlist_syncs ORDER BY synced_at"
        return query(self.settings.data_dir, sql)

    def asked(self, *methods: str) -> list[Asked]:
        """Return the requests of the last sync, those for tokens left out."""
        return [
            each
            for each in self.stand_in.requests
            if each.path.startswith("/v1/") and (not methods or each.method in methods)
        ]


@pytest.fixture(autouse=True)
def no_pauses(slept: list[float]) -> None:
    """Sleep between no tries."""


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    clock, account = Clock(MONDAY), Account(Music(TRACKS), (), "spot")
    with SpotifyStandIn(account, clock) as stand_in:
        settings = settings_for(stand_in, tmp_path / "lake")
        settings.data_dir.mkdir()
        yield Person(account, stand_in, clock, settings)


@pytest.fixture
def at_a_terminal(person: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Return a person whose commands find the settings in their environment, as of now."""
    person.clock.set(datetime.now(UTC))
    given = {"data_dir": person.settings.data_dir, **signed_in(person.stand_in)}
    person.settings = Settings(_env_file=None, **given)
    for name, value in as_environment(given).items():
        monkeypatch.setenv(name, value)
    return person
