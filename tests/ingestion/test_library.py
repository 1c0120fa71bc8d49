"""The library as the stand-in shows it: its history is kept, and a quiet day costs little."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from clients.auth.spotify_auth import SCOPES, TokenKeeper
from clients.errors import ApiError
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.clock import Clock
from demo.music import Album, Artist, Music, Track, spotify_id
from demo.plays import Play
from demo.spotify_account import Account, Playlist, Withdrawn
from demo.spotify_faults import Fault, rate_limited
from demo.spotify_server import SpotifyStandIn
from incremental.lake import Lake
from incremental.results import StepResult
from ingestion import library as library_imports
from ingestion.api_session import ApiSession
from ingestion.api_state import load_state
from ingestion.library import LIBRARY, import_library
from mappers.api_items import LEFT_OUT
from schemas.library_schemas import SAVED_TRACKS, TABLES
from tests.lakes import query
from tests.report.small_lakes import put
from tests.stand_ins import settings_for

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
THE_BAND = Artist(spotify_id("band"), "The Band")
LONG, SHORT, OTHER = (
    Album(spotify_id("album", name), name, (THE_BAND,), size)
    for name, size in (("Long", 120), ("Short", 3), ("Other", 60))
)
TRACKS = {
    album.name: [
        Track(spotify_id(album.name, str(i)), f"{album.name} {i}", (THE_BAND,), album, 180_000, "X")
        for i in range(1, album.total_tracks + 1)
    ]
    for album in (LONG, SHORT, OTHER)
}


def track_id(album: Album, number: int) -> str:
    return TRACKS[album.name][number - 1].track_id


def library() -> Account:
    """110 saved tracks, a long and a short album, three playlists, ten plays."""
    plays = [
        Play(i, track_id(SHORT, 1 + i // 6), MONDAY - timedelta(hours=1 + i), ms_played=180_000)
        for i in range(10)
    ]
    account = Account(Music(each for album in TRACKS.values() for each in album), plays, "spot")
    for number in range(1, 111):
        account.save_track(track_id(LONG, number), MONDAY - timedelta(hours=number))
    account.save_album(LONG.album_id, MONDAY - timedelta(days=9))
    account.save_album(SHORT.album_id, MONDAY - timedelta(days=8))
    for name, numbers in (("Mix", (1, 2, 1)), ("Quiet", (3,))):
        playlist = account.add_playlist(name)
        for number in numbers:
            playlist.add(track_id(LONG, number), MONDAY - timedelta(days=7))
    account.add_playlist("Theirs", "friend").add(track_id(SHORT, 1), MONDAY - timedelta(days=6))
    return account


@dataclass
class World:
    """A person with a library, and the lake that holds it."""

    account: Account
    stand_in: SpotifyStandIn
    clock: Clock
    settings: Settings

    def import_it(self, *, full: bool = False) -> tuple[StepResult, ApiSession]:
        """Carry out the step as of the clock; it needs no engine."""
        self.stand_in.requests.clear()
        api = SpotifyApi(self.settings, TokenKeeper(self.settings, self.clock.now), self.clock.now)
        with Lake(self.settings, self.clock.now()) as lake:
            session = ApiSession.of(lake, api)
            result = import_library(lake, session, full=full)
            assert not lake.has_engine
        return result, session

    def playlist(self, name: str) -> Playlist:
        return next(each for each in self.account.playlists.values() if each.name == name)

    def asked(self) -> list[str]:
        return [each.path.removeprefix("/v1").strip("/") for each in self.stand_in.requests]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return query(self.settings.data_dir, sql)

    def count(self, name: str, where: str = "removed_at IS NULL") -> int:
        ((number,),) = self.rows(f"SELECT count(*) FROM bronze.{name}_bronze WHERE {where}")
        return int(number)


@pytest.fixture(scope="module")
def mondays_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the lake after the library was imported for the first time."""
    with SpotifyStandIn(library(), Clock(MONDAY)) as stand_in:
        settings = settings_for(stand_in, tmp_path_factory.mktemp("library") / "lake")
        World(stand_in.account, stand_in, stand_in.clock, settings).import_it()
    return settings.data_dir


