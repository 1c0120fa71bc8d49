"""What rules want of their playlists, and which rules are synced when."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from lake.playlist_mappings import PlaylistMapping
from playlists.rules import RuleError
from playlists.wanted import rules_due, rules_with_playlist, slug_of, wanted_tracks
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.conftest import IDS, MONDAY, SLUG, Person, uri
from tests.playlists.libraries import track, write_rule
from tests.report.small_lakes import put


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a lake with three tracks, one of them not at Spotify."""
    put(
        tmp_path,
        UNIFIED_TRACKS,
        [
            track("A", track_id=IDS[0], counted_plays=3),
            track("B", track_id=IDS[1], counted_plays=5),
            track("C", track_id=None, counted_plays=9),
        ],
    )
    return Settings(_env_file=None, data_dir=tmp_path)


def put_rule(settings: Settings, slug: str, **others: Any) -> None:
    rule = {"name": "Mine", "all": [{"gt": {"plays": 2}}], "sort": "-plays", **others}
    write_rule(settings.data_dir, slug, rule)


def mapping(slug: str, **others: Any) -> PlaylistMapping:
    return PlaylistMapping("me", slug, "Mine", False, MONDAY, **others)


def test_a_rule_wants_its_tracks_in_order_and_counts_those_not_at_spotify(
    settings: Settings,
) -> None:
    put_rule(settings, "mine")
    wanted = wanted_tracks(settings, "Mine", MONDAY)
    assert (wanted.slug, wanted.name) == ("mine", "Mine")
    assert wanted.uris == [uri(1), uri(0)]
    assert wanted.without_id == 1
    assert slug_of(settings, "mine") == "mine"
    with pytest.raises(RuleError, match="mine"):
        wanted_tracks(settings, "mines", MONDAY)


def test_rules_with_a_playlist_or_a_time_are_synced_where_none_is_named(
    settings: Settings,
) -> None:
    put_rule(settings, "alone")
    put_rule(settings, "mapped")
    put_rule(settings, "timed", sync="daily")
    (settings.data_dir / "playlists" / "broken.nsp").write_text("{")
    mappings = {"mapped": mapping("mapped"), "its file is gone": mapping("its file is gone")}
    assert rules_with_playlist(settings, mappings) == ["mapped", "timed"]


def test_a_daily_rule_is_due_once_its_playlist_is_a_day_old(settings: Settings) -> None:
    put_rule(settings, "alone")
    put_rule(settings, "always", sync="every run")
    put_rule(settings, "timed", sync="daily")
    assert rules_due(settings, {}, MONDAY) == ["always", "timed"]
    synced = {"timed": mapping("timed", last_synced_at=MONDAY)}
    assert rules_due(settings, synced, MONDAY + timedelta(hours=22)) == ["always"]
    assert rules_due(settings, synced, MONDAY + timedelta(hours=24)) == ["always", "timed"]


def test_a_rule_becomes_a_playlist(person: Person) -> None:
    put(
        person.settings.data_dir,
        UNIFIED_TRACKS,
        [
            track(f"Song {number}", track_id=IDS[number], saved_at=MONDAY - timedelta(400))
            for number in range(150)
        ],
    )
    wanted = wanted_tracks(person.settings, SLUG, MONDAY)
    numbers = [IDS.index(each.rpartition(":")[2]) for each in wanted.uris]
    person.sync(*numbers)
    assert len(numbers) > 90
    assert [f"spotify:track:{each}" for each in person.playlist.track_ids] == wanted.uris
