"""Audio features after the 403: a queue that runs go on with, and nobody is pestered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, SignInError
from clients.http import PATIENCE
from clients.reccobeats_api import MAX_IDS, ReccoBeatsApi
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.clock import Clock
from demo.music import FEATURES, Album, Artist, Music, Track, spotify_id
from demo.spotify_account import Account
from demo.spotify_faults import rate_limited, server_error, slow
from demo.spotify_server import SpotifyStandIn
from incremental.lake import Lake
from incremental.results import StepResult
from ingestion.api_session import ApiSession
from ingestion.api_state import ApiState, load_state
from ingestion.audio_features import (
    WaitingTrack,
    import_features,
    waiting_tracks,
)
from mappers.features_mapper import KnownTrack
from schemas import feature_providers
from schemas.bronze_schemas import LISTENING_HISTORY, MY_TRACKS_FEATURES
from schemas.silver_schemas import TRACK_NAMES
from tests.lakes import query
from tests.report.small_lakes import put
from tests.stand_ins import settings_for

MAX_OF_SPOTIFY = feature_providers.SPOTIFY.tracks_a_run
MAX_OF_RECCOBEATS = feature_providers.RECCOBEATS.tracks_a_run

NOON = datetime(2026, 10, 15, 12, tzinfo=UTC)
SPOTIFY, RECCOBEATS = "/v1/audio-features", "/reccobeats"

ARTIST = Artist(spotify_id("artist"), "The Examples")


def played(track_id: str | None, times: int = 1, **others: Any) -> list[dict[str, Any]]:
    """Return records of the history, by default of an extended export of ``me``."""
    play = {
        "user_id": "me",
        "source": "extended",
        "played_at": NOON,
        "date": NOON.date(),
        "played_month": f"{NOON:%Y-%m}",
        "media_type": "track",
        "track_id": track_id,
        "track_name": f"Song {track_id}",
        "artist_name": ARTIST.name,
        "run_id": "earlier",
        "ingested_at": NOON,
        **others,
    }
    return [play | {"record_id": f"{track_id} {number}"} for number in range(times)]


def answered(
    track_id: str, status: str, at: datetime, source: str = "reccobeats"
) -> dict[str, Any]:
    """Return a row of an earlier run."""
    known = {"valence": 0.5, "energy": 0.5} if status == "ok" else {}
    return {"track_id": track_id, "source": source, "status": status, "fetched_at": at, **known}


@dataclass
class World:
    """A person with a history, and the services that may know its tracks."""

    stand_in: SpotifyStandIn
    clock: Clock
    settings: Settings
    sign_in_ended: str | None = None
    """What an earlier step of the run found out."""

    @property
    def data_dir(self) -> Path:
        return self.settings.data_dir

    @property
    def reccobeats(self) -> ReccoBeatsApi:
        return ReccoBeatsApi(self.settings.reccobeats_api_url, self.clock.now)

    @property
    def state(self) -> ApiState:
        return load_state(self.data_dir, "me", self.clock.now())

    def run(self, reccobeats: ReccoBeatsApi | None = None) -> tuple[StepResult, list[str]]:
        """Carry out the step as a run of this moment would; it needs no engine."""
        with Lake(self.settings, self.clock.now()) as lake:
            keeper = TokenKeeper(self.settings, self.clock.now)
            spotify = SpotifyApi(self.settings, keeper, self.clock.now)
            session = ApiSession.of(lake, spotify)
            session.sign_in_ended = self.sign_in_ended
            result = import_features(lake, session, reccobeats or self.reccobeats)
            assert not lake.has_engine
            return result, session.notes

    def answer_well(self, calls: int) -> None:
        """Have ReccoBeats answer some calls before what goes wrong next."""
        self.stand_in.faults.add(slow(0), RECCOBEATS, times=calls)

    def asked_of(self, path: str) -> list[str]:
        """Return the tracks that a service was asked for so far, in that order."""
        asked = [each for each in self.stand_in.requests if each.path.startswith(path)]
        if path == SPOTIFY:
            return [each.path.rpartition("/")[2] for each in asked]
        return [track_id for each in asked for track_id in each.query["ids"].split(",")]


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path, slept: list[float]) -> Iterator[MakeWorld]:
    open_worlds: list[SpotifyStandIn] = []

    def make(tracks: int, **settings: Any) -> World:
        album = Album(spotify_id("album"), "Many songs", (ARTIST,), tracks)
        features = dict.fromkeys(FEATURES, 0.5) | {"key": 5, "mode": 1, "tempo": 120.0}
        features |= {"time_signature": 4, "loudness": -7.5}
        music = [
            Track(spotify_id("track", str(number)), "Song", (ARTIST,), album, 180_000, "X")
            for number in range(tracks)
        ]
        for track in music:
            track.features.update(features)
        clock = Clock(NOON)
        stand_in = SpotifyStandIn(Account(Music(music)), clock)
        stand_in.__enter__()
        open_worlds.append(stand_in)
        others = {"reccobeats_api_url": f"{stand_in.url}/reccobeats", **settings}
        given = settings_for(stand_in, tmp_path / "lake", **others)
        history = [
            play
            for number, track in enumerate(music)
            for play in played(track.track_id, 1 + number * 7 % 5)
        ]
        put(given.data_dir, LISTENING_HISTORY, history)
        return World(stand_in, clock, given)

    yield make
    for each in open_worlds:
        each.__exit__(None, None, None)


def ids_by_plays(world: World) -> list[str]:
    rows = query(
        world.data_dir,
        "SELECT track_id FROM bronze.listening_history_bronze GROUP BY track_id "
        "ORDER BY count(*) DESC, track_id",
    )
    return [track_id for (track_id,) in rows]


def ids_of(waiting: Sequence[WaitingTrack]) -> list[str]:
    return [each.track.track_id for each in waiting]


def counts(world: World) -> dict[str, int]:
    """Return how many rows there are of each provider and status."""
    rows = query(
        world.data_dir,
        "SELECT source || ' ' || status, count(*) FROM bronze.my_tracks_features_bronze GROUP BY 1",
    )
    return dict(rows)


def test_a_long_queue_is_drained_over_some_runs_the_most_played_first(
    make_world: MakeWorld,
) -> None:
    world = make_world(2 * MAX_OF_RECCOBEATS + 50)
    by_plays = ids_by_plays(world)
    known = [each for each in by_plays if world.stand_in.reccobeats.knows(each)]
    notes = []
    for _ in range(4):
        result, said = world.run()
        notes.append(said)
        assert (result.rows_out or 0) <= MAX_OF_RECCOBEATS
        world.clock.advance(timedelta(hours=6))

    assert world.asked_of(RECCOBEATS) == by_plays
    assert world.asked_of(SPOTIFY) == by_plays[:1]
    assert (
        max(
            len(each.query["ids"].split(","))
            for each in world.stand_in.requests
            if each.path.startswith(RECCOBEATS)
        )
        == MAX_IDS
    )
    assert counts(world) == {
        "reccobeats ok": len(known),
        "reccobeats not_known": len(by_plays) - len(known),
    }
    assert "800 tracks asked, " in notes[0][0] and "; 850 still to ask" in notes[0][0]
    assert "; 0 still to ask" in notes[2][0]
    assert notes[3] == []


def test_what_was_not_known_is_asked_again_after_thirty_days(make_world: MakeWorld) -> None:
    world = make_world(30, enrich="reccobeats")
    by_plays = ids_by_plays(world)
    unknown = [each for each in by_plays if not world.stand_in.reccobeats.knows(each)]
    world.run()
    world.stand_in.reccobeats.known_share = 1.0

    world.clock.set(NOON + timedelta(days=30, seconds=-1))
    world.run()
    assert world.asked_of(RECCOBEATS) == by_plays

    world.clock.set(NOON + timedelta(days=30))
    world.run()
    assert world.asked_of(RECCOBEATS) == by_plays + unknown

    world.clock.advance(timedelta(days=60))
    assert world.run()[1] == []
    assert world.asked_of(RECCOBEATS) == by_plays + unknown


def test_a_403_is_no_failure_and_is_remembered_for_a_week(make_world: MakeWorld) -> None:
    world = make_world(3, enrich="spotify")
    most_played, *_ = ids_by_plays(world)

    result, notes = world.run()
    assert result.status == "nothing_new"
    assert notes == [
        "audio features: Spotify refuses them (403), see docs/FIX_403_AUDIO_FEATURES.md"
    ]
    for days in range(1, 7):
        world.clock.set(NOON + timedelta(days=days))
        assert world.run()[1] == []
    assert world.asked_of(SPOTIFY) == [most_played]

    world.clock.set(NOON + timedelta(days=7))
    world.run()
    assert world.asked_of(SPOTIFY) == [most_played] * 2
    assert world.asked_of(RECCOBEATS) == []


def test_with_extended_quota_spotify_is_asked_first_and_reccobeats_for_the_rest(
    make_world: MakeWorld,
) -> None:
    world = make_world(MAX_OF_SPOTIFY + 10)
    world.stand_in.web_api.has_extended_quota = True
    by_plays = ids_by_plays(world)
    unmeasured = world.stand_in.account.music.tracks[by_plays[1]]
    unmeasured.features.clear()

    world.run()

    assert world.asked_of(SPOTIFY) == by_plays[:MAX_OF_SPOTIFY]
    assert world.asked_of(RECCOBEATS) == [
        unmeasured.track_id,
        *by_plays[MAX_OF_SPOTIFY:],
    ]
    recorded = query(
        world.data_dir,
        "SELECT DISTINCT status, valence, time_signature, track_name IS NULL, artist_name "
        "FROM bronze.my_tracks_features_bronze WHERE source = 'spotify' ORDER BY status DESC",
    )
    assert recorded == [
        ("ok", 0.5, 4, False, ARTIST.name),
        ("not_known", None, None, False, ARTIST.name),
    ]


def test_without_a_sign_in_reccobeats_is_asked_all_the_same(make_world: MakeWorld) -> None:
    world = make_world(5)
    world.sign_in_ended = "run `python main.py login`"

    result, notes = world.run()

    assert (result.status, result.rows_out) == ("written", 5)
    assert notes[0].startswith("audio features: 5 tracks asked, ")
    assert world.asked_of(SPOTIFY) == []


def test_enrich_none_asks_nobody(make_world: MakeWorld) -> None:
    world = make_world(5, enrich="none")

    result, notes = world.run()

    assert (result.status, notes) == ("nothing_new", [])
    assert world.stand_in.requests == []


def test_a_lake_without_a_history_asks_nobody(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    world.settings = world.settings.model_copy(update={"data_dir": tmp_path / "empty"})

    assert world.run()[1] == []
    assert world.stand_in.requests == []


def test_a_rate_limit_ends_the_step_cleanly_and_is_heeded(make_world: MakeWorld) -> None:
    world = make_world(3 * MAX_IDS, enrich="reccobeats")
    by_plays = ids_by_plays(world)
    world.clock.advance(timedelta(minutes=1))
    world.answer_well(calls=2)
    world.stand_in.faults.add(rate_limited(80_000), RECCOBEATS)

    result, notes = world.run()

    assert (result.status, result.rows_out) == ("written", 2 * MAX_IDS)
    assert notes[0].endswith(
        "; 40 still to ask; rate-limited by ReccoBeats until 2026-10-16 10:14 UTC"
    )
    so_far = world.asked_of(RECCOBEATS)
    world.clock.set(NOON + timedelta(hours=22))
    assert world.run()[1] == []
    assert world.asked_of(RECCOBEATS) == so_far == by_plays

    world.clock.set(NOON + timedelta(hours=23))
    world.run()
    assert world.asked_of(RECCOBEATS)[len(so_far) :] == by_plays[2 * MAX_IDS :]


def test_that_spotify_is_rate_limited_keeps_reccobeats_from_nothing(make_world: MakeWorld) -> None:
    world = make_world(MAX_IDS)
    world.stand_in.web_api.has_extended_quota = True
    world.stand_in.faults.add(rate_limited(80_000), SPOTIFY)

    result, _ = world.run()

    assert result.rows_out == MAX_IDS
    assert world.state.blocked_until == NOON + timedelta(seconds=80_000)
    assert world.state.reccobeats_blocked_until is None
    assert world.state.spotify_features_refused_until is None
    world.clock.advance(timedelta(hours=22))
    world.run()
    assert len(world.asked_of(SPOTIFY)) == 1


def test_a_call_that_fails_loses_no_other_and_keeps_none_waiting(make_world: MakeWorld) -> None:
    world = make_world(4 * MAX_IDS, enrich="reccobeats")
    by_plays = ids_by_plays(world)
    world.answer_well(calls=1)
    world.stand_in.faults.add(server_error(500), RECCOBEATS, times=PATIENCE.tries)

    with pytest.raises(ApiError, match="ReccoBeats answered 500"):
        world.run()
    assert sum(counts(world).values()) == 3 * MAX_IDS

    world.clock.advance(timedelta(hours=6))
    so_far = len(world.asked_of(RECCOBEATS))
    world.run()
    assert world.asked_of(RECCOBEATS)[so_far:] == by_plays[MAX_IDS : 2 * MAX_IDS]
    assert sum(counts(world).values()) == 4 * MAX_IDS


def test_a_service_that_is_down_is_not_asked_for_everything(make_world: MakeWorld) -> None:
    world = make_world(5 * MAX_IDS, enrich="reccobeats")
    world.stand_in.faults.add(server_error(503), RECCOBEATS, times=999)

    with pytest.raises(ApiError, match="ReccoBeats answered 503"):
        world.run()

    assert world.stand_in.count(RECCOBEATS) == 2 * PATIENCE.tries


def test_a_sign_in_that_ended_is_reported_and_keeps_reccobeats_from_nothing(
    make_world: MakeWorld,
) -> None:
    world = make_world(5)
    world.stand_in.accounts.kill_tokens()

    with pytest.raises(SignInError, match="login"):
        world.run()

    assert sum(counts(world).values()) == 5


def test_a_sign_in_that_an_earlier_step_found_ended_is_not_tried_again(
    make_world: MakeWorld,
) -> None:
    world = make_world(5, enrich="spotify")
    world.sign_in_ended = "run `python main.py login`"

    assert world.run()[1] == []
    assert world.stand_in.requests == []


def test_a_run_that_is_killed_between_calls_is_made_up_by_the_next(make_world: MakeWorld) -> None:
    world = make_world(3 * MAX_IDS, enrich="reccobeats")
    by_plays = ids_by_plays(world)

    with pytest.raises(KeyboardInterrupt):
        world.run(reccobeats=KilledAfterTwoCalls(world.settings.reccobeats_api_url))
    assert not MY_TRACKS_FEATURES.exists(world.data_dir)
    assert world.asked_of(RECCOBEATS) == by_plays[: 2 * MAX_IDS]

    world.run()
    assert world.asked_of(RECCOBEATS)[2 * MAX_IDS :] == by_plays
    assert sum(counts(world).values()) == len(by_plays)


class KilledAfterTwoCalls(ReccoBeatsApi):
    calls = 0

    def audio_features(self, track_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        if self.calls == 2:
            raise KeyboardInterrupt
        self.calls += 1
        return super().audio_features(track_ids)


def waiting(data_dir: Path, *providers: str) -> list[WaitingTrack]:
    return waiting_tracks(data_dir, "me", providers or ("reccobeats",), NOON)


def test_only_the_music_of_this_person_waits(tmp_path: Path) -> None:
    song, video, *others = (spotify_id(str(number)) for number in range(5))
    put(
        tmp_path,
        LISTENING_HISTORY,
        [
            *played(song, 2),
            *played(video, 3, media_type="video"),
            *played(others[0], media_type="episode"),
            *played(others[1], user_id="somebody else"),
            *played("no id", source="api"),
            *played(None, source="account"),
        ],
    )

    assert ids_of(waiting(tmp_path)) == [video, song]


def test_a_track_goes_by_the_name_that_the_tables_know_its_recording_by(tmp_path: Path) -> None:
    song = spotify_id("song")
    put(
        tmp_path,
        LISTENING_HISTORY,
        [
            *played(song, artist_name=None, track_name=None),
            *played(song, source="api", artist_name="Guest", album_artist_name="Host"),
            *played(song, source="api", duration_ms=180_000, artist_name="Host"),
        ],
    )

    assert [each.track for each in waiting(tmp_path)] == [
        KnownTrack(song, f"Song {song}", "Host", 180_000)
    ]


def test_each_provider_has_a_patience_of_its_own(tmp_path: Path) -> None:
    fresh, stale, of_spotify, measured = (spotify_id(str(number)) for number in range(4))
    tracks = (fresh, stale, of_spotify, measured)
    put(tmp_path, LISTENING_HISTORY, [play for each in tracks for play in played(each)])
    put(
        tmp_path,
        MY_TRACKS_FEATURES,
        [
            answered(fresh, "not_known", NOON - timedelta(days=29)),
            answered(stale, "not_known", NOON - timedelta(days=30)),
            answered(of_spotify, "not_known", NOON - timedelta(days=1), "spotify"),
            answered(measured, "ok", NOON - timedelta(days=400), "spotify"),
        ],
    )

    assert sorted(ids_of(waiting(tmp_path))) == sorted([stale, of_spotify])
    assert sorted(ids_of(waiting(tmp_path, "spotify"))) == sorted([fresh, stale])
    assert len(waiting(tmp_path, "spotify", "reccobeats")) == 3


def test_a_recording_that_is_measured_by_another_id_waits_no_more(tmp_path: Path) -> None:
    old, new, renamed, other = (spotify_id(str(number)) for number in range(4))
    put(
        tmp_path,
        LISTENING_HISTORY,
        [play for each in (old, new, renamed, other) for play in played(each)],
    )
    put(tmp_path, MY_TRACKS_FEATURES, [answered(old, "ok", NOON)])
    put(
        tmp_path,
        TRACK_NAMES,
        [
            {"name_key": "host|song", "track_key": "host|song", "track_ids": sorted([old, new])},
            {"name_key": "host|song!", "track_key": "host|song", "track_ids": [renamed]},
            {"name_key": "host|other", "track_key": "host|other", "track_ids": [other]},
        ],
    )

    assert ids_of(waiting(tmp_path)) == [other]