def as_landed(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that the library's tables hold, without the items as they came."""
    return {
        each.name: world.rows(f"SELECT * EXCLUDE (item) FROM {each.full_name} ORDER BY ALL")
        for each in TABLES
    }


@pytest.fixture
def world(mondays_lake: Path, tmp_path: Path) -> Iterator[World]:
    """Yield the same person on Tuesday; nothing has happened since."""
    shutil.copytree(mondays_lake, tmp_path / "lake")
    with SpotifyStandIn(library(), Clock(TUESDAY)) as stand_in:
        settings = settings_for(stand_in, tmp_path / "lake")
        yield World(stand_in.account, stand_in, stand_in.clock, settings)


def test_the_whole_library_lands(world: World) -> None:
    counts = {table.name: world.count(table.name.removesuffix("_bronze")) for table in TABLES}

    assert counts == {
        "saved_tracks_bronze": 110,
        "saved_albums_bronze": 2,
        "album_tracks_bronze": 123,
        "playlists_bronze": 3,
        "playlist_items_bronze": 4,
        "top_items_bronze": 3 * (2 + 1),
    }
    assert world.rows(
        "SELECT playlist_name, is_own, items_snapshot_id = snapshot_id "
        "FROM bronze.playlists_bronze ORDER BY ALL"
    ) == [("Mix", True, True), ("Quiet", True, True), ("Theirs", False, None)]
    assert world.rows(
        "SELECT rank, item_name, first_seen, last_seen FROM bronze.top_items_bronze "
        "WHERE kind = 'tracks' AND term = 'short_term' ORDER BY rank"
    ) == [(1, "Short 1", MONDAY, MONDAY), (2, "Short 2", MONDAY, MONDAY)]


def test_a_day_without_news_asks_little_and_writes_nothing(world: World) -> None:
    result, session = world.import_it()

    assert (result.step, result.status, result.rows_out) == (LIBRARY, "nothing_new", 0)
    assert session.notes == []
    assert sorted(world.asked()) == sorted(
        ["api/token", "me", "me/albums", "me/playlists", "me/tracks", "me/tracks"]
        + ["me/top/artists", "me/top/tracks"] * 3
    )
    assert load_state(world.settings.data_dir, "me", world.clock.now()).library_read_at == TUESDAY


def test_it_is_read_once_a_day(world: World) -> None:
    world.clock.set(MONDAY + timedelta(hours=6))

    result, _ = world.import_it()

    assert (result.status, world.asked()) == ("nothing_new", [])


def test_a_full_read_is_one_of_every_list_at_any_time(world: World) -> None:
    world.clock.set(MONDAY + timedelta(hours=6))

    result, _ = world.import_it(full=True)

    assert result.status == "nothing_new"
    assert world.asked().count("me/tracks") == 3
    assert sum(path.endswith("/items") for path in world.asked()) == 2


def test_new_saved_tracks_are_asked_for_until_known_ones_are_met(world: World) -> None:
    world.account.save_track(track_id(SHORT, 1), TUESDAY - timedelta(hours=2))
    world.account.save_track(track_id(SHORT, 2), TUESDAY - timedelta(hours=1))

    result, session = world.import_it()

    assert (result.status, result.rows_out) == ("written", 2)
    assert session.notes == ["Library: saved tracks: 2 added"]
    assert world.asked().count("me/tracks") == 2
    assert world.rows(
        "SELECT first_seen, last_seen, removed_at, count(*) FROM bronze.saved_tracks_bronze "
        "GROUP BY ALL ORDER BY ALL"
    ) == [(MONDAY, TUESDAY, None, 110), (TUESDAY, TUESDAY, None, 2)]


def test_a_track_that_is_saved_again_has_two_rows_and_other_people_keep_theirs(
    world: World,
) -> None:
    stay = {"added_at": MONDAY, "first_seen": MONDAY, "last_seen": MONDAY}
    put(world.settings.data_dir, SAVED_TRACKS, [{"user_id": "you", "track_id": "yours", **stay}])
    again, gone = track_id(LONG, 100), track_id(LONG, 101)
    world.account.unsave_track(gone)
    world.account.unsave_track(again)
    world.account.save_track(again, TUESDAY - timedelta(hours=1))

    result, session = world.import_it()

    assert result.rows_out == 3
    assert session.notes == ["Library: saved tracks: 1 added, 2 removed"]
    assert world.rows(
        "SELECT track_name, first_seen, last_seen, removed_at FROM bronze.saved_tracks_bronze "
        f"WHERE track_id IN ('{again}', '{gone}') ORDER BY ALL"
    ) == [
        ("Long 100", MONDAY, MONDAY, TUESDAY),
        ("Long 100", TUESDAY, TUESDAY, None),
        ("Long 101", MONDAY, MONDAY, TUESDAY),
    ]
    assert world.rows(
        "SELECT track_id, last_seen, removed_at FROM bronze.saved_tracks_bronze "
        "WHERE user_id = 'you'"
    ) == [("yours", MONDAY, None)]


def test_what_goes_and_comes_back_is_remembered(world: World) -> None:
    mix, short = world.playlist("Mix"), world.account.saved_albums[-1]
    items = mix.items
    mix.remove(track_id(LONG, 2))
    quiet = world.account.playlists.pop(world.playlist("Quiet").playlist_id)
    world.account.unsave_album(SHORT.album_id)

    world.import_it()

    assert sum(path.endswith("/items") for path in world.asked()) == 1
    assert world.count("saved_albums") == 1
    assert world.count("album_tracks") == 120
    assert world.count("playlists", f"removed_at = '{TUESDAY}'") == 1
    assert world.count("playlist_items") == 2
    assert world.count("playlist_items", f"removed_at = '{TUESDAY}'") == 2

    world.clock.set(WEDNESDAY)
    mix.items = items
    world.account.playlists[quiet.playlist_id] = quiet
    world.account.saved_albums.append(short)

    world.import_it()

    for name, number in (("saved_albums", 2), ("album_tracks", 123), ("playlist_items", 4)):
        there = f"removed_at IS NULL AND first_seen = '{MONDAY}'"
        assert world.count(name, there) == world.count(name, "true") == number


def test_the_albums_whose_tracks_are_asked_for_are_bounded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_imports, "MAX_ALBUMS", 0)
    world.account.save_album(OTHER.album_id, TUESDAY - timedelta(hours=1))
    others = f"album_id = '{OTHER.album_id}'"

    world.import_it()

    assert world.count("saved_albums", others) == 1
    assert world.count("album_tracks", others) == 0

    monkeypatch.undo()
    world.clock.set(WEDNESDAY)
    _, session = world.import_it()

    assert session.notes == ["Library: album tracks: 60 added"]
    assert world.count("album_tracks", others) == 60


