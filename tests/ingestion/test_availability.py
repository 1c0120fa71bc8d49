"""Whether Spotify still plays a person's tracks: a slow queue, which any run goes on with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, SignInError
from clients.http import PATIENCE, Json
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.clock import Clock
from demo.music import Album, Artist, Music, Track, spotify_id
from demo.spotify_account import Account, Withdrawn
from demo.spotify_faults import Fault, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from incremental.lake import Lake
from incremental.results import StepResult
from ingestion.api_session import ApiSession
from ingestion.api_state import load_state
from ingestion.availability import TRACKS_A_RUN, check_availability, unchecked_tracks
from ingestion.availability_checks import Row, with_checks
from ingestion.moved_tracks import SEARCHES_A_RUN
from schemas.availability_schemas import AVAILABILITY_CHECKS
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import SAVED_TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.ingestion.test_audio_features import played
from tests.lakes import query
from tests.report.small_lakes import put
from tests.stand_ins import settings_for

NOON = datetime(2026, 10, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BAND = Artist(spotify_id("artist"), "The Examples")


class Killed(BaseException):
    """Ends a run as a kill does."""


@dataclass
class World:
    """A person with a history, and Spotify, which may not play all of it any more."""

    stand_in: SpotifyStandIn
    settings: Settings
    ids: list[str] = field(default_factory=list)
    """The tracks, the most played first."""

    sign_in_ended: str | None = None
    killed_at: int | None = None
    """The number of the request at which the run is killed."""

    @property
    def clock(self) -> Clock:
        return self.stand_in.clock

    @property
    def account(self) -> Account:
        return self.stand_in.account

    def run(self) -> tuple[StepResult, list[str]]:
        """Carry out the step as a run of this moment would; it needs no engine."""
        with Lake(self.settings, self.clock.now()) as lake:
            keeper = TokenKeeper(self.settings, self.clock.now)
            spotify = Spotify(self.settings, keeper, self.clock.now)
            spotify.killed_at = self.killed_at
            session = ApiSession.of(lake, spotify)
            session.sign_in_ended = self.sign_in_ended
            result = check_availability(lake, session)
            assert not lake.has_engine
            return result, session.notes

    def asked(self) -> list[str]:
        """Return the ids that were asked for so far, in that order."""
        tracks = [each for each in self.stand_in.requests if each.path.startswith("/v1/tracks/")]
        return [each.path.rpartition("/")[2] for each in tracks]

    def checks(self, columns: str = "track_id, is_playable, reason") -> list[tuple[Any, ...]]:
        if not AVAILABILITY_CHECKS.exists(self.settings.data_dir):
            return []
        return query(
            self.settings.data_dir,
            f"SELECT {columns} FROM {AVAILABILITY_CHECKS.full_name} ORDER BY ALL",
        )

    def waiting(self) -> list[str]:
        return unchecked_tracks(
            self.settings.data_dir, "me", self.settings.market, self.clock.now()
        )


class Spotify(SpotifyApi):
    killed_at: int | None = None
    calls = 0

    def track(self, track_id: str) -> Json:
        if self.calls == self.killed_at:
            raise Killed
        self.calls += 1
        return super().track(track_id)


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path, slept: list[float]) -> Iterator[MakeWorld]:
    open_worlds: list[SpotifyStandIn] = []

    def make(tracks: int, **settings: Any) -> World:
        album = Album(spotify_id("album"), "Many songs", (BAND,), tracks)
        music = [
            Track(spotify_id("t", str(each)), "Song", (BAND,), album, 180_000, f"QZDEM{each:07d}")
            for each in range(tracks)
        ]
        stand_in = SpotifyStandIn(Account(Music(music)), Clock(NOON))
        stand_in.__enter__()
        open_worlds.append(stand_in)
        given = settings_for(stand_in, tmp_path / "lake", **settings)
        times = {track.track_id: 1 + number * 7 % 5 for number, track in enumerate(music)}
        history = [play for each, count in times.items() for play in played(each, count)]
        put(given.data_dir, LISTENING_HISTORY, history)
        ids = sorted(times, key=lambda each: (-times[each], each))
        return World(stand_in, given, ids)

    yield make
    for each in open_worlds:
        each.__exit__(None, None, None)


def test_the_most_played_are_asked_first_and_so_many_a_run(make_world: MakeWorld) -> None:
    world = make_world(2 * TRACKS_A_RUN + 5)
    gone = world.ids[1]
    world.account.withdrawn[gone] = Withdrawn(NOON)
    notes = []
    for _ in range(4):
        result, said = world.run()
        notes += said
        assert (result.rows_out or 0) <= TRACKS_A_RUN
        world.clock.advance(timedelta(hours=6))

    assert world.asked() == world.ids
    assert notes == [
        "availability: 50 tracks checked, 1 not playable; 55 still to check; 1 searched for under "
        "another id, 0 found",
        "availability: 50 tracks checked, 0 not playable; 5 still to check",
        "availability: 5 tracks checked, 0 not playable; 0 still to check",
    ]
    assert [each for each in world.checks() if not each[1]] == [(gone, False, "market")]
    assert world.waiting() == []


def test_a_track_is_checked_again_after_thirty_days_and_keeps_one_row(
    make_world: MakeWorld,
) -> None:
    world = make_world(3)
    world.run()
    world.clock.set(NOON + 30 * DAY - timedelta(seconds=1))
    assert world.run()[1] == []
    assert len(world.asked()) == 3

    for month in range(1, 6):
        world.clock.set(NOON + month * 30 * DAY)
        assert world.run()[0].rows_out == 3

    assert len(world.asked()) == 18
    columns = "track_id, first_checked_at, last_checked_at"
    assert world.checks(columns) == [
        (each, NOON, NOON + 5 * 30 * DAY) for each in sorted(world.ids)
    ]


def test_what_ends_and_comes_back_has_a_row_for_each(make_world: MakeWorld) -> None:
    world = make_world(1)
    (track_id,) = world.ids
    world.run()
    world.account.deleted[track_id] = NOON + DAY
    for days in (30, 60):
        world.clock.set(NOON + days * DAY)
        world.run()
    world.account.deleted.clear()
    world.clock.set(NOON + 90 * DAY)
    world.run()

    assert world.checks("first_checked_at, last_checked_at, is_playable, reason") == [
        (NOON, NOON, True, None),
        (NOON + 30 * DAY, NOON + 60 * DAY, False, "not_found"),
        (NOON + 90 * DAY, NOON + 90 * DAY, True, None),
    ]


@pytest.mark.parametrize("market", ["US", "DE"])
def test_the_country_of_the_setting_counts(make_world: MakeWorld, market: str) -> None:
    world = make_world(1, market=market)
    world.account.country = None
    (track_id,) = world.ids
    world.account.withdrawn[track_id] = Withdrawn(NOON, frozenset({"US"}))

    world.run()

    assert world.checks("market, is_playable") == [(market, market == "DE")]
    world.settings = world.settings.model_copy(update={"market": "FR"})
    assert world.waiting() == [track_id]


def searched(world: World) -> list[str]:
    """Return the recordings that were searched for so far, in that order."""
    return [each.query["q"] for each in world.stand_in.requests if each.path == "/v1/search"]


def test_what_is_gone_is_searched_for_by_its_recording(make_world: MakeWorld) -> None:
    world = make_world(3, market="DE")
    gone, lost, _ = world.ids
    music = world.account.music.tracks
    other = replace(music[gone], track_id=spotify_id("other edition"))
    music[other.track_id] = other
    for each in (gone, lost):
        world.account.withdrawn[each] = Withdrawn(NOON)

    _, notes = world.run()

    codes = [f"isrc:{music[each].isrc}" for each in (gone, lost)]
    assert searched(world) == codes
    assert {each.query.get("market") for each in world.stand_in.requests if each.query} >= {"DE"}
    columns = "track_id, found_track_id, searched_at"
    found = {track_id: rest for track_id, *rest in world.checks(columns)}
    assert [found[each] for each in world.ids] == [
        [other.track_id, NOON],
        [None, NOON],
        [None, None],
    ]
    assert notes[0].endswith("; 2 searched for under another id, 1 found")

    # Not again before thirty days; checks that say the same keep what was found.
    world.clock.set(NOON + 29 * DAY)
    assert world.run()[1] == []
    world.clock.set(NOON + 30 * DAY)
    world.run()
    assert searched(world) == [*codes, *codes]
    assert len(world.checks(columns)) == 3


def test_a_track_that_ended_again_is_searched_for_again(make_world: MakeWorld) -> None:
    world = make_world(1)
    (gone,) = world.ids
    for days in (0, 30, 60):
        world.account.withdrawn = {} if days == 30 else {gone: Withdrawn(NOON)}
        world.clock.set(NOON + days * DAY)
        world.run()

    assert len(searched(world)) == 2


def test_a_deleted_track_is_searched_for_by_what_the_library_knows(make_world: MakeWorld) -> None:
    world = make_world(1)
    (gone,) = world.ids
    world.account.deleted[gone] = NOON
    world.run()
    assert searched(world) == []
    kept = {"user_id": "me", "added_at": NOON, "first_seen": NOON, "last_seen": NOON}
    saved = [kept | {"track_id": gone, "isrc": "QZDEM0000000"}]
    put(world.settings.data_dir, SAVED_TRACKS, saved)

    world.run()

    assert searched(world) == ["isrc:QZDEM0000000"]


def test_so_many_searches_a_run_and_none_once_the_rate_is_limited(make_world: MakeWorld) -> None:
    world = make_world(SEARCHES_A_RUN + 4)
    for each in world.ids:
        world.account.withdrawn[each] = Withdrawn(NOON)
    world.stand_in.faults.add(rate_limited(3_600), "/v1/tracks")
    world.run()
    assert searched(world) == []

    world.clock.advance(timedelta(hours=1))
    world.stand_in.faults.add(Fault(), "/v1/search", times=2)
    world.stand_in.faults.add(rate_limited(3_600), "/v1/search")
    _, notes = world.run()
    assert "; 2 searched for under another id, 0 found; rate-limited by Spotify" in notes[0]

    for hours in (2, 3):
        world.clock.set(NOON + timedelta(hours=hours))
        world.run()
    codes = [f"isrc:{world.account.music.tracks[each].isrc}" for each in world.ids]
    assert [*dict.fromkeys(searched(world))] == codes
    assert len(searched(world)) == SEARCHES_A_RUN + 5


def test_another_track_in_its_place_is_kept(make_world: MakeWorld) -> None:
    world = make_world(2, market="DE")
    asked, instead = world.ids
    world.account.withdrawn[asked] = Withdrawn(NOON, instead=instead)

    world.run()

    assert world.checks("track_id, is_playable, other_track_id") == sorted(
        [(asked, True, instead), (instead, True, None)]
    )


def test_where_nothing_is_said_nothing_is_claimed_and_little_asked(make_world: MakeWorld) -> None:
    world = make_world(9)
    world.account.country = None

    _, notes = world.run()

    assert len(world.asked()) == 2
    assert {playable for _, playable, _ in world.checks()} == {None}
    assert notes == [
        "availability: 2 tracks checked, 0 not playable; 7 still to check; Spotify does not say "
        "whether they can be played: set MARKET to your account's country, such as MARKET=DE"
    ]


def test_a_rate_limit_ends_the_step_cleanly_and_is_heeded(make_world: MakeWorld) -> None:
    world = make_world(9)
    world.stand_in.faults.add(Fault(), "/v1/tracks", times=4)
    world.stand_in.faults.add(rate_limited(80_000), "/v1/tracks")

    result, notes = world.run()

    assert (result.status, result.rows_out) == ("written", 4)
    assert notes[0].endswith(
        "; 5 still to check; rate-limited by Spotify until 2026-10-16 10:13 UTC"
    )
    assert load_state(world.settings.data_dir, "me", NOON).blocked_until == NOON + timedelta(
        seconds=80_000
    )
    world.clock.set(NOON + timedelta(hours=22))
    assert world.run()[1] == []
    assert len(world.asked()) == 5

    world.clock.set(NOON + timedelta(hours=23))
    world.run()
    assert world.asked()[5:] == world.ids[4:]


def test_a_request_that_fails_loses_no_other(make_world: MakeWorld) -> None:
    world = make_world(5)
    world.stand_in.faults.add(Fault(), "/v1/tracks", times=1)
    world.stand_in.faults.add(server_error(500), "/v1/tracks", times=PATIENCE.tries)

    with pytest.raises(ApiError, match="Spotify answered 500"):
        world.run()

    assert {track_id for track_id, *_ in world.checks()} == {*world.ids} - {world.ids[1]}
    assert world.waiting() == [world.ids[1]]


def test_a_service_that_is_down_is_not_asked_for_everything(make_world: MakeWorld) -> None:
    world = make_world(5)
    world.stand_in.faults.add(server_error(503), "/v1/tracks", times=999)

    with pytest.raises(ApiError, match="Spotify answered 503"):
        world.run()

    assert len(world.asked()) == 2 * PATIENCE.tries
    assert world.checks() == []


def test_a_service_at_another_address_withdraws_nothing(make_world: MakeWorld) -> None:
    world = make_world(5)
    gone = Fault(status=404, body='{"error": {"status": 404, "message": "Service not found"}}')
    world.stand_in.faults.add(gone, "/v1/tracks", times=999)

    with pytest.raises(ApiError, match="404"):
        world.run()

    assert world.checks() == []


def test_a_sign_in_that_ended_is_reported_and_not_tried_again(make_world: MakeWorld) -> None:
    world = make_world(2)
    world.stand_in.accounts.kill_tokens()
    with pytest.raises(SignInError, match="login"):
        world.run()

    world.stand_in.requests.clear()
    world.sign_in_ended = "run `python main.py login`"
    assert world.run()[1] == []
    assert world.stand_in.requests == []


def test_a_run_killed_at_any_request_is_made_up_by_the_next(make_world: MakeWorld) -> None:
    world = make_world(4)
    for call in range(4):
        world.killed_at = call
        with pytest.raises(Killed):
            world.run()
        assert world.checks() == []
    world.killed_at = None

    world.run()

    assert world.asked()[-4:] == world.ids
    assert world.checks("track_id") == [(each,) for each in sorted(world.ids)]


def test_a_lake_without_tracks_asks_nobody(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    world.settings = world.settings.model_copy(update={"data_dir": tmp_path / "empty"})

    assert world.run()[1] == []
    assert world.asked() == []


def test_whose_tracks_wait_and_in_which_order(tmp_path: Path) -> None:
    played_once, video, saved, removed, of_album, excluded_kind, theirs = (
        spotify_id(str(number)) for number in range(7)
    )
    put(
        tmp_path,
        LISTENING_HISTORY,
        [
            *played(played_once),
            *played(video, 2, media_type="video"),
            *played(excluded_kind, media_type="episode"),
            *played(theirs, user_id="you"),
            *played("no id"),
            *played(None, source="account"),
        ],
    )
    kept = {"user_id": "me", "added_at": NOON, "first_seen": NOON, "last_seen": NOON}
    put(
        tmp_path,
        SAVED_TRACKS,
        [kept | {"track_id": saved}, kept | {"track_id": removed, "removed_at": NOON}],
    )

    def unified(track_id: str | None, plays: int) -> Row:
        numbers = dict.fromkeys(
            ("counted_plays", "heard_ms", "skip_known_plays", "skipped_plays"), 0
        )
        numbers |= {"played_hours": 0, "played_seasons": 0, "saved_albums": 1, "person_group": 0}
        key = {"user_id": "me", "track_key": f"key of {track_id}", "track_id": track_id}
        return {**key, **numbers, "plays": plays, "playlist_ids": [], "is_excluded": False}

    # Saved under an id of its own, the recording was played often.
    put(tmp_path, UNIFIED_TRACKS, [unified(saved, 9), unified(of_album, 0), unified(None, 3)])

    assert unchecked_tracks(tmp_path, "me", "", NOON) == [saved, video, played_once, of_album]


def check(days: float, *, playable: bool | None = True, **others: Any) -> Row:
    at = NOON + days * DAY
    return {
        "user_id": "me",
        "track_id": "t",
        "market": "DE",
        "is_playable": playable,
        "reason": None,
        "other_track_id": None,
        "isrc": None,
        "found_track_id": None,
        "searched_at": None,
        "first_checked_at": at,
        "last_checked_at": at,
        **others,
    }


def test_the_same_answer_is_noted_once_a_week() -> None:
    rows, news = with_checks([], [check(0), check(0)])
    assert (rows, news) == ([check(0)], 1)

    assert with_checks(rows, [check(6.9)]) == (rows, 0)
    later = {**check(0), "last_checked_at": NOON + 7 * DAY, "isrc": "X"}
    assert with_checks(rows, [check(7, isrc="X")]) == ([later], 1)


@pytest.mark.parametrize("other", [{"playable": False}, {"reason": "x"}, {"other_track_id": "o"}])
def test_another_answer_is_a_row_of_its_own(other: dict[str, Any]) -> None:
    changed = check(0.1, **other)

    assert with_checks([check(0)], [changed]) == ([check(0), changed], 1)
    # Of a clock that was set back nothing is believed.
    assert with_checks([check(1)], [changed]) == ([check(1)], 0)


def test_what_is_checked_for_ten_years_has_one_row() -> None:
    rows: list[Row] = []
    for days in range(3_650):
        rows, _ = with_checks(rows, [check(days)])

    assert [(row["first_checked_at"], row["last_checked_at"]) for row in rows] == [
        (NOON, NOON + 3_647 * DAY)
    ]


def test_an_id_that_spotify_refuses_is_asked_once_a_month(make_world: MakeWorld) -> None:
    world = make_world(2)
    world.stand_in.faults.add(Fault(status=400), "/v1/tracks")

    world.run()

    assert {*world.checks("is_playable, track_id")} == {(None, world.ids[0]), (True, world.ids[1])}
    assert world.waiting() == []


def test_answers_and_silence_in_turn_have_two_rows() -> None:
    rows: list[Row] = []
    for days in range(0, 300, 30):
        rows, _ = with_checks(rows, [check(days, playable=None if days % 60 else True)])

    assert [(row["is_playable"], row["last_checked_at"]) for row in rows] == [
        (True, NOON + 240 * DAY),
        (None, NOON + 270 * DAY),
    ]


def test_a_reason_that_is_not_said_again_stays() -> None:
    rows: list[Row] = []
    for days, reason in ((0, None), (30, "not_found"), (60, None), (90, "not_found")):
        rows, _ = with_checks(rows, [check(days, playable=False, reason=reason)])

    assert [(row["reason"], row["last_checked_at"]) for row in rows] == [
        (None, NOON),
        ("not_found", NOON + 90 * DAY),
    ]


def test_people_and_countries_are_kept_apart() -> None:
    others = [check(0, user_id="you"), check(0, market="US"), check(0, track_id="u")]

    assert with_checks([check(0)], others) == ([check(0), *others], 3)
