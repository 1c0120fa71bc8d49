"""Weeks of a Spotify that is late, out, rate limited and changes its mind.

No play is lost unseen, none lands twice, and the export that comes later closes every gap.
"""

import json
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pydantic import SecretStr

from clients.auth.spotify_auth import SCOPES, TokenKeeper
from clients.errors import ApiError, SignInError
from clients.spotify_api import SpotifyApi
from config.settings import Settings
from demo.catalogue import make_catalogue
from demo.clock import Clock
from demo.export_files import write_export
from demo.listener import Listener, simulate
from demo.music import Artist, music_of, spotify_id
from demo.plays import Outage, Period, Play
from demo.simulated_account import plays_of
from demo.spotify_account import Account
from demo.spotify_faults import Fault, cut_off, garbage, rate_limited, server_error
from demo.spotify_server import SpotifyStandIn
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from ingestion.api_session import ApiSession
from ingestion.recent_plays import import_recent_plays
from loaders.privacy_export import find_exports
from pipeline import run_pipeline
from tests.lakes import FEW_STEPS, query
from tests.stand_ins import settings_for
from writers.upkeep import maintain

_UPKEEP_EVERY = 100
START, WEEKS = date(2026, 3, 2), 10
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass
class World:
    """A listener, what they really played, and the Spotify that shows it."""

    truth: pd.DataFrame
    account: Account
    stand_in: SpotifyStandIn
    clock: Clock
    settings: Settings

    def agree(self) -> None:
        """Have the person sign in again."""
        token = self.stand_in.accounts.consent(" ".join(SCOPES))
        self.settings = self.settings.model_copy(update={"spotify_refresh_token": SecretStr(token)})

    def api(self) -> SpotifyApi:
        return SpotifyApi(self.settings, TokenKeeper(self.settings, self.clock.now), self.clock.now)


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path, slept: list[float]) -> Iterator[MakeWorld]:
    open_worlds: list[SpotifyStandIn] = []

    def make(plays_per_day: float = 33.0, weeks: int = WEEKS) -> World:
        listener = Listener("me", 3, START, START + timedelta(weeks=weeks), plays_per_day)
        catalogue = make_catalogue(n_artists=60, n_tracks=600)
        truth = simulate(listener, catalogue)
        account = Account(music_of(catalogue), user_id="me")
        account.plays = plays_of(truth, account.music)
        clock = Clock(MONDAY)
        stand_in = SpotifyStandIn(account, clock)
        stand_in.__enter__()
        open_worlds.append(stand_in)
        return World(truth, account, stand_in, clock, settings_for(stand_in, tmp_path / "lake"))

    yield make
    for each in open_worlds:
        each.__exit__(None, None, None)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def die(*_: object) -> None:
    raise KeyboardInterrupt


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def make_trouble(world: World) -> None:
    """All that may go wrong in ten weeks."""
    account, faults = world.account, world.stand_in.faults
    # A third of the plays hours late, in no order.
    account.plays = [
        replace(each, visible_at=each.known_from + timedelta(minutes=each.play_id * 37 % 300))
        if each.play_id % 3 == 0
        else each
        for each in account.plays
    ]
    # Every fifth track goes by another id and another credit than in the export.
    for number, track_id in enumerate(sorted(account.music.tracks)):
        if number % 5 == 0:
            credit = Artist(spotify_id("credit", track_id), "Somebody Featured")
            account.relink(track_id, spotify_id("relinked", track_id), (credit,))
    account.start_periods = [Period(day(28), day(35))]
    account.outages = [
        Outage(Period(day(15), day(16.5))),
        Outage(Period(day(44), day(47)), loses_plays=True),
    ]
    faults.during(Period(day(10), day(10.5)), server_error(503), "/v1/me/player")
    faults.during(Period(day(20), day(20.3)), rate_limited(80_000), "/v1/me/player")
    faults.during(Period(day(51), day(51.3)), rate_limited(2), "/v1/me/player")
    faults.during(Period(day(52), day(52.3)), garbage(), "/v1/me/player")
    faults.during(Period(day(53), day(53.3)), cut_off(), "/v1/me/player")


def poll(world: World) -> None:
    with Lake(world.settings, world.clock.now()) as lake:
        session = ApiSession.of(lake, world.api())
        try:
            import_recent_plays(lake, session)
        except SignInError:
            world.agree()
        except ApiError:
            pass  # the next poll takes it up


def poll_for_weeks(world: World, every: timedelta, weeks: int) -> None:
    deaths = [day(24), day(60)]
    for turn in range(math.ceil(timedelta(weeks=weeks, days=2) / every)):
        world.clock.set(MONDAY + every * turn)
        if deaths and world.clock.now() >= deaths[0]:
            world.stand_in.accounts.kill_tokens()
            deaths.pop(0)
        poll(world)
        if turn % _UPKEEP_EVERY == 0:
            with Lake(world.settings, world.clock.now()) as lake:
                deque(maintain(lake.data_dir), maxlen=0)


def ten_weeks_of_trouble(world: World, every: timedelta) -> None:
    make_trouble(world)
    poll_for_weeks(world, every, WEEKS)


def landed(world: World) -> list[tuple[str, int]]:
    """Return track and end of every play of the API in bronze, sorted."""
    return query(
        world.settings.data_dir,
        "SELECT track_name, epoch_ms(played_at) FROM bronze.listening_history_bronze "
        "WHERE source = 'api' ORDER BY ALL",
    )