def test_a_rate_limit_ends_the_step_and_what_was_read_is_kept(world: World) -> None:
    mix, quiet = world.playlist("Mix"), world.playlist("Quiet")
    for each in (mix, quiet):
        each.add(track_id(SHORT, 3), TUESDAY)
    path = f"/v1/playlists/{quiet.playlist_id}/items"
    world.stand_in.faults.add(rate_limited(80_000), path)
    until = TUESDAY + timedelta(seconds=80_000)

    result, session = world.import_it()

    assert (result.status, result.rows_out) == ("written", 1)
    assert session.notes[0].startswith("Library: rate-limited by Spotify until 2026-03-04")
    state = load_state(world.settings.data_dir, "me", world.clock.now())
    assert (state.blocked_until, state.library_read_at) == (until, MONDAY)
    assert world.count("playlist_items") == 5

    world.clock.set(until - timedelta(minutes=1))
    world.import_it(full=True)
    assert world.asked() == []

    world.clock.set(until + timedelta(minutes=1))
    world.import_it()
    assert [path for path in world.asked() if path.endswith("/items")] == [
        f"playlists/{quiet.playlist_id}/items"
    ]
    assert world.count("playlist_items") == 6


@pytest.mark.parametrize("path", ["me/tracks", "me/albums", "me/top/artists", "me/playlists"])
def test_a_list_that_cannot_be_read_removes_nothing(world: World, path: str) -> None:
    world.stand_in.faults.add(rate_limited(80_000), f"/v1/{path}")

    result, session = world.import_it()

    assert (result.status, len(session.notes)) == ("nothing_new", 1)


