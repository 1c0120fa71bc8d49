"""Genres of a few plays, worked out by hand, and of many, by plain SQL over the plays."""

import random
from typing import Any

from schemas.summary_schemas import GENRE_ANALYSIS
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


def genres(plays: list[Row]) -> list[dict[str, Any]]:
    """Return the genres of plays."""
    return compute("genre_analysis", {"silver.listening_with_features": numbered(plays)})


def test_a_genre_has_its_share_and_its_top_artist() -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Abba", genre="pop"),
        heard("2024-03-02 08:00", "One", "Abba", genre="pop"),
        heard("2024-03-02 09:00", "Two", "Zappa", genre="pop"),
        heard("2024-03-03 08:00", "Three", "Zappa", genre="rock"),
        short("2024-03-04 08:00", "Four", "Queen", genre="rock"),
        heard("2024-03-05 08:00", "Five", "Nobody", genre=None),
    ]

    result = genres(plays)

    assert list(result[0]) == GENRE_ANALYSIS.given_names
    assert rows_of(
        result,
        "genre",
        "total_plays",
        "counted_plays",
        "minutes",
        "percentage_of_total_listening",
        "unique_tracks",
        "unique_artists",
        "top_artist",
        "top_artist_plays",
        "active_days",
    ) == {
        ("pop", 3, 3, 9.0, 60.0, 2, 2, "Abba", 2, 2),
        ("rock", 2, 1, round(3 + 1 / 6, 6), 20.0, 1, 1, "Zappa", 1, 1),
        ("unclassified", 1, 1, 3.0, 20.0, 1, 1, "Nobody", 1, 1),
    }


def test_of_equal_artists_the_one_heard_longer_comes_first_then_the_least_name() -> None:
    plays = [
        heard("2024-03-01 08:00", artist="A", genre="pop"),
        heard("2024-03-01 08:10", artist="Z", genre="pop", ms_played=180_001),
        heard("2024-03-01 08:20", artist="Z", genre="rock"),
        heard("2024-03-01 08:30", artist="A", genre="rock"),
    ]

    result = genres(plays)

    assert rows_of(result, "genre", "top_artist") == {("pop", "Z"), ("rock", "A")}


def test_a_genre_of_short_plays_has_no_top_and_no_share() -> None:
    (row,) = genres([short("2024-03-01 08:00", genre="pop")])

    assert (row["total_plays"], row["counted_plays"], row["unique_tracks"]) == (1, 0, 0)
    assert (row["unique_artists"], row["top_artist"], row["active_days"]) == (0, None, 0)
    assert row["percentage_of_total_listening"] is None


def test_plays_without_an_artist_count_for_their_genre_but_are_nobodys() -> None:
    plays = [
        heard("2024-03-01 08:00", artist=None, genre="pop"),
        heard("2024-03-01 09:00", artist=None, genre="pop"),
        heard("2024-03-01 10:00", artist="Abba", genre="pop"),
    ]

    (row,) = genres(plays)

    assert (row["counted_plays"], row["unique_artists"]) == (3, 1)
    assert (row["top_artist"], row["top_artist_plays"]) == ("Abba", 1)


def test_percentages_are_of_ones_own_plays() -> None:
    plays = [
        heard("2024-03-01 08:00", genre="pop"),
        heard("2024-03-01 09:00"),
        heard("2024-03-01 08:00", genre="pop", user_id="anna"),
    ]

    assert rows_of(genres(plays), "user_id", "genre", "percentage_of_total_listening") == {
        ("me", "pop", 50.0),
        ("me", "unclassified", 50.0),
        ("anna", "pop", 100.0),
    }


def test_a_plain_count_finds_the_same() -> None:
    plays = [each | {"genre": each["genre"] or "unclassified"} for each in random_plays()]

    result = genres(plays)

    assert by_sql(
        plays,
        f"""
        SELECT user_id, genre, count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key) FILTER (is_counted),
               count(DISTINCT {ARTIST}) FILTER (is_counted),
               round(100 * count_if(is_counted)
                     / sum(count_if(is_counted)) OVER (PARTITION BY user_id), 6),
               min(played_at), max(played_at)
        FROM plays GROUP BY user_id, genre
        """,
    ) == rows_of(
        result,
        "user_id",
        "genre",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "unique_artists",
        "percentage_of_total_listening",
        "first_played_at",
        "last_played_at",
    )
    assert by_sql(
        plays, f"SELECT person, grouped, name, n FROM ({top_in_sql('artist', 'genre')})"
    ) == rows_of(result, "user_id", "genre", "top_artist", "top_artist_plays")


def test_the_order_of_the_plays_changes_nothing() -> None:
    plays = random_plays()
    shuffled = random.Random(1).sample(plays, len(plays))

    assert rows_of(genres(plays), *GENRE_ANALYSIS.given_names) == rows_of(
        genres(shuffled), *GENRE_ANALYSIS.given_names
    )
