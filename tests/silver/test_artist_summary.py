"""Artists of a few plays, worked out by hand, and of many, by plain SQL over the plays."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.summary_schemas import ARTIST_SUMMARY
from tests.gold.play_samples import (
    ARTIST,
    Row,
    by_sql,
    heard,
    numbered,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)
from tests.models import compute

pytestmark = pytest.mark.heavy


def artists(plays: list[Row], **genres: str) -> list[dict[str, Any]]:
    """Return the artists of plays; ``genres`` of some artist keys are known."""
    known = [{"artist_key": artist, "genre": genre} for artist, genre in genres.items()]
    return compute(
        "artist_summary",
        {"silver.listening_with_features": numbered(plays), "silver.artist_genres": known},
    )


def only_artist(plays: list[Row], **genres: str) -> dict[str, Any]:
    (row,) = artists(plays, **genres)
    return row


def test_an_artist_in_all_spellings_is_one() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Motörhead", skipped=False),
        heard("2024-03-01 09:00", "One", "Motörhead", skipped=True, genre="rock"),
        heard("2024-03-04 23:30", "Two", "MOTÖRHEAD ", ms_played=None, duration_ms=240_000),
        short("2024-03-05 10:00", "Three", "motörhead", skipped=True),
    ]

    row = only_artist(plays)

    assert list(row) == ARTIST_SUMMARY.given_names
    assert (row["artist_key"], row["artist_name"]) == ("motörhead", "Motörhead")
    assert (row["total_plays"], row["counted_plays"]) == (4, 3)
    # 3 + 3 min, a track of 4 min of which nobody knows how long it was heard, and 10 s.
    assert row["minutes"] == round(10 + 1 / 6, 6)
    # The short play's track and day do not count, its skip does: 2 of 3 known.
    assert (row["unique_tracks"], row["active_days"]) == (2, 2)
    assert (row["skip_known_plays"], row["skip_rate"]) == (3, 0.666667)
    assert (row["top_track"], row["top_track_plays"]) == ("One", 2)
    assert (row["genre"], row["genre_known_plays"]) == ("rock", 1)
    # An hour east of Greenwich.
    assert row["first_played_at"] == datetime(2024, 3, 1, 7, tzinfo=UTC)
    assert row["last_played_at"] == datetime(2024, 3, 5, 9, tzinfo=UTC)


def test_one_track_in_two_spellings_of_its_artist_is_one_track() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Abba", track_key="abba|one"),
        heard("2024-03-01 09:00", "one", "ABBA", track_key="abba|one", genre="pop"),
        heard("2024-03-01 10:00", "Two", "ABBA", ms_played=400_000),
    ]

    row = only_artist(plays)

    assert (row["unique_tracks"], row["active_days"]) == (2, 1)
    assert (row["top_track"], row["top_track_plays"]) == ("One", 2)


def test_a_genre_is_that_of_most_plays_and_the_artists_own_where_tracks_have_none() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Abba", genre="disco"),
        heard("2024-03-01 09:00", "Two", "Abba"),
        heard("2024-03-01 10:00", "Three", "Abba"),
        heard("2024-03-01 11:00", "Four", "Zappa"),
    ]

    assert rows_of(
        artists(plays, abba="pop", zappa="unclassified"), "artist_key", "genre", "genre_known_plays"
    ) == {("abba", "pop", 3), ("zappa", None, 0)}


def test_shares_are_of_all_counted_plays_those_without_an_artist_too() -> None:
    plays = [
        heard("2024-03-01 08:00", artist="A"),
        heard("2024-03-01 08:10", artist="B"),
        heard("2024-03-01 08:20", artist="B"),
        heard("2024-03-01 08:30", artist=None),
        short("2024-03-01 08:40", artist="A"),
        heard("2024-03-01 08:00", artist="A", user_id="anna"),
    ]

    assert rows_of(artists(plays), "user_id", "artist_name", "share_of_listening") == {
        ("me", "A", 0.25),
        ("me", "B", 0.5),
        ("anna", "A", 1.0),
    }


def test_an_artist_skipped_every_time_has_a_row_without_a_top() -> None:
    row = only_artist([short("2024-03-01 08:00", genre="pop")])

    assert (row["total_plays"], row["counted_plays"], row["unique_tracks"]) == (1, 0, 0)
    assert (row["artist_name"], row["top_track"], row["top_track_plays"]) == ("Artist", None, None)
    assert (row["genre"], row["genre_known_plays"], row["active_days"]) == ("pop", 0, 0)
    # Nothing was counted and nobody knows what was skipped: there is nothing to divide by.
    assert (row["share_of_listening"], row["skip_rate"]) == (None, None)


def test_of_equal_tracks_the_one_heard_longer_comes_first_then_the_least_name() -> None:
    longer = [heard("2024-03-01 08:00", "A"), heard("2024-03-01 09:00", "Z", ms_played=180_001)]
    equal = [heard("2024-03-01 08:00", "Z"), heard("2024-03-01 09:00", "A")]

    assert only_artist(longer)["top_track"] == "Z"
    assert only_artist(equal)["top_track"] == "A"


def test_a_track_without_a_title_comes_last_of_equals() -> None:
    plays = [
        heard("2024-03-01 08:00", track_key="a", track_name=None),
        heard("2024-03-01 09:00", "Z", track_key="z"),
    ]

    assert only_artist(plays)["top_track"] == "Z"


def test_a_plain_count_finds_the_same() -> None:
    plays = random_plays()

    result = artists(plays)

    numbers = by_sql(
        plays,
        f"""
        SELECT user_id, {ARTIST} AS artist, count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key) FILTER (is_counted),
               count(DISTINCT local_date) FILTER (is_counted),
               count(skipped), round(count_if(skipped) / count(skipped), 6),
               round(count_if(is_counted) / any_value(everything), 6)
        FROM plays JOIN (
            SELECT user_id, count_if(is_counted) AS everything FROM plays GROUP BY user_id
        ) USING (user_id)
        WHERE artist_name IS NOT NULL GROUP BY user_id, artist
        """,
    )
    assert len(numbers) == 21
    assert numbers == rows_of(
        result,
        "user_id",
        "artist_key",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "active_days",
        "skip_known_plays",
        "skip_rate",
        "share_of_listening",
    )
    of_artists = [each for each in plays if each["artist_name"]]
    assert by_sql(
        of_artists,
        f"SELECT person, grouped, name, n FROM ({top_in_sql('track', ARTIST)})",
    ) == rows_of(result, "user_id", "artist_key", "top_track", "top_track_plays")
    assert by_sql(
        of_artists,
        f"SELECT person, grouped, name FROM ({top_in_sql('genre', ARTIST)})",
    ) == rows_of([row for row in result if row["genre"]], "user_id", "artist_key", "genre")


def test_the_order_of_the_plays_changes_nothing() -> None:
    plays = random_plays()
    shuffled = random.Random(1).sample(plays, len(plays))

    assert rows_of(artists(plays), *ARTIST_SUMMARY.given_names) == rows_of(
        artists(shuffled), *ARTIST_SUMMARY.given_names
    )
