"""What a person's corrections make of plays: hidden ones, tracks and artists that are the same."""

from typing import Any

import pytest

from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.decision_schemas import CORRECTIONS, EXCLUSIONS, VERDICTS
from schemas.library_schemas import SAVED_TRACKS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from tests.models import compute
from tests.silver.histories import NOON, after_noon, features_of, listening, record

Row = dict[str, Any]


def hidden(record_id: str, user_id: str = "me") -> Row:
    return {"user_id": user_id, "kind": "play", "item_key": record_id, "corrected_at": NOON}


def merged(kind: str, item_key: str, into_key: str, user_id: str = "me", **values: Any) -> Row:
    return {
        "user_id": user_id,
        "kind": kind,
        "item_key": item_key,
        "chosen_key": into_key,
        "into_key": into_key,
        "into_name": None,
        "corrected_at": NOON,
        **values,
    }


def exclusion(kind: str, item_key: str) -> Row:
    return {
        "user_id": "me",
        "kind": kind,
        "item_key": item_key,
        "source": "page",
        "excluded_at": NOON,
    }


def song(title: str, artist: str = "ABBA", **values: Any) -> Row:
    return record(track_name=title, artist_name=artist, album_artist_name=artist, **values)


def by_id(rows: list[Row], *names: str) -> dict[str, Any]:
    return {row["play_id"]: tuple(row[name] for name in names) for row in rows}


API: Row = {"source": "api", "ms_played": None, "told_at": NOON}
EXPORT: Row = {"source": "extended", "played_at": after_noon(4), "ms_played": 200_000}
ACCOUNT: Row = {"source": "account", "ms_played": 200_000}


@pytest.mark.parametrize("shown", ["a", "k", "e"])
def test_a_hidden_play_stays_hidden_whichever_record_represents_it_later(shown: str) -> None:
    records = {
        "k": song("SOS", record_id="k", **ACCOUNT),
        "a": song("SOS", record_id="a", **API),
        "e": song("SOS", record_id="e", **EXPORT),
    }
    another = song("SOS", record_id="z", played_at=after_noon(9000))

    for known in ({shown}, {shown, "e"}, {"a", "k", "e"}):
        rows = listening(*(records[each] for each in known), another, corrections=[hidden(shown)])
        (play,) = (row for row in rows if row["play_id"] != "z")
        assert (play["is_hidden"], play["is_excluded"], play["is_counted"]) == (True, True, False)
        assert by_id(rows, "is_hidden", "first_play")["z"] == (False, True)


def test_a_play_hidden_by_the_api_record_that_tells_its_start_stays_hidden() -> None:
    told_as_start = song("SOS", record_id="a", **API)
    ended_later = song("SOS", record_id="e", played_at=after_noon(200), ms_played=200_000)

    (row,) = listening(told_as_start, ended_later, corrections=[hidden("a")])

    assert (row["play_id"], row["sources"], row["is_hidden"]) == ("e", ["api", "extended"], True)


def test_a_play_stays_hidden_when_its_record_turns_out_to_be_a_copy() -> None:
    first = song("SOS", record_id="a", ms_played=200_000, platform=None)
    again = song("SOS", record_id="b", ms_played=200_000, platform="ios")

    (row,) = listening(first, again, corrections=[hidden("a")])

    assert (row["play_id"], row["is_hidden"]) == ("b", True)


def test_a_play_stays_hidden_when_it_could_not_be_beside_another() -> None:
    first = song("SOS", record_id="b", ms_played=200_000, played_at=after_noon(100))
    before = song("SOS", record_id="a", ms_played=200_000)

    (row,) = listening(first, before, corrections=[hidden("b")])

    assert (row["play_id"], row["is_hidden"]) == ("a", True)


def test_hiding_is_of_one_person_and_of_one_play() -> None:
    rows = listening(
        song("SOS", record_id="a"),
        song("SOS", record_id="b", played_at=after_noon(9000)),
        song("SOS", record_id="a", user_id="you"),
        corrections=[hidden("a"), hidden("no such record")],
    )

    assert [(row["user_id"], row["play_id"]) for row in rows if row["is_hidden"]] == [("me", "a")]


