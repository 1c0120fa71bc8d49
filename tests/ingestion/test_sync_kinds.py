"""A sync of one kind asks Spotify for that alone, and the tables computed from it follow."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from clients.auth.spotify_auth import TokenKeeper
from clients.spotify_api import SpotifyApi
from demo.clock import Clock
from demo.spotify_faults import rate_limited
from demo.spotify_server import SpotifyStandIn
from engines.engine import Engine
from incremental.lake import Lake
from incremental.results import SilentObserver
from ingestion.api_session import ApiSession
from ingestion.api_state import load_state
from ingestion.sync_kinds import SyncKind
from loaders.privacy_export import Discovery
from pipeline import RunOutcome, run_pipeline
from run_ingestion import app
from tests.ingestion.test_library import (
    MONDAY,
    OTHER,
    World,
    library,
    mondays_lake,
    track_id,
)
from tests.lakes import FEW_STEPS
from tests.stand_ins import settings_for
from web.runs import Kind

__all__ = ["mondays_lake"]
HOUR_LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def world(mondays_lake: Path, tmp_path: Path) -> Iterator[World]:
    """Yield the person an hour later, who liked, unliked, saved and heard something meanwhile."""
    account = library()
    account.save_track(track_id(OTHER, 1), MONDAY)
    account.save_album(OTHER.album_id, MONDAY)
    account.add_playlist("New").add(track_id(OTHER, 2), MONDAY)
    shutil.copytree(mondays_lake, tmp_path / "lake")
    with SpotifyStandIn(account, Clock(HOUR_LATER)) as stand_in:
        yield World(account, stand_in, stand_in.clock, settings_for(stand_in, tmp_path / "lake"))


def sync(world: World, engine: Engine, kind: SyncKind) -> tuple[RunOutcome, set[str], list[str]]:
    """Carry out a run of one kind; return it, what of Spotify was asked, and its notes."""
    world.stand_in.requests.clear()
    api = SpotifyApi(world.settings, TokenKeeper(world.settings, world.clock.now), world.clock.now)
    with Lake(world.settings, world.clock.now(), engine) as lake:
        session = ApiSession.of(lake, api)
        outcome = run_pipeline(
            lake, Discovery(), None, SilentObserver(), session, steps=FEW_STEPS, only=kind
        )
    asked = {each for each in world.asked() if each not in ("api/token", "me")}
    return outcome, asked, session.notes


def library_counts(world: World) -> tuple[int, int, int, int]:
    names = ("saved_tracks", "saved_albums", "album_tracks", "playlists")
    one, two, three, four = (world.count(name) for name in names)
    return one, two, three, four


@pytest.mark.parametrize(
    ("kind", "paths", "counts"),
    [
        (SyncKind.LIKED_TRACKS, {"me/tracks"}, (111, 2, 123, 3)),
        (SyncKind.LIKED_TRACKS_FULL, {"me/tracks"}, (111, 2, 123, 3)),
        (SyncKind.SAVED_ALBUMS, {"me/albums"}, (110, 3, 123, 3)),
    ],
)
def test_a_list_is_read_alone_and_at_any_time(
    world: World,
    engine: Engine,
    kind: SyncKind,
    paths: set[str],
    counts: tuple[int, int, int, int],
) -> None:
    outcome, asked, _ = sync(world, engine, kind)

    assert not outcome.has_failed
    assert asked == paths
    assert library_counts(world) == counts
    # The day's reading of the whole library is still to come.
    assert load_state(world.settings.data_dir, "me", world.clock.now()).library_read_at == MONDAY


def test_tracks_of_albums_come_with_the_list_of_albums(world: World, engine: Engine) -> None:
    _, asked, _ = sync(world, engine, SyncKind.ALBUM_TRACKS)
    assert "me/albums" in asked
    assert asked <= {"me/albums", f"albums/{OTHER.album_id}/tracks"}
    assert library_counts(world) == (110, 3, 183, 3)


def test_only_the_whole_list_shows_what_was_swapped(world: World, engine: Engine) -> None:
    requests = {}
    for kind in (SyncKind.LIKED_TRACKS, SyncKind.LIKED_TRACKS_FULL):
        sync(world, engine, kind)
        requests[kind] = world.asked().count("me/tracks")
    # The total and one page with known tracks; then all three pages of fifty.
    assert requests == {SyncKind.LIKED_TRACKS: 2, SyncKind.LIKED_TRACKS_FULL: 3}


def test_recent_plays_come_alone_and_the_tables_follow(world: World, engine: Engine) -> None:
    outcome, asked, _ = sync(world, engine, SyncKind.RECENT_PLAYS)

    assert asked == {"me/player/recently-played"}
    assert library_counts(world) == (110, 2, 123, 3)
    assert world.rows("SELECT count(*) FROM silver.listening_with_features") == [(10,)]
    assert "silver.listening_with_features" in {each.step for each in outcome.results}


def test_features_come_alone(world: World, engine: Engine) -> None:
    sync(world, engine, SyncKind.RECENT_PLAYS)
    _, asked, _ = sync(world, engine, SyncKind.FEATURES)
    assert asked
    assert {each.partition("/")[0] for each in asked} <= {"audio-features", "tracks"}


def test_a_rate_limit_is_told_and_nothing_asked(world: World, engine: Engine) -> None:
    world.stand_in.faults.add(rate_limited(3600), "/v1/me/tracks")
    sync(world, engine, SyncKind.LIKED_TRACKS)
    _, asked, notes = sync(world, engine, SyncKind.LIKED_TRACKS)
    assert asked == set()
    assert "rate-limited by Spotify until" in " ".join(notes)


def test_the_page_offers_every_kind() -> None:
    assert {each.value for each in SyncKind} | {"everything", "files"} == {*get_args(Kind)}


@pytest.mark.usefixtures("clean_environment")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "recent-plays"], "CLIENT_ID"),
        (["--only", "recent-plays", "--no-api"], "leave out"),
        (["--only", "liked-tracks", "--full"], "leave out"),
        (["--only", "liked-tracks", "--demo"], "leave out"),
        (["--only", "everything"], "recent-plays"),
    ],
)
def test_what_cannot_be_asked_for_is_wrong_use(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = CliRunner().invoke(app, ["--data-dir", str(tmp_path / "lake"), *arguments])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert not (tmp_path / "lake").exists()