def test_a_list_that_breaks_off_on_its_second_page_removes_nothing(world: World) -> None:
    world.account.unsave_track(track_id(LONG, 1))
    # The count, the look at the newest and the first page are answered.
    world.stand_in.faults.add(Fault(), "/v1/me/tracks", times=3)
    world.stand_in.faults.add(rate_limited(80_000), "/v1/me/tracks")

    result, _ = world.import_it()

    assert (result.status, world.asked().count("me/tracks")) == ("nothing_new", 4)
    assert world.count("saved_tracks") == 110


def test_another_error_fails_the_step(world: World) -> None:
    allowed = [each for each in SCOPES if each != "user-top-read"]
    world.settings = settings_for(world.stand_in, world.settings.data_dir, *allowed)

    with pytest.raises(ApiError, match=r"main\.py login"):
        world.import_it()

    assert load_state(world.settings.data_dir, "me", world.clock.now()).library_read_at == MONDAY


def test_a_playlist_that_is_not_found_keeps_nobody_else_waiting(world: World) -> None:
    missing = Fault(404, {}, json.dumps({"error": {"status": 404, "message": "Not found"}}))
    path = f"/v1/playlists/{world.playlist('Mix').playlist_id}/items"
    world.stand_in.faults.add(missing, path)

    result, _ = world.import_it(full=True)

    assert result.status == "nothing_new"
    assert f"playlists/{world.playlist('Quiet').playlist_id}/items" in world.asked()
    assert load_state(world.settings.data_dir, "me", world.clock.now()).library_read_at == TUESDAY


class RecordedApi:
    """Return the answers that Spotify once gave; lists that were not recorded are empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def saved_tracks(self) -> list[dict[str, Any]]:
        return self._items("saved_tracks")

    def saved_albums(self) -> list[dict[str, Any]]:
        return self._items("saved_albums")

    def top(self, kind: str, term: str) -> list[dict[str, Any]]:
        return self._items(f"top_{kind}") if term == "short_term" else []

    def playlists(self) -> list[dict[str, Any]]:
        return []

    def me(self) -> dict[str, Any]:
        return {"id": "someone"}

    def _items(self, name: str) -> list[dict[str, Any]]:
        answer = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        return [each for each in answer["items"] if each is not None]


def leaves(value: Any) -> Iterator[str]:
    """Return every single value of some JSON that is kept, as text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner) if name not in LEFT_OUT else ()
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield json.dumps(value, ensure_ascii=False)


def test_recorded_answers_land_with_all_that_they_hold(shared_data: Path, tmp_path: Path) -> None:
    api = RecordedApi(shared_data / "api")
    settings = Settings(_env_file=None, data_dir=tmp_path / "lake")

    with Lake(settings, TUESDAY) as lake:
        session = ApiSession.of(lake, cast(SpotifyApi, api))
        result = import_library(lake, session, full=False)

    albums = api.saved_albums()
    songs = [song for each in albums for song in each["album"].pop("tracks")["items"]]
    expected = {
        "saved_tracks": api.saved_tracks(),
        "saved_albums": albums,
        "album_tracks": songs,
        "top_items": [*api.top("tracks", "short_term"), *api.top("artists", "short_term")],
    }
    for name, items in expected.items():
        landed = query(settings.data_dir, f"SELECT item FROM bronze.{name}_bronze")
        found = [sorted(leaves(json.loads(item))) for (item,) in landed]
        assert sorted(found) == sorted(sorted(leaves(item)) for item in items), name
    assert result.rows_out == 48 + 44 + 438 + 96


AVAILABILITY = "SELECT {} FROM bronze.track_availability_bronze {} ORDER BY ALL"


def test_pages_say_whether_tracks_can_be_played(world: World) -> None:
    saved = {track_id(LONG, number) for number in range(1, 111)}

    found = world.rows(AVAILABILITY.format("track_id, market, is_playable, first_checked_at", ""))

    assert found == [(each, "account", True, MONDAY) for each in sorted(saved)]


