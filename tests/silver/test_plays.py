"""What several sources report of one play is one play; what one source reports twice is two."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.play_sources import PLAY_SOURCES
from tests.properties import at_most
from tests.silver.histories import NOON, Row, after_noon, listening, numbered, record

pytestmark = pytest.mark.heavy

Report = tuple[str, str, int]
"""Source, title and seconds after noon."""
Play = tuple[str, int, tuple[str, ...]]
"""Track key, seconds after noon and sources."""

PRECEDENCE = tuple(each.name for each in sorted(PLAY_SOURCES, key=lambda each: each.rank))


def reported(source: str, title: str, seconds: int) -> Row:
    return record(source=source, track_name=title, played_at=after_noon(seconds))


def plays(records: Iterable[Row]) -> list[Play]:
    """Return the plays of a history in the order of time."""
    rows = listening(*records)
    assert len(rows) == len({(row["user_id"], row["play_id"]) for row in rows})
    return [(row["track_key"], _seconds(row["played_at"]), (*row["sources"],)) for row in rows]


def _seconds(instant: datetime) -> int:
    return int((instant - NOON).total_seconds())


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # Account data knows the minute only: up to a minute before the end.
        ([("extended", "A", 59), ("account", "A", 0)], [("artist|a", 59, ("account", "extended"))]),
        ([("extended", "A", 91), ("account", "A", 0)], None),
        ([("extended", "A", 90), ("account", "A", 0)], [("artist|a", 90, ("account", "extended"))]),
        # It does not matter which of the two comes first.
        ([("extended", "A", 0), ("account", "A", 90)], [("artist|a", 0, ("account", "extended"))]),
        # A repeat that both sources tell of is two plays, not one and not four.
        (
            [
                ("extended", "A", 10),
                ("extended", "A", 70),
                ("account", "A", 0),
                ("account", "A", 60),
            ],
            [
                ("artist|a", 10, ("account", "extended")),
                ("artist|a", 70, ("account", "extended")),
            ],
        ),
        # A third one that a single source reports is a play too.
        (
            [("extended", "A", 0), ("extended", "A", 60), ("account", "A", 0)],
            [("artist|a", 0, ("account", "extended")), ("artist|a", 60, ("extended",))],
        ),
        # Neighbours lead further than 90 seconds: the first of each source is the same play.
        (
            [("account", "A", 0), ("extended", "A", 80), ("api", "A", 160)],
            [("artist|a", 80, ("account", "api", "extended"))],
        ),
        # Islands end where the silence does, and the next begins.
        (
            [
                ("account", "A", 0),
                ("extended", "A", 30),
                ("account", "A", 300),
                ("extended", "A", 330),
            ],
            [
                ("artist|a", 30, ("account", "extended")),
                ("artist|a", 330, ("account", "extended")),
            ],
        ),
        # Another track of the same second is another play.
        ([("extended", "A", 0), ("extended", "B", 0)], None),
        # One source never merges with itself.
        ([("account", "A", 0), ("account", "A", 1)], None),
        ([("account", "A", 0), ("account", "A", 0)], None),
        (
            [("api", "A", 3), ("extended", "A", 0), ("account", "A", -5)],
            [("artist|a", 0, ("account", "api", "extended"))],
        ),
        (
            [("account", "A", 0), ("demo", "A", 1), ("api", "A", 2), ("extended", "A", 3)],
            [("artist|a", 3, ("account", "api", "demo", "extended"))],
        ),
        ([("account", "A", 0), ("demo", "A", 1)], [("artist|a", 1, ("account", "demo"))]),
    ],
)
def test_the_rule_on_cases_worked_out_by_hand(
    records: list[Report], expected: list[Play] | None
) -> None:
    alone = [(f"artist|{title.lower()}", at, (source,)) for source, title, at in records]

    found = plays(reported(*each) for each in records)

    assert sorted(found) == sorted(alone if expected is None else expected)


def test_of_records_of_one_instant_the_least_id_is_the_first() -> None:
    rows = listening(
        record(record_id="b", ms_played=1),
        record(record_id="a", ms_played=2),
        record(record_id="c", source="account"),
    )

    assert [(row["play_id"], row["sources"]) for row in rows] == [
        ("a", ["account", "extended"]),
        ("b", ["extended"]),
    ]


def test_a_play_that_is_reported_in_two_months_is_one() -> None:
    new_year = datetime.fromisoformat("2024-01-01T00:00:10+00:00")
    (row,) = listening(
        record(played_at=new_year),
        record(source="account", played_at=datetime.fromisoformat("2023-12-31T23:59:00+00:00")),
    )

    assert (row["played_at"], row["played_month"]) == (new_year, "2024-01")


def test_the_best_source_wins_and_the_others_fill_its_gaps() -> None:
    (row,) = listening(
        record(
            source="account", record_id="acc", ms_played=1, platform="of the account", shuffle=True
        ),
        record(
            source="api",
            record_id="api",
            track_name="song",
            duration_ms=200,
            artist_id="x",
            platform="of the api",
            context_type="album",
        ),
        record(
            record_id="ext",
            ms_played=2,
            album_name="L",
            track_id="i",
            conn_country="DE",
            shuffle=False,
            media_type="video",
        ),
    )

    assert (row["play_id"], row["track_name"], row["media_type"]) == ("ext", "Song", "video")
    assert (row["ms_played"], row["album_name"], row["track_id"]) == (2, "L", "i")
    assert (row["conn_country"], row["shuffle"]) == ("DE", False)
    assert (row["duration_ms"], row["artist_id"], row["context_type"]) == (200, "x", "album")
    assert row["platform"] == "of the api"


@pytest.mark.parametrize(
    ("column", "of_next", "of_last"),
    [
        ("track_id", "b", "a"),
        ("artist_id", "b", "a"),
        ("artist_name", "Artist feat. B", "Artist feat. A"),
        ("album_name", "B", "A"),
        ("duration_ms", 70_000, 60_000),
        ("ms_played", 60_000, 50_000),
        ("context_type", "playlist", "album"),
        ("platform", "web", "ios"),
        ("conn_country", "TR", "DE"),
        ("shuffle", True, False),
        ("skipped", True, False),
    ],
)
def test_what_the_best_source_does_not_know_comes_from_the_next_that_does(
    column: str, of_next: Any, of_last: Any
) -> None:
    records = [
        record(source="demo", **{column: of_last}),
        record(source="extended", **{column: None}),
        record(source="api", **{column: of_next}),
    ]

    (play,) = listening(*records)

    assert play[column] == of_next


def test_why_a_play_ended_comes_from_the_next_source_that_says_it() -> None:
    (play,) = listening(
        record(source="demo", reason_end="trackdone"),
        record(source="extended", reason_end=None),
        record(source="api", reason_end="fwdbtn"),
    )

    assert play["skipped"] is True


def test_the_names_come_from_the_best_source_that_has_them() -> None:
    (row,) = listening(
        record(track_id="i", track_name="Song", record_id="acc", source="account"),
        record(track_id="i", track_name=None, artist_name=None, album_artist_name=None),
    )

    assert (row["play_id"], row["track_name"], row["artist_name"]) == ("r001", "Song", "Artist")
    assert (row["artist_key"], row["track_key"]) == ("artist", "artist|song")


def test_music_is_what_names_a_track() -> None:
    rows = listening(
        record(track_name="Song"),
        record(track_name="Film", media_type="video"),
        record(track_name="Talk", media_type="episode", track_id="e"),
        record(track_name="Book", media_type="audiobook"),
        record(track_name="Song", media_type="unknown", played_at=after_noon(500)),
        record(track_name=None, track_id="i"),
        record(track_name=" ", track_id="j"),
        record(track_name=None, media_type="episode", track_id="i", played_at=after_noon(500)),
        record(track_name=None),
    )

    assert {row["track_key"] for row in rows} == {"artist|song", "artist|film", "id:i", "id:j"}
    assert len(rows) == 4


def test_an_episode_that_is_named_like_a_track_is_no_record_of_it() -> None:
    (row,) = listening(
        record(media_type="episode", track_name="Song", record_id="a", source="account"),
        record(record_id="b", played_at=after_noon(60)),
    )

    assert (row["play_id"], row["sources"], row["first_play"]) == ("b", ["extended"], True)


def test_spellings_and_ids_of_one_recording_are_one_track() -> None:
    rows = plays(
        [
            record(track_id="i", track_name="Don’t  Stop"),
            record(track_name="don't stop", album_artist_name=None, source="account"),
            record(track_id="i", track_name=None, source="api"),
            record(track_id="i", track_name="Don't Stop - Live", played_at=after_noon(80)),
        ]
    )

    assert rows == [
        ("artist|don't stop", 0, ("account", "api", "extended")),
        ("artist|don't stop", 80, ("extended",)),
    ]


def test_two_people_never_share_a_play() -> None:
    rows = listening(
        record(record_id="same"), record(user_id="you", source="account", record_id="same")
    )

    assert [(row["user_id"], row["play_id"]) for row in rows] == [("me", "same"), ("you", "same")]
    assert [row["sources"] for row in rows] == [["extended"], ["account"]]


def test_a_repeat_of_one_person_is_no_repeat_of_another_with_the_same_record_id() -> None:
    rows = listening(
        record(record_id="1"),
        record(record_id="2", source="account"),
        record(user_id="you", record_id="2"),
    )

    assert [(row["user_id"], row["play_id"]) for row in rows] == [("me", "1"), ("you", "2")]


def api_record(told_at: int, ended: int) -> Row:
    """Return a record of the API with the instant it gave and the end that was computed."""
    return record(
        source="api",
        told_at=after_noon(told_at),
        played_at=after_noon(ended),
        artist_id="of the API",
    )


def export_record(ended: int, heard: int, **values: Any) -> Row:
    return record(played_at=after_noon(ended), ms_played=1000 * heard, **values)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # Skipped after 40 s: of a start nobody knew that, and the end was guessed 160 s late.
        ([api_record(0, 200), export_record(40, 40)], [(40, ("api", "extended"))]),
        # The record says it is an end, and is a start all the same.
        ([api_record(0, 0), export_record(200, 200)], [(200, ("api", "extended"))]),
        # Known for a start, it is looked for beyond a pause of minutes, half an hour at most.
        ([api_record(0, 200), export_record(500, 200)], [(500, ("api", "extended"))]),
        ([api_record(0, 200), export_record(2000, 200)], [(2000, ("api", "extended"))]),
        (
            [api_record(0, 200), export_record(2001, 200)],
            [(200, ("api",)), (2001, ("extended",))],
        ),
        # Else what began 91 s later is another play.
        ([api_record(0, 0), export_record(290, 200)], [(290, ("api", "extended"))]),
        ([api_record(0, 0), export_record(291, 200)], [(0, ("api",)), (291, ("extended",))]),
        # Clocks differ by some seconds; what began earlier than that is another play.
        ([api_record(0, 0), export_record(190, 200)], [(190, ("api", "extended"))]),
        ([api_record(0, 0), export_record(189, 200)], [(0, ("api",)), (189, ("extended",))]),
        # Account data cut the seconds off: the play began up to a minute later than it seems.
        (
            [api_record(0, 0), export_record(170, 200, source="account")],
            [(170, ("account", "api"))],
        ),
        (
            [api_record(0, 0), export_record(170, 200)],
            [(0, ("api",)), (170, ("extended",))],
        ),
        # Repeats: as many as were played.
        (
            [
                api_record(0, 0),
                api_record(400, 400),
                export_record(300, 300),
                export_record(700, 300),
            ],
            [(300, ("api", "extended")), (700, ("api", "extended"))],
        ),
        # Skipped, and played again at once: the guessed end of the one is near that of the other.
        (
            [
                api_record(0, 200),
                api_record(30, 230),
                export_record(30, 30),
                export_record(230, 200),
            ],
            [(30, ("api", "extended")), (230, ("api", "extended"))],
        ),
        # A play that was found by the end is not asked for again by the start.
        (
            [api_record(200, 200), export_record(200, 200), export_record(400, 200)],
            [(200, ("api", "extended")), (400, ("extended",))],
        ),
        (
            [api_record(0, 0), export_record(0, 200, source="account"), export_record(200, 200)],
            [(0, ("account", "api")), (200, ("extended",))],
        ),
        # Two sources of the export that tell of one play are found together.
        (
            [api_record(0, 200), export_record(40, 40), export_record(0, 40, source="account")],
            [(40, ("account", "api", "extended"))],
        ),
        # How long it was heard may be known to one of them only.
        (
            [
                api_record(0, 200),
                record(played_at=after_noon(40)),
                export_record(0, 40, source="account"),
            ],
            [(40, ("account", "api", "extended"))],
        ),
        ([api_record(0, 200), api_record(200, 400)], [(200, ("api",)), (400, ("api",))]),
        # Of a play of unknown length nobody knows when it began.
        (
            [api_record(0, 0), record(played_at=after_noon(200))],
            [(0, ("api",)), (200, ("extended",))],
        ),
        # What is known for a start is not taken for an end.
        (
            [api_record(0, 200), export_record(200, 20)],
            [(200, ("api", "extended"))],
        ),
        (
            [api_record(0, 3000), export_record(3000, 20)],
            [(3000, ("api",)), (3000, ("extended",))],
        ),
        # Nor does it make neighbours of those that are known for ends.
        (
            [api_record(-900, 50), record(), record(source="account", played_at=after_noon(120))],
            [(0, ("extended",)), (50, ("api",)), (120, ("account",))],
        ),
    ],
)
def test_what_the_api_reported_by_the_start_is_found_in_the_export(
    records: list[Row], expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    rows = listening(*records)

    assert sorted((_seconds(row["played_at"]), (*row["sources"],)) for row in rows) == expected
    for row in rows:
        assert (row["artist_id"] is None) == ("api" not in row["sources"])


def test_what_is_found_by_the_start_only_fills_the_gaps_of_the_others() -> None:
    api = api_record(0, 200) | {"album_name": "of the API", "platform": "of the API"}

    (row,) = listening(
        api,
        export_record(40, 40, album_name="of the export"),
        export_record(0, 40, source="account", platform="of the account"),
    )

    assert (row["album_name"], row["platform"]) == ("of the export", "of the account")
    assert (row["artist_id"], row["ms_played"], row["play_id"]) == ("of the API", 40_000, "r001")


def test_a_start_of_another_track_or_person_finds_nothing() -> None:
    rows = listening(
        api_record(0, 200),
        export_record(40, 40, track_name="Other"),
        export_record(40, 40, user_id="you"),
    )

    assert [row["sources"] for row in rows] == [["extended"], ["api"], ["extended"]]


Key = tuple[str, str]
Found = tuple[str, str, str, int, tuple[str, ...], int | None]
"""Person, track key, play id, seconds after noon, sources, ms_played."""


def by_hand(records: Iterable[Row]) -> list[Found]:
    """Return the plays of a history by the rule in plain Python."""
    of_track: dict[Key, list[Row]] = defaultdict(list)
    for each in records:
        of_track[each["user_id"], f"artist|{each['track_name'].lower()}"].append(each)
    found = []
    for (person, track), of_one in of_track.items():
        rows = _possible(of_one)
        groups = [group for started in (False, True) for group in _by_end(rows, started)]
        for group in _by_start(groups):
            best, *_ = group
            known = [each["ms_played"] for each in group if each["ms_played"] is not None]
            found.append(
                (
                    person,
                    track,
                    str(best["record_id"]),
                    _seconds(best["played_at"]),
                    tuple(sorted(each["source"] for each in group)),
                    known[0] if known else None,
                )
            )
    return sorted(found)


def _possible(rows: list[Row]) -> list[Row]:
    """Return the records of a track without those that overlap another of their source by far."""
    found = []
    for source in PRECEDENCE:
        slack = 75_000 if source == "account" else 15_000
        last_end = None
        of_source = [each for each in rows if each["source"] == source]
        for each in sorted(
            of_source,
            key=lambda row: (row["played_at"], -(row["ms_played"] or 0), row["record_id"]),
        ):
            ended, length = 1000 * _seconds(each["played_at"]), each["ms_played"] or 0
            if length > slack:
                if last_end is not None and last_end - (ended - length) > slack:
                    continue
                last_end = ended
            found.append(each)
    return found


def _by_end(rows: list[Row], started: bool) -> list[list[Row]]:
    """Return the records of each play, the best first: the i-th of a source is the i-th of all."""
    islands: list[dict[str, list[Row]]] = []
    last = None
    for row in sorted(rows, key=lambda each: (each["played_at"], each["record_id"])):
        if (row["told_at"] not in (None, row["played_at"])) != started:
            continue
        if last is None or (row["played_at"] - last).total_seconds() > 90:
            islands.append(defaultdict(list))
        islands[-1][row["source"]].append(row)
        last = row["played_at"]
    return [
        [island[source][turn] for source in PRECEDENCE if len(island[source]) > turn]
        for island in islands
        for turn in range(max(map(len, island.values())))
    ]


def _by_start(groups: list[list[Row]]) -> list[list[Row]]:
    """Add lone records of the API to the play that is the first to begin from then on."""

    def is_lone(group: list[Row]) -> bool:
        return [each["source"] for each in group] == ["api"]

    placed = []
    for group in groups:
        best, lengths = group[0], [each["ms_played"] for each in group]
        heard = next((each for each in lengths if each is not None), None)
        if is_lone(group):
            if best["told_at"] is not None:
                placed.append((_seconds(best["told_at"]) - 10.0, best["record_id"], group))
        elif heard is not None and all(each["source"] != "api" for each in group):
            cut_off = 60 if best["source"] == "account" else 0
            start = _seconds(best["played_at"]) - heard / 1000 + cut_off
            placed.append((start, best["record_id"], group))
    placed.sort(key=lambda each: each[:2])
    for (_, _, lone), (start, _, group) in pairwise(placed):
        # A play that was found has a record of the API, and is none of its own.
        if not is_lone(lone) or is_lone(group):
            continue
        (api,) = lone
        longest = 1800 if api["told_at"] != api["played_at"] else 90
        if start - _seconds(api["told_at"]) <= longest:
            group.append(api)
            groups = [each for each in groups if each is not lone]
    return groups


def as_found(records: Iterable[Row]) -> list[Found]:
    return sorted(
        (
            row["user_id"],
            row["track_key"],
            row["play_id"],
            _seconds(row["played_at"]),
            (*row["sources"],),
            row["ms_played"],
        )
        for row in listening(*records)
    )


def _record(person: str, source: str, title: str, end: int, start: int, heard: int | None) -> Row:
    told_at = None if source != "api" else after_noon(end - start)
    length = None if heard is None or source == "api" else 1000 * heard
    values = {"user_id": person, "source": source, "track_name": title, "told_at": told_at}
    return record(played_at=after_noon(end), ms_played=length, **values)


_SECONDS = st.one_of(st.integers(0, 900), st.integers(0, 30).map(lambda n: 30 * n))
_HISTORIES = st.lists(
    st.builds(
        _record,
        person=st.sampled_from(["me", "you"]),
        source=st.sampled_from(["extended", "api", "api", "account", "demo"]),
        title=st.sampled_from(["A", "B"]),
        end=_SECONDS,
        start=st.sampled_from([0, 30, 200]),
        heard=st.sampled_from([None, 0, 30, 200]),
    ),
    min_size=1,
    max_size=40,
)


@at_most(30)
@given(records=_HISTORIES, seed=st.integers(0, 1000))
@example(
    records=[
        reported("account", "A", 0),
        reported("extended", "A", 0),
        reported("extended", "A", 90),
    ],
    seed=0,
)
def test_any_order_of_records_gives_the_plays_of_the_rule(records: list[Row], seed: int) -> None:
    history = [{"told_at": None, "ms_played": None} | each for each in numbered(records)]
    shuffled = random.Random(seed).sample(history, len(history))

    assert as_found(shuffled) == by_hand(history)


@at_most(15)
@given(
    ends=st.lists(st.integers(0, 5000).map(lambda n: 2 * n), min_size=1, max_size=30, unique=True),
    choices=st.lists(st.sampled_from([(0,), (1,), (0, 1)]), min_size=30, max_size=30),
)
def test_any_split_of_a_history_into_files_of_two_sources_gives_the_same_plays(
    ends: list[int], choices: list[tuple[int, ...]]
) -> None:
    """Plays far enough apart are the same, whichever source reports which of them."""
    sources = ("extended", "account")
    far_apart = [200 * end for end in ends]
    history = [
        reported(sources[number], "A", end + number)
        for end, chosen in zip(far_apart, choices, strict=False)
        for number in chosen
    ]

    found = plays(history)

    assert [seconds // 200 * 200 for _, seconds, _ in found] == sorted(far_apart)