def lost(world: World) -> list[Play]:
    """Return the plays that the API would tell of and that no answer ever held."""
    offered = world.account.offered
    return [each for each in world.account.plays if each.is_listed and each.play_id not in offered]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ten_weeks_of_trouble_every_six_hours(
    engine: Engine, make_world: MakeWorld, tmp_path: Path
) -> None:
    world = make_world()

    ten_weeks_of_trouble(world, hours(6))

    assert lost(world), "nothing was lost: the simulation is too easy"
    assert_nothing_is_lost_unseen(engine, world, tmp_path)


def test_killed_between_the_gap_and_the_plays_the_next_poll_takes_up(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(plays_per_day=150.0, weeks=1)
    world.clock.set(day(2))
    poll(world)
    before = landed(world)
    world.clock.set(day(4))
    with monkeypatch.context() as killed:
        killed.setattr("ingestion.recent_plays._land", die)
        with pytest.raises(KeyboardInterrupt):
            poll(world)
    assert landed(world) == before

    poll(world)
    poll(world)

    assert len(landed(world)) == len(before) + 50
    ((since, until),) = query(
        world.settings.data_dir, "SELECT lost_from, lost_until FROM ops.play_gaps"
    )
    missing = [each.ended_at for each in lost(world) if day(2) < each.ended_at <= day(4)]
    assert missing
    assert since <= min(missing)
    assert max(missing) <= until


def test_odd_items_are_rejected_one_by_one_and_the_others_land(make_world: MakeWorld) -> None:
    world = make_world(plays_per_day=150.0, weeks=1)
    world.clock.set(day(2))
    page = world.api().recently_played()
    assert len(page) == 50
    page[3]["track"]["artists"] = [None]
    page[9]["track"]["duration_ms"] = "long"
    page[20]["track"]["name"] = "half \ud83d"
    page[21]["context"] = "album"
    page[30]["played_at"] = "1970-01-01T00:00:00Z"
    page[31]["played_at"] = "2031-01-01T00:00:00Z"
    page[32]["odd"] = None
    answer = Fault(200, body=json.dumps({"items": [*page, "text"], "cursors": None}))
    world.stand_in.faults.add(answer, "/v1/me/player", times=2)

    poll(world)
    poll(world)

    assert len(landed(world)) == 44
    rejected = query(world.settings.data_dir, "SELECT reason FROM ops.rejected_records")
    assert len(rejected) == 6


def test_no_content_is_no_news(make_world: MakeWorld) -> None:
    world = make_world()
    world.stand_in.faults.add(Fault(204, body=""), "/v1/me/player", times=1)
    with Lake(world.settings, world.clock.now()) as lake:
        result = import_recent_plays(lake, ApiSession.of(lake, world.api()))

    assert result.status == "nothing_new"
    assert world.stand_in.count("/v1/me/player/recently-played") == 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_weeks_of_trouble_every_hour(
    engine: Engine, make_world: MakeWorld, tmp_path: Path
) -> None:
    world = make_world()

    ten_weeks_of_trouble(world, hours(1))

    assert_nothing_is_lost_unseen(engine, world, tmp_path)


def assert_nothing_is_lost_unseen(engine: Engine, world: World, tmp_path: Path) -> None:
    _assert_each_offered_play_is_there_once(world)
    _assert_every_loss_is_reported(world)
    _assert_the_export_makes_it_whole(engine, world, tmp_path)


def _assert_each_offered_play_is_there_once(world: World) -> None:
    titles = {
        each.track_id: world.account.as_shown(each.track_id).name
        for each in world.account.plays
        if each.media_type != "episode"
    }
    offered = [each for each in world.account.plays if each.play_id in world.account.offered]
    assert len(offered) > 200
    expected = sorted(titles[each.track_id] for each in offered)
    assert sorted(title for title, _ in landed(world)) == expected


def _assert_every_loss_is_reported(world: World) -> None:
    gaps = query(
        world.settings.data_dir,
        "SELECT lost_from, lost_until FROM ops.play_gaps WHERE closed_at IS NULL",
    )
    missing = lost(world)
    unreported = [
        each
        for each in missing
        if not any(since <= each.ended_at <= until for since, until in gaps)
    ]
    assert unreported == []


def _assert_the_export_makes_it_whole(engine: Engine, world: World, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    extended, _ = write_export(world.truth, tmp_path / "exports")
    with Lake(world.settings, world.clock.now(), engine) as lake:
        discovery = find_exports([extended], "me")
        outcome = run_pipeline(lake, discovery, None, SilentObserver(), steps=FEW_STEPS)
    assert not outcome.has_failed
    music = world.truth[world.truth["media_type"].isin(["track", "video"])]
    expected = sorted(
        zip(music["track_name"], (int(at.timestamp()) for at in music["played_at"]), strict=True)
    )
    found = query(
        world.settings.data_dir,
        "SELECT track_name, epoch_ms(played_at) // 1000 FROM silver.listening_with_features",
    )
    assert sorted(found) == expected
    assert query(
        world.settings.data_dir,
        "SELECT count(*) FROM ops.play_gaps WHERE closed_at IS NULL",
    ) == [(0,)]
