"""Genres of a few plays, worked out by hand, and of many, by DuckDB."""

from pyspark.sql import SparkSession

from gold.genre_analysis import genre_analysis
from schemas.summary_schemas import GENRE_ANALYSIS
from tests.gold.play_samples import (
    by_sql,
    heard,
    plays_frame,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)


def test_a_genre_has_its_share_and_its_top_artist(spark: SparkSession) -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Abba", genre="pop"),
        heard("2024-03-02 08:00", "One", "Abba", genre="pop"),
        heard("2024-03-02 09:00", "Two", "Zappa", genre="pop"),
        heard("2024-03-03 08:00", "Three", "Zappa", genre="rock"),
        short("2024-03-04 08:00", "Four", "Queen", genre="rock"),
        heard("2024-03-05 08:00", "Five", "Nobody", genre=None),
    ]

    result = genre_analysis(plays_frame(spark, plays))

    assert result.columns == GENRE_ANALYSIS.given.names
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


def test_of_equal_artists_the_one_heard_longer_comes_first_then_the_least_name(
    spark: SparkSession,
) -> None:
    plays = [
        heard("2024-03-01 08:00", artist="A", genre="pop"),
        heard("2024-03-01 08:10", artist="Z", genre="pop", ms_played=180_001),
        heard("2024-03-01 08:20", artist="Z", genre="rock"),
        heard("2024-03-01 08:30", artist="A", genre="rock"),
    ]

    result = genre_analysis(plays_frame(spark, plays))

    assert rows_of(result, "genre", "top_artist") == {("pop", "Z"), ("rock", "A")}


def test_duckdb_finds_the_same(spark: SparkSession) -> None:
    plays = [each | {"genre": each["genre"] or "unclassified"} for each in random_plays()]

    result = genre_analysis(plays_frame(spark, plays))

    assert by_sql(
        plays,
        """
        SELECT user_id, genre, count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key) FILTER (is_counted),
               count(DISTINCT lower(artist_name)) FILTER (is_counted),
               round(100 * count_if(is_counted)
                     / sum(count_if(is_counted)) OVER (PARTITION BY user_id), 6),
               epoch(min(played_at))::BIGINT, epoch(max(played_at))::BIGINT
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
        "unix_seconds(first_played_at)",
        "unix_seconds(last_played_at)",
    )
    assert by_sql(
        plays, f"SELECT person, grouped, name, n FROM ({top_in_sql('artist', 'genre')})"
    ) == rows_of(result, "user_id", "genre", "top_artist", "top_artist_plays")


def test_partitions_change_nothing(spark: SparkSession) -> None:
    plays = plays_frame(spark, random_plays())

    one, seven = (genre_analysis(plays.repartition(n)).collect() for n in (1, 7))

    assert sorted(one) == sorted(seven)
