"""What a rule chooses: its order, its limit, each work once; the same as in plain Python."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given

from playlists.rules import RuleError, parse_rule
from playlists.selection import select
from schemas.decision_schemas import CORRECTIONS
from schemas.library_schemas import PLAYLISTS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.at_random import OWN_PLAYLISTS, libraries, rules
from tests.playlists.libraries import (
    TODAY,
    ZONE,
    Row,
    chosen_by,
    lake_of,
    put_rows,
    rule_of,
    track,
)
from tests.properties import at_most

ALL: Any = {"gt": {"plays": -1}}


def chosen(tracks: list[Row], *conditions: Any, **others: Any) -> list[str | None]:
    with lake_of(tracks) as lake:
        rule = rule_of(*(conditions or (ALL,)), **others)
        return [each.track_name for each in select(lake, rule, "me", ZONE, TODAY).tracks]


FEW = [
    track("b", counted_plays=2, valence=0.5),
    track("C", counted_plays=1),
    track("á", counted_plays=2, valence=0.1),
]


@pytest.mark.parametrize(
    ("others", "names"),
    [
        ({}, ["á", "b", "C"]),
        ({"order": "desc"}, ["C", "b", "á"]),
        ({"sort": "-plays,title"}, ["á", "b", "C"]),
        ({"sort": "plays,-title"}, ["C", "b", "á"]),
        ({"sort": "plays, -title", "order": "DESC"}, ["á", "b", "C"]),
        ({"sort": ["-playCount", "+title"]}, ["á", "b", "C"]),
        # What is not known comes last either way.
        ({"sort": "valence"}, ["á", "b", "C"]),
        ({"sort": "-valence"}, ["b", "á", "C"]),
        ({"limit": 2}, ["á", "b"]),
        ({"limit": 0}, ["á", "b", "C"]),
        ({"limit": 1, "offset": 1}, ["b"]),
        ({"offset": 3}, []),
        ({"limitPercent": 67}, ["á", "b"]),
        ({"limitPercent": 1}, ["á"]),
        ({"limitPercent": 400}, ["á", "b", "C"]),
        ({"limitPercent": 1, "limit": 2}, ["á", "b"]),
    ],
)
def test_order_and_limit(others: Any, names: list[str]) -> None:
    assert chosen(FEW, **others) == names


def test_a_random_order_follows_from_the_seed() -> None:
    tracks = [track(f"{number:02}") for number in range(50)]
    first, again = (chosen(tracks, sort="random", seed=1) for _ in range(2))
    other = chosen(tracks, sort="random", seed=2)
    in_order = [each["track_name"] for each in tracks]

    assert first == again
    assert len({tuple(first), tuple(other), tuple(in_order)}) == 3
    assert sorted(first, key=str) == in_order
    # Half of the tracks alone are in the same order.
    half = chosen(tracks[::2], sort="random", seed=1)
    assert half == [each for each in first if each in half]


def test_a_seed_may_change_with_the_day_or_the_week() -> None:
    tracks = [track(f"{number:02}") for number in range(50)]
    monday = date(2024, 6, 10)

    def on(day: date, seed: str) -> list[str]:
        with lake_of(tracks) as lake:
            found = select(lake, rule_of(ALL, sort="random", seed=seed), "me", ZONE, day)
            return [each.track_key for each in found.tracks]

    assert on(monday, "daily") != on(monday + timedelta(days=1), "daily")
    assert on(monday, "weekly") == on(monday + timedelta(days=6), "weekly")
    assert on(monday, "weekly") != on(monday + timedelta(days=7), "weekly")


def test_each_work_stands_once_where_it_comes_first() -> None:
    song = {"work_key": "artist|song"}
    tracks = [
        track("Song", counted_plays=1, **song),
        track("Song - Remastered", counted_plays=9, **song),
        track("Song (Live)", counted_plays=5, **song),
        track("Other", counted_plays=7),
        track("Untitled", counted_plays=3, work_key=None),
        track("Untitled too", counted_plays=2, work_key=None),
    ]

    assert chosen(tracks, sort="-plays", dedupe=True) == [
        "Song - Remastered",
        "Other",
        "Untitled",
        "Untitled too",
    ]
    assert chosen(tracks, sort="plays", dedupe=True, limit=2) == ["Song", "Untitled too"]


def test_artists_are_kept_apart_after_the_limit() -> None:
    tracks = [track(name, artist_name=name[0]) for name in ("a1", "a2", "a3", "b1", "c1")]

    assert chosen(tracks, limit=4) == ["a1", "a2", "a3", "b1"]
    assert chosen(tracks, separateArtists=True, limit=4) == ["a1", "b1", "a2", "a3"]
    assert chosen(tracks, separateArtists=1) == ["a1", "b1", "a2", "c1", "a3"]


def test_what_is_excluded_or_has_no_id_is_left_out_and_counted() -> None:
    tracks = [
        track("there"),
        track("without id", track_id=None),
        track("excluded", is_excluded=True),
        track("of another", user_id="you"),
    ]
    with lake_of(tracks) as lake:
        found = select(lake, rule_of(ALL), "me", ZONE, TODAY)

    assert [each.track_name for each in found.tracks] == ["there"]
    assert (found.matching, found.without_id) == (2, 1)


def test_a_track_that_became_another_is_chosen_under_either_key() -> None:
    merged = {"user_id": "me", "kind": "track", "item_key": "artist|old", "into_key": "artist|c"}
    of_somebody_else = merged | {"user_id": "you", "into_key": "artist|b"}
    rule = rule_of({"is": {"trackKey": ["artist|old", "artist|á"]}}, sort="trackKey")

    with lake_of(FEW, {CORRECTIONS: [merged, of_somebody_else]}) as lake:
        found = select(lake, rule, "me", ZONE, TODAY)

    assert [each.track_name for each in found.tracks] == ["C", "á"]


def test_a_playlist_that_is_not_there_is_told_with_the_nearest() -> None:
    own = {"user_id": "me", "playlist_id": "p1", "playlist_name": "Evening", "is_own": True}
    rule = rule_of(ALL, {"any": [{"inPlaylist": {"name": "Evenings"}}]})
    with lake_of(FEW, {PLAYLISTS: [own]}) as lake, pytest.raises(RuleError) as error:
        select(lake, rule, "me", ZONE, TODAY)

    assert str(error.value) == (
        "rule.nsp: all[1].any[0]: no own playlist is Evenings: the nearest is evening"
    )


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with lake_of([], {PLAYLISTS: OWN_PLAYLISTS}) as lake:
        yield lake


@at_most(30)
@given(rows=libraries(), data=rules())
def test_a_rule_chooses_what_plain_python_says(
    lake: duckdb.DuckDBPyConnection, rows: list[Row], data: Any
) -> None:
    rule = parse_rule(data, "rule", "rule.nsp")
    put_rows(lake, UNIFIED_TRACKS, rows)

    found = select(lake, rule, "me", ZONE, TODAY)

    assert [each.track_key for each in found.tracks] == [
        each["track_key"] for each in chosen_by(rule, rows)
    ]
    assert len(found.tracks) <= found.matching - found.without_id


def test_tracks_named_by_their_keys_stand_in_the_order_of_the_rule() -> None:
    keys = ["artist|c", "artist|none", "artist|á", "artist|c"]
    named = {"is": {"trackKey": keys}}

    assert chosen(FEW, named, sort="trackKey") == ["C", "á"]
    assert chosen(FEW, named, sort="-trackKey") == ["á", "C"]
    assert chosen(FEW, {"isNot": {"trackKey": keys}}) == ["b"]
    # Keys are not folded as texts are.
    assert chosen(FEW, {"is": {"trackKey": "ARTIST|C"}}) == []
    assert chosen(FEW, {"any": [named, {"is": {"title": "b"}}]}, sort="trackKey") == ["C", "á", "b"]