def test_the_first_page_of_a_quiet_day_says_what_ended_and_the_rest_once_a_week(
    world: World,
) -> None:
    listed, later = track_id(LONG, 30), track_id(LONG, 60)
    for each in (listed, later):
        world.account.withdrawn[each] = Withdrawn(TUESDAY, reason="product")

    result, session = world.import_it()

    assert (result.status, result.rows_out, session.notes) == ("written", 0, [])
    assert world.asked().count("me/tracks") == 2
    gone = AVAILABILITY.format("track_id, reason, first_checked_at", "WHERE NOT is_playable")
    assert world.rows(gone) == [(listed, "product", TUESDAY)]
    world.clock.set(WEDNESDAY + timedelta(days=1))
    assert world.import_it()[0].status == "nothing_new"
    world.clock.set(MONDAY + timedelta(days=8))
    world.import_it()
    counts = AVAILABILITY.format("last_checked_at, count(*)", "GROUP BY 1")
    assert world.rows(counts) == [
        (MONDAY, 61),  # the other pages, and the last answer before it ended
        (TUESDAY + timedelta(days=7), 50),
    ]


def test_items_of_own_playlists_say_so_too(world: World) -> None:
    other = track_id(OTHER, 1)
    world.playlist("Quiet").add(other, TUESDAY)
    world.account.deleted[other] = TUESDAY

    world.import_it()

    gone = AVAILABILITY.format("track_id, is_playable, reason", "WHERE NOT is_playable")
    assert world.rows(gone) == [(other, False, None)]


def test_what_says_nothing_of_playable_tracks_is_no_answer(world: World) -> None:
    world.account.country = None
    before = world.rows(AVAILABILITY.format("*", ""))

    result, _ = world.import_it(full=True)

    assert result.status == "nothing_new"
    assert world.rows(AVAILABILITY.format("*", "")) == before


@pytest.mark.parametrize("names_originals", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_asking_with_a_country_changes_nothing_else_that_lands(
    world: World, *, full: bool, names_originals: bool
) -> None:
    """Where Spotify then shows other releases, the library holds those that were saved."""
    for number in (1, 2, 105):
        shown = replace(
            TRACKS["Other"][number % 50], isrc=f"QZ{number}", name="Other name", duration_ms=1
        )
        world.account.music.tracks[shown.track_id] = shown
        original = replace(TRACKS["Long"][number - 1], isrc=f"QZ{number}")
        world.account.music.tracks[original.track_id] = original
        world.account.withdrawn[original.track_id] = Withdrawn(MONDAY, instead=shown.track_id)
    world.account.names_originals = names_originals
    # The recordings have codes of their own in the lake as well.
    world.import_it(full=True)
    world.playlist("Mix").add(track_id(SHORT, 3), TUESDAY)
    world.import_it(full=True)
    before = as_landed(world)
    world.settings = world.settings.model_copy(update={"market": "DE"})
    world.clock.set(WEDNESDAY)

    world.import_it(full=full)

    assert as_landed(world) == before
    asked = [each for each in world.stand_in.requests if each.path.endswith(("me/tracks", "items"))]
    with_items = [each for each in asked if each.query.get("limit") != "1"]
    assert with_items
    assert {each.query.get("market") for each in with_items} == {"DE"}
    moved = AVAILABILITY.format("track_id, other_track_id", "WHERE other_track_id IS NOT NULL")
    expected = [(track_id(LONG, each), track_id(OTHER, each % 50 + 1)) for each in (1, 2, 105)]
    assert world.rows(moved) == sorted(expected if full else expected[:2])


def test_a_run_killed_before_its_list_landed_reads_what_can_be_played_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.account.withdrawn[track_id(SHORT, 1)] = Withdrawn(MONDAY)
    world.account.save_track(track_id(SHORT, 1), TUESDAY - timedelta(hours=2))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "replace_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            world.import_it()
    gone = AVAILABILITY.format("track_id", "WHERE NOT is_playable")
    assert world.rows(gone) == []

    world.import_it()
    assert world.rows(gone) == [(track_id(SHORT, 1),)]
    assert world.count("saved_tracks") == 111
