"""The genre of a play and what else summaries are computed from, by hand."""

from datetime import UTC, date, datetime
from typing import Any

from tests.gold.play_samples import Row, heard, numbered
from tests.models import compute


def genred(plays: list[Row], **genres: str) -> list[dict[str, Any]]:
    """Return the plays with the genres of some artists known, in their order."""
    known = [{"artist_key": artist, "genre": genre} for artist, genre in genres.items()]
    inputs = {"silver.listening_with_features": numbered(plays), "silver.artist_genres": known}
    return sorted(compute("genred_plays", inputs), key=lambda row: row["played_at"])


def test_the_genre_is_that_of_the_track_else_that_of_the_artist() -> None:
    plays = [
        heard("2024-03-01 08:00", artist="Abba", genre="disco"),
        heard("2024-03-01 09:00", artist="ABBA"),
        heard("2024-03-01 10:00", artist="Nobody"),
        heard("2024-03-01 11:00", artist="Other"),
        heard("2024-03-01 12:00", artist=None),
    ]

    rows = genred(plays, abba="pop", nobody="unclassified")

    assert [row["genre"] for row in rows] == ["disco", "pop", None, None, None]


def test_a_play_was_heard_as_long_as_its_track_where_nobody_knows_how_long() -> None:
    plays = [
        heard("2024-03-01 08:00", ms_played=5_000, duration_ms=9_000),
        heard("2024-03-01 09:00", ms_played=None, duration_ms=9_000),
        heard("2024-03-01 10:00", ms_played=None),
    ]

    assert [row["heard_ms"] for row in genred(plays)] == [5_000, 9_000, None]


def test_the_time_of_day_is_the_local_one() -> None:
    (first, second) = genred(
        [
            # 23:30:05 UTC the day before.
            heard("2024-03-01 00:30:05"),
            # 18:15 UTC in Nepal, 5 h 45 min ahead: midnight.
            heard("2024-03-02 00:00", utc_offset_minutes=345)
            | {"played_at": datetime(2024, 3, 1, 18, 15, tzinfo=UTC)},
        ]
    )

    assert (first["local_date"], first["second_of_day"]) == (date(2024, 3, 1), 30 * 60 + 5)
    assert second["second_of_day"] == 0


def test_a_new_track_is_a_counted_first_play() -> None:
    plays = [
        heard("2024-03-01 08:00", first_play=True),
        heard("2024-03-01 09:00", first_play=False),
        heard("2024-03-01 10:00", first_play=True, is_counted=False),
        heard("2024-03-01 11:00", first_play=None),
    ]

    assert [row["is_new_track"] for row in genred(plays)] == [True, False, False, False]
