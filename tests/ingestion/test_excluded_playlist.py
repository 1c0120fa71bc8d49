"""The playlist "Soundlake: exclude": what is put there counts in no statistic, until taken out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.spotify_auth import TokenKeeper
from clients.spotify_api import SpotifyApi
from demo.clock import Clock
from demo.music import Album, Artist, Music, Track, spotify_id
from demo.plays import Play
from demo.spotify_account import Account, Playlist
from demo.spotify_faults import rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from ingestion.api_session import ApiSession
from ingestion.excluded_playlist import EXCLUDE_PLAYLIST
from loaders.privacy_export import find_exports
from pipeline import run_pipeline
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.export_samples import extended, write_json
from tests.lakes import query, rows_of, statuses, steps_to
from tests.stand_ins import settings_for
from writers.decisions import exclude, include_again

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
BAND, GUEST = Artist(spotify_id("band"), "The Band"), Artist(spotify_id("guest"), "Guest")
ALBUM = Album(spotify_id("album"), "Songs", (BAND,), 9)
# The first artist of an odd track is not that of its album, by whom exports name it.
TRACKS = [
    Track(
        spotify_id("track", str(i)),
        f"Song {i}",
        (GUEST, BAND) if i % 2 else (BAND,),
        ALBUM,
        180_000,
        "X",
    )
    for i in range(9)
]
STEPS = steps_to(LISTENING_WITH_FEATURES)
READS = "/v1/playlists/"


class World:
    """A person with a history and a library."""

    def __init__(self, folder: Path, engine: Engine, stand_in: SpotifyStandIn) -> None:
        self.account, self.stand_in = stand_in.account, stand_in
        self.engine, self.clock = engine, stand_in.clock
        self.settings = settings_for(stand_in, folder / "lake")
        # An old import: another id than the Web API's for the same recording, twice each.
        plays = [
            extended(f"2020-01-{1 + i:02}T12:0{n}:00Z", f"Song {i}", "The Band", f"{i}" * 22)
            for i in range(9)
            for n in (0, 5)
        ]
        self.exports = write_json(folder / "Streaming_History_Audio_2020_0.json", plays)
        self.notes: list[str] = []

    def run(self, hours: float = 1) -> dict[str, str]:
        """Carry out a run, an hour after the one before unless told; an hour is no new day."""
        self.clock.advance(timedelta(hours=hours))
        self.stand_in.requests.clear()
        api = SpotifyApi(self.settings, TokenKeeper(self.settings, self.clock.now), self.clock.now)
        with Lake(self.settings, self.clock.now(), self.engine) as lake:
            session = ApiSession.of(lake, api)
            found = find_exports([self.exports], "me")
            outcome = run_pipeline(lake, found, None, SilentObserver(), session, steps=STEPS)
        self.notes = session.notes
        return statuses(outcome)

    def put(self, playlist: Playlist, *numbers: int) -> None:
        for number in numbers:
            playlist.add(TRACKS[number].track_id, self.clock.now())

    def excluded(self) -> list[tuple[Any, ...]]:
        sql = "SELECT item_key, name, source FROM ops.exclusions ORDER BY item_key"
        return query(self.settings.data_dir, sql)

    def excluded_plays(self) -> dict[str, int]:
        table = LISTENING_WITH_FEATURES.full_name
        sql = f"SELECT track_name, count(*) FROM {table} WHERE is_excluded GROUP BY ALL ORDER BY 1"
        return dict(query(self.settings.data_dir, sql))

    def asked(self, path: str = "/v1/") -> list[str]:
        return [each.path for each in self.stand_in.requests if each.path.startswith(path)]


@pytest.fixture
def world(tmp_path: Path, engine: Engine, slept: list[float]) -> Iterator[World]:
    recent = [Play(0, TRACKS[8].track_id, MONDAY - timedelta(hours=2), ms_played=180_000)]
    with SpotifyStandIn(Account(Music(TRACKS), recent, "spot"), Clock(MONDAY)) as stand_in:
        yield World(tmp_path, engine, stand_in)


def test_what_is_on_the_playlist_is_excluded_until_taken_out(world: World) -> None:
    world.run()
    bronze = rows_of(world.settings.data_dir, "bronze.listening_history_bronze")
    playlist = world.account.add_playlist(EXCLUDE_PLAYLIST)
    world.put(playlist, 2, 3)

    first = world.run()  # the same day: the other playlists are not read again

    assert first["ops.exclusions"] == first[LISTENING_WITH_FEATURES.full_name] == "written"
    assert world.excluded() == [
        ("the band|song 2", "Song 2", "playlist"),
        ("the band|song 3", "Song 3", "playlist"),
    ]
    assert world.excluded_plays() == {"Song 2": 2, "Song 3": 2}
    assert rows_of(world.settings.data_dir, "bronze.listening_history_bronze") == bronze
    assert any("2 more, 0 count again" in each for each in world.notes)

    assert {*world.run().values()} == {"nothing_new"}
    assert world.asked(READS) == [f"{READS}{playlist.playlist_id}"]
    playlist.remove(TRACKS[2].track_id)
    world.run()
    assert world.excluded_plays() == {"Song 3": 2}
    world.account.playlists.clear()
    world.run(24)
    assert (world.excluded(), world.excluded_plays()) == ([], {})


def test_a_track_that_was_never_played_is_excluded_too(world: World) -> None:
    world.exports = write_json(world.exports, [extended("2020-01-01T12:00:00Z", "Else", "Who")])
    playlist = world.account.add_playlist("soundlake:  EXCLUDE")
    world.put(playlist, 5)

    world.run()

    assert world.excluded() == [("the band|song 5", "Song 5", "playlist")]


def test_what_was_decided_on_the_page_is_left_alone(world: World) -> None:
    folder = world.settings.data_dir
    world.run()
    exclude(folder, "me", "track", "the band|song 2", "Song 2", MONDAY)
    exclude(folder, "me", "artist", "who", "Who", MONDAY)
    exclude(folder, "you", "track", "the band|song 3", "Song 3", MONDAY, source="playlist")
    on_page = world.excluded()
    playlist = world.account.add_playlist(EXCLUDE_PLAYLIST)
    world.put(playlist, 2, 4)

    world.run()
    assert world.excluded() == sorted([*on_page, ("the band|song 4", "Song 4", "playlist")])
    playlist.items = []
    world.run()
    assert world.excluded() == on_page
    world.put(playlist, 2)
    include_again(folder, "me", "track", "the band|song 2", MONDAY)
    world.run()
    assert ("the band|song 2", "Song 2", "playlist") in world.excluded()


def test_the_playlist_of_somebody_else_excludes_nothing(world: World) -> None:
    world.put(world.account.add_playlist(EXCLUDE_PLAYLIST, "friend"), 2)

    world.run()
    world.run()

    assert world.excluded_plays() == {}


@pytest.mark.parametrize("fault", [server_error(500), rate_limited(9000)])
def test_what_was_read_stays_excluded_while_spotify_cannot_be_asked(
    world: World, fault: Any
) -> None:
    playlist = world.account.add_playlist(EXCLUDE_PLAYLIST)
    world.put(playlist, 2)
    world.run()
    playlist.remove(TRACKS[2].track_id)
    world.stand_in.faults.add(fault, READS, times=9)

    world.run()

    assert world.excluded_plays() == {"Song 2": 2}
    assert any(each.startswith("Excluded tracks: ") for each in world.notes)
    world.stand_in.faults.clear()
    world.run(3)
    assert world.excluded_plays() == {}