def test_merged_tracks_have_one_key_one_first_play_and_the_same_features() -> None:
    rows = listening(
        song("SOS", record_id="a"),
        song("S.O.S.", record_id="b", played_at=after_noon(9000)),
        song("SOS - Live", record_id="c", played_at=after_noon(-9000)),
        song("Money", record_id="d", played_at=after_noon(20000)),
        song("S.O.S.", record_id="e", user_id="you"),
        features=[
            features_of("abba|sos", valence=0.5, feature_source="real"),
            features_of("abba|s.o.s.", valence=0.25, feature_source="real"),
        ],
        corrections=[
            merged("track", "abba|s.o.s.", "abba|sos"),
            merged("track", "abba|sos - live", "abba|sos"),
        ],
    )

    assert by_id(rows, "track_key", "track_name", "valence", "first_play") == {
        "c": ("abba|sos", "SOS", 0.5, True),
        "a": ("abba|sos", "SOS", 0.5, False),
        "b": ("abba|sos", "SOS", 0.5, False),
        "d": ("abba|money", "Money", None, True),
        "e": ("abba|s.o.s.", "S.O.S.", 0.25, True),
    }


def test_tracks_merged_into_one_that_no_record_names_have_one_first_play_and_features() -> None:
    rows = listening(
        song("B", record_id="b"),
        song("A", record_id="a", played_at=after_noon(9000)),
        features=[features_of("abba|a", valence=0.5), features_of("abba|b", valence=0.25)],
        corrections=[merged("track", f"abba|{each}", "abba|in the library") for each in "ab"],
    )

    assert by_id(rows, "track_key", "track_name", "valence", "first_play") == {
        "b": ("abba|in the library", "B", 0.5, True),
        "a": ("abba|in the library", "A", 0.5, False),
    }


def test_merged_artists_have_one_key_and_the_name_that_was_chosen() -> None:
    corrections = [merged("artist", "a.b.b.a.", "abba", into_name="ABBA")]
    rows = listening(
        song("SOS", record_id="a"),
        song("SOS", "A.B.B.A.", record_id="b", played_at=after_noon(9000)),
        song("SOS", "A.B.B.A.", record_id="c", user_id="you"),
        corrections=corrections,
    )

    assert by_id(rows, "artist_key", "artist_name", "track_key") == {
        "a": ("abba", "ABBA", "abba|sos"),
        "b": ("abba", "ABBA", "a.b.b.a.|sos"),
        "c": ("a.b.b.a.", "A.B.B.A.", "a.b.b.a.|sos"),
    }
    plays = {LISTENING_WITH_FEATURES.full_name: rows}
    tracks = compute("tracks", plays)
    found = {(row["user_id"], row["track_key"]): row["work_key"] for row in tracks}
    assert found == {
        ("me", "abba|sos"): "abba|sos",
        ("me", "a.b.b.a.|sos"): "abba|sos",
        ("you", "a.b.b.a.|sos"): "a.b.b.a.|sos",
    }
    assert len(tracks) == len(found)


def test_the_name_of_merged_artists_is_that_of_the_last_of_them() -> None:
    rows = listening(
        song("SOS", "A.B.B.A.", record_id="a"),
        song("SOS", "Abba Group", record_id="b", played_at=after_noon(9000)),
        song("SOS", "Unknown", record_id="c", played_at=after_noon(18000)),
        corrections=[
            merged("artist", "a.b.b.a.", "abba", chosen_key="abba group", into_name="Abba Group"),
            merged("artist", "abba group", "abba", into_name="ABBA"),
            merged("artist", "unknown", "somebody"),
        ],
    )

    assert by_id(rows, "artist_key", "artist_name") == {
        "a": ("abba", "ABBA"),
        "b": ("abba", "ABBA"),
        "c": ("somebody", "Unknown"),
    }


@pytest.mark.parametrize(
    ("kind", "key", "marked"),
    [
        ("track", "abba|sos", ["a", "b"]),
        ("track", "abba|s.o.s.", ["a", "b"]),
        ("artist", "abba", ["a", "b", "c"]),
        ("artist", "a.b.b.a.", ["a", "b", "c"]),
        ("album", "abba|arrival", ["a", "c"]),
        ("album", "a.b.b.a.|arrival", ["a", "c"]),
        ("album", "a.b.b.a.|gold", ["b"]),
    ],
)
def test_an_exclusion_holds_under_each_key_of_what_is_the_same(
    kind: str, key: str, marked: list[str]
) -> None:
    rows = listening(
        song("SOS", record_id="a", album_name="Arrival"),
        song("S.O.S.", record_id="b", album_name="Gold", played_at=after_noon(9000)),
        song("One", "A.B.B.A.", record_id="c", album_name="Arrival", played_at=after_noon(18000)),
        song("One", "Other", record_id="d", album_name="Arrival", played_at=after_noon(27000)),
        exclusions=[exclusion(kind, key)],
        corrections=[
            merged("track", "abba|s.o.s.", "abba|sos"),
            merged("artist", "a.b.b.a.", "abba"),
        ],
    )

    assert [row["play_id"] for row in rows if row["is_excluded"]] == marked
    assert not any(row["is_hidden"] for row in rows)


