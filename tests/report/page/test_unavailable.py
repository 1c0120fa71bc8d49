"""Favourites that Spotify no longer plays, as far as they were checked."""

from datetime import UTC, date, datetime
from typing import Any

from report.page.listening import Listening
from report.page.parts import ANY, View
from report.page.questions.availability import Checks, Unavailable, checks, unavailable
from report.page.sections.availability import availability_block
from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import Row, put_rows, track
from tests.report.page.few_plays import listening, play

SAVED = datetime(2024, 1, 1, tzinfo=UTC)
EVENING = datetime(2024, 5, 3, 23, tzinfo=UTC)


def checked(of: str, *, available: bool = False, **others: Any) -> Row:
    return {
        "user_id": "me",
        "track_id": f"id of {of}",
        "market": "account",
        "is_available": available,
        "reason": None if available else "market",
        "first_unavailable_at": None if available else EVENING,
        "last_checked_at": EVENING,
        **others,
    }


def heard(tracks: list[Row], rows: list[Row]) -> Listening:
    of = listening(play("2024-01-01 10:00"))
    put_rows(of.connection, UNIFIED_TRACKS, tracks)
    put_rows(of.connection, TRACK_AVAILABILITY, rows)
    return of


def view(of: Listening) -> View:
    return availability_block(of).views[ANY, ANY]


TRACKS = [
    track("often", plays=9, counted_plays=8),
    track("most", plays=30, counted_plays=29, saved_at=SAVED),
    track("liked", saved_at=SAVED),
    track("fine", counted_plays=50),
    track("unchecked", counted_plays=10),
    track("seldom", counted_plays=7),
    track("left out", counted_plays=99, is_excluded=True),
    track("another's", counted_plays=99, user_id="you"),
    track("without an id", counted_plays=99, track_id=None),
]
CHECKS = [
    checked("often", reason="not_found"),
    checked("most", moved_to_track_id="moved"),
    checked("liked", reason="a word of tomorrow"),
    checked("fine", available=True, last_checked_at=datetime(2024, 5, 4, 12, tzinfo=UTC)),
    checked("seldom"),
    checked("left out"),
    checked("another's"),
]


def test_saved_and_often_played_tracks_that_are_gone_the_most_played_first() -> None:
    of = heard(TRACKS, CHECKS)

    assert checks(of) == Checks(5, 4, 3, date(2024, 5, 4))
    since = date(2024, 5, 3)
    assert unavailable(of) == [
        Unavailable("most", "Artist", 29, since, "market", "moved"),
        Unavailable("often", "Artist", 8, since, "not_found", None),
        Unavailable("liked", "Artist", 0, since, "a word of tomorrow", None),
    ]
    assert [row.track_name for row in unavailable(of, most=1)] == ["most"]


def test_it_is_told_with_what_was_checked() -> None:
    shown = view(heard(TRACKS, CHECKS))

    assert shown.sentence == ("4 of 5 favourites checked, last on 4 May 2024: 3 cannot be played.")
    assert shown.table is not None
    assert shown.table.rows == [
        (
            *("most", "Artist", 29, "3 May 2024", "not in this country"),
            "https://open.spotify.com/track/moved",
        ),
        ("often", "Artist", 8, "3 May 2024", "deleted", None),
        ("liked", "Artist", 0, "3 May 2024", "a word of tomorrow", None),
    ]


def test_that_all_can_be_played_is_said_of_those_checked() -> None:
    shown = view(heard(TRACKS, [checked("fine", available=True)]))

    assert shown.table is None
    assert shown.sentence == (
        "1 of 5 favourites checked, last on 3 May 2024: all of these can be played."
    )


def test_where_nothing_was_checked_nothing_is_claimed() -> None:
    for of in (heard(TRACKS, []), heard([], CHECKS), listening(play("2024-01-01 10:00"))):
        shown = view(of)
        assert (shown.status, shown.table, shown.sentence) == ("too_few_data", None, "")
        assert shown.reason.startswith("No favourite was checked yet.")
        assert unavailable(of) == []


def test_days_are_those_of_the_person() -> None:
    of = heard(TRACKS, CHECKS)
    in_berlin = Listening(of.connection, "me", "Europe/Berlin", of.today, of.periods)

    assert {row.since for row in unavailable(in_berlin)} == {date(2024, 5, 4)}
