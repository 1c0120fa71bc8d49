"""The last local day of a person may not be over: statistics wait for its end."""

from datetime import date

from tests.gold.play_samples import Row, heard, numbered
from tests.models import compute

MONDAY, TUESDAY, WEDNESDAY = (date(2024, 4, day) for day in (1, 2, 3))


def kept(plays: list[Row]) -> list[tuple[str, date, str]]:
    rows = compute("complete_plays", {"silver.listening_with_features": numbered(plays)})
    return sorted((row["user_id"], row["local_date"], row["track_name"]) for row in rows)


def play(user_id: str, day: date, title: str) -> Row:
    return heard(f"{day} 12:00", title, user_id=user_id)


def test_the_last_day_of_each_person_is_left_out() -> None:
    plays = [
        play("anna", MONDAY, "first"),
        play("anna", TUESDAY, "last"),
        play("ben", TUESDAY, "first"),
        play("ben", TUESDAY, "again"),
        play("ben", WEDNESDAY, "last"),
    ]

    assert kept(plays) == [
        ("anna", MONDAY, "first"),
        ("ben", TUESDAY, "again"),
        ("ben", TUESDAY, "first"),
    ]


def test_whoever_has_a_single_day_keeps_it() -> None:
    plays = [play("anna", MONDAY, "first"), play("anna", MONDAY, "last")]

    assert kept(plays) == [("anna", MONDAY, "first"), ("anna", MONDAY, "last")]


def test_the_day_is_the_local_one() -> None:
    # Both on Monday in UTC, an hour west of the listener.
    plays = [heard("2024-04-01 23:30", "Monday"), heard("2024-04-02 00:30", "Tuesday")]

    assert kept(plays) == [("me", MONDAY, "Monday")]
