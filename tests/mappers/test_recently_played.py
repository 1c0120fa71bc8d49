"""What the API says of recent plays: by their end or by their start, each play once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.recently_played import (
    KnownPlay,
    ReportedPlay,
    history_row,
    known_plays,
    new_plays,
    problem_of,
    reported_plays,
)
from tests.ingestion.test_library import leaves

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
LENGTHS = {"a": 200, "b": 180, "c": 240, "d": 215}
"""Seconds of each track."""


@dataclass(frozen=True)
class Heard:
    """The truth of one play: track, start and seconds heard."""

    track: str
    start: datetime
    seconds: float

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


def item(track: str, at: datetime, **more: Any) -> dict[str, Any]:
    instant = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    length = 1000 * LENGTHS[track]
    about = {"id": track, "name": track, "duration_ms": length, **more}
    return {"played_at": instant, "track": about}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def answer(plays: list[Heard], *, by_start: bool) -> list[dict[str, Any]]:
    """Return what the API would say of these plays, the newest first."""
    return [item(each.track, each.start if by_start else each.end) for each in reversed(plays)]


def kept(plays: list[ReportedPlay]) -> list[KnownPlay]:
    in_order = sorted(plays, key=lambda each: each.told_at)
    return known_plays((each.track, each.title, each.told_at, each.played_at) for each in in_order)


def in_a_row(*heard: tuple[str, float]) -> list[Heard]:
    """Plays one after the other, with a second between them."""
    plays, start = [], NOON
    for track, seconds in heard:
        plays.append(Heard(track, start, seconds))
        start = plays[-1].end + timedelta(seconds=1)
    return plays


FULL = in_a_row(("a", 200), ("b", 180), ("c", 240), ("b", 180), ("d", 215))
SKIPPED = in_a_row(("a", 200), ("b", 180), ("c", 40), ("d", 215), ("a", 200))


@pytest.mark.parametrize("by_start", [False, True])
@pytest.mark.parametrize("heard", [FULL, SKIPPED])
def test_the_end_is_returned_whatever_the_instant_means(heard: list[Heard], by_start: bool) -> None:
    plays = reported_plays(answer(heard, by_start=by_start))

    assert [each.by_start for each in plays] == [by_start] * len(plays)
    assert [each.played_at for each in plays] == pytest.approx(
        [each.end for each in heard], abs=timedelta(seconds=1)
    )


def test_an_answer_that_does_not_say_means_what_the_one_before_meant() -> None:
    page = answer(FULL[:1], by_start=True)

    assert not reported_plays(page)[0].by_start
    assert reported_plays(page, by_start_before=True)[0].by_start


@pytest.mark.parametrize(("before", "after"), [(False, True), (True, False), (True, True)])
def test_a_play_reported_by_its_end_and_by_its_start_is_one(before: bool, after: bool) -> None:
    known = kept(reported_plays(answer(SKIPPED[:4], by_start=before)))
    page = reported_plays(answer(SKIPPED, by_start=after))

    assert [each.track for each in new_plays(page, known)] == ["a"]


def test_repeats_without_a_pause_stay_when_the_meaning_changes() -> None:
    loop = [Heard("a", NOON + timedelta(seconds=200 * turn), 200) for turn in range(6)]
    heard = [Heard("b", NOON - timedelta(seconds=180), 180), *loop]
    known = kept(reported_plays(answer(heard[:5], by_start=False)))
    page = reported_plays(answer(heard, by_start=True))

    assert page[0].by_start
    assert len(new_plays(page, known)) == 2


def test_a_late_play_lands_and_the_others_are_known() -> None:
    known = kept(reported_plays(answer([*FULL[:2], *FULL[3:]], by_start=False)))

    new = new_plays(reported_plays(answer(FULL, by_start=False)), known)

    assert [(each.track, each.told_at) for each in new] == [("c", FULL[2].end)]


def test_a_play_whose_track_goes_by_another_id_is_known() -> None:
    known = kept(reported_plays(answer(FULL, by_start=False)))
    relinked = [
        {**each, "track": {**each["track"], "id": f"new-{each['track']['id']}"}}
        for each in answer(FULL, by_start=False)
    ]

    assert new_plays(reported_plays(relinked), known) == []


_HEARD = st.lists(
    st.tuples(
        st.sampled_from(sorted(LENGTHS)),
        st.one_of(st.none(), st.integers(30, 170)),
        st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    ),
    min_size=12,
    max_size=40,
)


@given(heard=_HEARD, cuts=st.lists(st.integers(1, 40), max_size=6), modes=st.lists(st.booleans()))
def test_however_often_it_is_asked_every_play_lands_once(
    heard: list[tuple[str, int | None, float]], cuts: list[int], modes: list[bool]
) -> None:
    # Whole plays enough that every answer says what it means, as one of 50 plays does.
    lead = [("a", None, 1.0), ("b", None, 1.0), ("c", None, 1.0), ("d", None, 1.0)] * 2
    plays, start = [], NOON
    for track, seconds, pause in [*lead, *heard]:
        plays.append(Heard(track, start, float(seconds or LENGTHS[track])))
        start = plays[-1].end + timedelta(seconds=pause)
    landed: list[ReportedPlay] = []
    for turn, cut in enumerate([*sorted(cuts), len(heard)]):
        by_start = modes[turn % len(modes)] if modes else False
        page = reported_plays(answer(plays[: len(lead) + cut], by_start=by_start))
        landed += new_plays(page, kept(landed))

    assert sorted(each.track for each in landed) == sorted(each.track for each in plays)


def test_a_row_keeps_what_the_api_says() -> None:
    (play,) = reported_plays(
        [
            {
                **item("a", NOON, artists=[{"id": "ar", "name": "Artist feat."}]),
                "context": {"type": "album", "uri": "spotify:album:x"},
            }
        ]
    )

    row = history_row(play, "me", "run", NOON)

    assert (row["played_at"], row["told_at"], row["played_month"]) == (NOON, NOON, "2026-03")
    assert (row["artist_id"], row["artist_name"]) == ("ar", "Artist feat.")
    assert (row["context_type"], row["context_uri"]) == ("album", "spotify:album:x")
    assert row["album_artist_name"] == "Artist feat."
    assert history_row(play, "me", "other run", NOON)["record_id"] == row["record_id"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"track": {"id": "a"}}, "its time is missing"),
        ({"played_at": "yesterday", "track": {"id": "a"}}, "its time cannot be read"),
        ({"played_at": "2026-03-01T12:00:00Z", "track": None}, "it names no track"),
        (item("a", NOON) | {"track": {}}, "it names no track"),
        ("a play", "it is not an object"),
        (item("a", NOON) | {"played_at": "2026"}, "its time cannot be read"),
        (item("a", NOON) | {"played_at": 17}, "its time cannot be read"),
        (item("a", NOON + timedelta(days=1, seconds=1)), "its time lies in the future"),
        (item("a", datetime(1970, 1, 1, tzinfo=UTC)), "its time lies before Spotify existed"),
        (item("a", NOON) | {"context": "album"}, "its context is not an object"),
        (item("a", NOON, album="Album"), "its album is not an object"),
        (item("a", NOON, artists=[None]), "an artist is not an object"),
        (item("a", NOON, artists="Artist"), "an artist is not an object"),
        (item("a", NOON, album={"artists": ["Artist"]}), "an artist is not an object"),
        (item("a", NOON, duration_ms="long"), "its length is not numeric"),
        (item("a", NOON, duration_ms=-5), "its length is not numeric"),
        (item("a", NOON, duration_ms=10**30), "its length is not numeric"),
        (item("a", NOON, name=17), "a name or an id is not text"),
        (item("a", NOON, artists=[{"name": ["x"]}]), "a name or an id is not text"),
        (item("a", NOON, name="half \ud83d"), "it holds half a surrogate pair"),
        (item("a", NOON, odd=["\udc00"]), "it holds half a surrogate pair"),
        (item("a", NOON, odd=nested(3000)), "it is nested too deep"),
    ],
)
def test_what_is_no_play_is_said(broken: Any, reason: str) -> None:
    assert problem_of(broken, NOON) == reason
    assert problem_of(item("a", NOON), NOON) is None


@pytest.mark.parametrize(
    ("sent", "length"), [("215000", 215_000), (215_000.0, 215_000), (None, None)]
)
def test_a_length_is_taken_as_others_write_it_too(sent: Any, length: int | None) -> None:
    odd = item("a", NOON, duration_ms=sent) | {"played_at": "2026-03-01 12:00:00"}

    assert problem_of(odd, NOON) is None
    (play,) = reported_plays([odd])
    row = history_row(play, "me", "run", NOON)

    assert (row["played_at"], row["duration_ms"]) == (NOON, length)


@pytest.mark.parametrize(
    ("recording", "by_start", "plays"),
    [("recently_played_2017.json", True, 20), ("recently_played_tracks.json", False, 48)],
)
def test_recorded_answers_of_both_meanings(
    shared_data: Path, recording: str, by_start: bool, plays: int
) -> None:
    items = json.loads((shared_data / "api" / recording).read_text("utf-8"))["items"]

    reported = reported_plays(items)

    assert {each.by_start for each in reported} == {by_start}
    rows = [history_row(each, "me", "run", NOON) for each in reported]
    assert len({row["record_id"] for row in rows}) == plays
    kept = sorted(sorted(leaves(json.loads(row["item"]))) for row in rows)
    assert kept == sorted(sorted(leaves(each)) for each in items)
    assert all(row["artist_id"] and row["album_artist_name"] for row in rows)
