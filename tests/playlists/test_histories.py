"""From plays and a library to a playlist: the same tracks as plain Python finds in the records."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.rule_files import EXAMPLES, rule_files
from playlists.rules import Rule, parse_rule
from playlists.selection import select
from schemas.availability_schemas import AVAILABILITY_CHECKS, TRACK_AVAILABILITY
from schemas.decision_schemas import EXCLUSIONS
from schemas.library_schemas import ALBUM_TRACKS, PLAYLISTS, SAVED_ALBUMS, SAVED_TRACKS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, SEASONS, TRACKS
from tests.models import compute
from tests.playlists.at_random import OWN_PLAYLISTS, rules
from tests.playlists.libraries import NOTHING, TODAY, ZONE, Row, at, chosen_by, lake_of
from tests.properties import at_most

pytestmark = pytest.mark.heavy

# Key, id, title, artist and sound of the songs that there are; the key is not always the name's.
SONGS: list[Row] = [
    {
        "track_key": f"{artist.lower()}|{title.lower()}",
        "track_id": f"id{number}",
        "track_name": title,
        "artist_name": artist,
        "artist_key": artist.lower(),
        "work_key": f"{artist.lower()}|{work}",
        "valence": [None, 0.2, 0.8][number % 3],
        "energy": [None, 0.3, 0.9][number % 3],
        "loudness": [None, -12.0, -5.0][number % 3],
        "feature_source": [None, "real", "synthetic"][number % 3],
    }
    for number, (artist, title, work) in enumerate(
        [
            ("One", "Song", "song"),
            ("One", "Song - Live", "song"),
            ("One", "Other", "other"),
            ("Two", "Song", "song"),
            ("Two", "Énya", "énya"),
            ("Three", "Last", "last"),
        ]
    )
]
NUMBERS = st.integers(0, len(SONGS) - 1)


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """Return plays, saved songs, songs of a saved album, and excluded artists."""
    excluded = draw(st.sampled_from([[], [], ["two"]]))
    plays = []
    for number in range(draw(st.integers(0, 40))):
        song = SONGS[draw(NUMBERS)]
        hours = draw(st.integers(0, 24 * 400))
        ended = at(2023, 5, 12, 0) + timedelta(hours=hours)
        local = ended.astimezone(ZoneInfo(ZONE))
        plays.append(
            {
                **song,
                "user_id": "me",
                "play_id": str(number),
                "played_at": ended,
                "ms_played": draw(st.sampled_from([5_000, 29_999, 30_000, 200_000, None])),
                "duration_ms": draw(st.sampled_from([None, 180_000])),
                "skipped": draw(st.sampled_from([None, True, False])),
                "hour_of_day": local.hour,
                "season": SEASONS[local.month % 12 // 3],
                "is_excluded": song["artist_key"] in excluded,
            }
        )
    saved = draw(st.dictionaries(NUMBERS, st.integers(0, 100), max_size=4))
    return {
        "plays": plays,
        "saved": {each: at(2024, 6, 15) - timedelta(days=days) for each, days in saved.items()},
        "on_album": draw(st.sets(NUMBERS, max_size=2)),
        "excluded": excluded,
        "checks": draw(st.lists(st.tuples(NUMBERS, st.sampled_from([None, True, False])))),
    }


def availability(history: dict[str, Any]) -> list[Row]:
    """Return what the model makes of the checks, one a day."""
    checks = [
        {
            "user_id": "me",
            "track_id": SONGS[number]["track_id"],
            "market": "account",
            "is_playable": is_playable,
            "first_checked_at": at(2024, 1, 1) + timedelta(days=days),
            "last_checked_at": at(2024, 1, 1) + timedelta(days=days),
        }
        for days, (number, is_playable) in enumerate(history["checks"])
    ]
    return compute("track_availability", {AVAILABILITY_CHECKS.full_name: checks})


def unified(history: dict[str, Any]) -> list[Row]:
    """Return what the model makes of a history."""

    def item(number: int, **others: Any) -> Row:
        names = {name: SONGS[number][name] for name in ("track_id", "track_name", "artist_name")}
        return {"user_id": "me", **names, **others}

    heard = {each["track_key"]: each for each in history["plays"] if not each["is_excluded"]}
    inputs: dict[Any, list[Row]] = {
        LISTENING_WITH_FEATURES: history["plays"],
        TRACKS: [
            {**song, "user_id": "me", "plays": 1, "counted_plays": 1}
            for song in SONGS
            if song["track_key"] in heard
        ],
        SAVED_TRACKS: [item(each, added_at=when) for each, when in history["saved"].items()],
        SAVED_ALBUMS: [{"user_id": "me", "album_id": "a", "album_name": "Album"}],
        ALBUM_TRACKS: [item(each, album_id="a") for each in history["on_album"]],
        EXCLUSIONS: [
            {"user_id": "me", "kind": "artist", "item_key": each} for each in history["excluded"]
        ],
    }
    return compute("unified_tracks", {table.full_name: rows for table, rows in inputs.items()})


def in_python(history: dict[str, Any]) -> list[Row]:
    """Return the same of the records one by one, without SQL."""
    by_key: dict[str, Row] = {}
    plays = defaultdict(list)
    # The last answer counts.
    available = {number: said for number, said in history["checks"] if said is not None}
    for each in history["plays"]:
        plays[each["track_key"]].append(each)
    for number, song in enumerate(SONGS):
        heard = plays[song["track_key"]]
        saved_at = history["saved"].get(number)
        on_album = number in history["on_album"]
        if not heard and saved_at is None and not on_album:
            continue
        counted = [
            each for each in heard if each["ms_played"] is None or each["ms_played"] >= 30_000
        ]
        lengths = [each["ms_played"] or each["duration_ms"] or 0 for each in heard]
        ends = [each["played_at"] for each in counted]
        sound = {
            name: song[name] if heard else None
            for name in ("valence", "energy", "loudness", "feature_source")
        }
        by_key[song["track_key"]] = {
            **NOTHING,
            **song,
            **sound,
            "duration_ms": 180_000 if any(each["duration_ms"] for each in heard) else None,
            "counted_plays": len(counted),
            "heard_ms": sum(lengths),
            "skip_known_plays": sum(each["skipped"] is not None for each in heard),
            "skipped_plays": sum(each["skipped"] is True for each in heard),
            "first_played_at": min(ends, default=None),
            "last_played_at": max(ends, default=None),
            "played_hours": _bits(each["hour_of_day"] for each in counted),
            "played_seasons": _bits(SEASONS.index(each["season"]) for each in counted),
            "saved_at": saved_at,
            "saved_albums": int(on_album),
            "album_name": "Album" if on_album else None,
            "is_excluded": song["artist_key"] in history["excluded"],
            "available": available.get(number),
        }
    return list(by_key.values())


def _bits(places: Iterable[int]) -> int:
    return sum({1 << place for place in places})


def _same(history: dict[str, Any], asked: Iterable[Rule]) -> int:
    """Assert that both choose the same by some rules; return how many tracks that were."""
    expected, number = in_python(history), 0
    others = {PLAYLISTS: OWN_PLAYLISTS, TRACK_AVAILABILITY: availability(history)}
    with lake_of(unified(history), others) as lake:
        for rule in asked:
            found = select(lake, rule, "me", ZONE, TODAY).tracks
            keys = [each["track_key"] for each in chosen_by(rule, expected)]
            assert sorted(each.track_key for each in found) == sorted(keys), rule
            if not rule.separate_artists:
                assert [each.track_key for each in found] == keys, rule
            number += len(keys)
    return number


@at_most(6)
@given(histories(), st.lists(rules(), min_size=5, max_size=5))
def test_random_rules_over_random_histories(history: dict[str, Any], data: list[Any]) -> None:
    _same(history, [parse_rule(each, "rule", "rule.nsp") for each in data])


EXAMPLE_RULES = [each.read() for each in rule_files([EXAMPLES])]


@at_most(6)
@given(histories())
def test_each_rule_that_comes_along_over_random_histories(history: dict[str, Any]) -> None:
    _same(history, EXAMPLE_RULES)


def test_each_rule_that_comes_along_chooses_by_hand() -> None:
    """A history in which each of them finds something, and what."""
    days = {0: [300] * 12, 1: [1] * 6, 3: [2] * 3, 4: [9] * 5}
    plays = [
        {
            **SONGS[song],
            "user_id": "me",
            "play_id": f"{song} {number}",
            "played_at": at(2024, 6, 15, 20) - timedelta(days=ago),
            "ms_played": 10_000 if song == 4 else 200_000,
            "duration_ms": None,
            "skipped": song == 4,
            "hour_of_day": 22,
            "season": "summer",
            "is_excluded": False,
        }
        for song, agos in days.items()
        for number, ago in enumerate(agos)
    ]
    history = {
        "plays": plays,
        "saved": {2: at(2024, 6, 1), 3: at(2023, 1, 1)},
        "on_album": {5},
        "excluded": [],
        "checks": [],
    }
    with lake_of(unified(history)) as lake:
        found = {
            rule.slug: [each.track_id for each in select(lake, rule, "me", ZONE, TODAY).tracks]
            for rule in EXAMPLE_RULES
        }

    assert found == {
        # Song by One is played twelve times, its live version six times: one work.
        "most-played": ["id0"],
        "never-played": ["id2", "id5"],
        "recently-added": ["id2"],
        "rediscover": ["id0"],
        "calm-evening": ["id1"],
        "skipped-too-often": ["id4"],
    }
    assert _same(history, EXAMPLE_RULES) >= len(EXAMPLE_RULES)