def unified(plays: list[Row], saved: list[Row], **decided: list[Row]) -> dict[str, Row]:
    inputs = {
        LISTENING_WITH_FEATURES.full_name: plays,
        SAVED_TRACKS.full_name: saved,
        "silver.tracks": compute("tracks", {LISTENING_WITH_FEATURES.full_name: plays}),
        CORRECTIONS.full_name: decided.get("corrections", []),
        EXCLUSIONS.full_name: decided.get("exclusions", []),
    }
    return {row["track_key"]: row for row in compute("unified_tracks", inputs)}


def saved_track(title: str, artist: str = "ABBA") -> Row:
    return {
        "user_id": "me",
        "track_id": title,
        "track_name": title,
        "artist_name": artist,
        "added_at": NOON,
    }


def test_the_library_has_one_row_of_merged_tracks() -> None:
    corrections = [
        merged("track", "abba|s.o.s.", "abba|sos"),
        merged("artist", "a.b.b.a.", "abba"),
    ]
    plays = listening(
        song("SOS", record_id="a"),
        song("S.O.S.", record_id="b", played_at=after_noon(9000)),
        corrections=corrections,
    )
    saved = [saved_track("S.O.S."), saved_track("Money", "A.B.B.A.")]

    found = unified(plays, saved, corrections=corrections)

    assert set(found) == {"abba|sos", "a.b.b.a.|money"}
    assert (found["abba|sos"]["plays"], found["abba|sos"]["saved_at"]) == (2, NOON)
    never = found["a.b.b.a.|money"]
    assert (never["artist_key"], never["work_key"]) == ("abba", "abba|money")
    by_other = [exclusion("artist", "abba")]
    excluded = unified([], saved, corrections=corrections, exclusions=by_other)
    assert excluded["a.b.b.a.|money"]["is_excluded"] is True


def test_what_was_only_heard_in_hidden_plays_was_never_heard() -> None:
    corrections = [hidden("a"), hidden("b")]
    plays = listening(
        song("SOS", record_id="a"),
        song("Money", record_id="b", played_at=after_noon(9000)),
        corrections=corrections,
    )

    found = unified(plays, [saved_track("SOS")], corrections=corrections)

    assert set(found) == {"abba|sos"}
    row = found["abba|sos"]
    assert (row["plays"], row["first_played_at"], row["is_excluded"]) == (0, None, False)


def test_names_are_narrowed_to_what_corrections_need_too() -> None:
    def name(key: str) -> Row:
        return {"name_key": key, "track_key": key, "track_ids": []}

    names = [name(each) for each in ("abba|sos", "abba|s.o.s.", "abba|live", "other|song")]
    rows = compute(
        "names_of_records",
        {
            LISTENING_HISTORY.full_name: [song("SOS", record_id="a")],
            "silver.track_names": names,
            CORRECTIONS.full_name: [merged("track", "abba|live", "abba|s.o.s.")],
        },
    )

    assert {row["track_key"] for row in rows} == {"abba|sos", "abba|s.o.s.", "abba|live"}


def test_an_answer_holds_under_each_key_of_the_track() -> None:
    rows = compute(
        "answered_tracks",
        {
            VERDICTS.full_name: [
                {"user_id": "me", "track_key": "b", "verdict": "no", "answered_at": NOON}
            ],
            CORRECTIONS.full_name: [
                merged("track", "a", "c"),
                merged("track", "b", "c"),
                merged("track", "b", "d", user_id="you"),
            ],
        },
    )

    assert sorted((row["user_id"], row["track_key"]) for row in rows) == [
        ("me", "a"),
        ("me", "b"),
        ("me", "c"),
    ]
