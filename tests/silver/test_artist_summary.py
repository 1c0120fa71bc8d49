"""Artists of a few plays, worked out by hand, and of many, by DuckDB."""

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Row, SparkSession

from schemas.summary_schemas import ARTIST_SUMMARY
from silver.artist_summary import artist_summary
from tests.gold.play_samples import (
    by_sql,
    heard,
    plays_frame,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)


def only_artist(spark: SparkSession, plays: list[dict[str, Any]]) -> Row:
    (row,) = artist_summary(plays_frame(spark, plays)).collect()
    return row


def test_an_artist_in_all_spellings_is_one(spark: SparkSession) -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "Motörhead", skipped=False),
        heard("2024-03-01 09:00", "One", "Motörhead", skipped=True, genre="rock"),
        heard("2024-03-04 23:30", "Two", "MOTÖRHEAD ", ms_played=None, duration_ms=240_000),
        short("2024-03-05 10:00", "Three", "motörhead", skipped=True),
    ]

    row = only_artist(spark, plays)

    assert list(row.asDict()) == ARTIST_SUMMARY.given.names
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
    assert row["first_played_at"].astimezone(UTC) == datetime(2024, 3, 1, 7, tzinfo=UTC)
    assert row["last_played_at"].astimezone(UTC) == datetime(2024, 3, 5, 9, tzinfo=UTC)


def test_shares_are_of_all_counted_plays_those_of_nameless_artists_too(spark: SparkSession) -> None:
    plays = [
        heard("2024-03-01 08:00", artist="A"),
        heard("2024-03-01 08:10", artist="B"),
        heard("2024-03-01 08:20", artist="B"),
        heard("2024-03-01 08:30", artist=None),
        short("2024-03-01 08:40", artist="A"),
        heard("2024-03-01 08:00", artist="A", user_id="anna"),
    ]

    result = artist_summary(plays_frame(spark, plays))

    assert rows_of(result, "user_id", "artist_name", "share_of_listening") == {
        ("me", "A", 0.25),
        ("me", "B", 0.5),
        ("anna", "A", 1.0),
    }


def test_an_artist_skipped_every_time_has_a_row_without_a_top(spark: SparkSession) -> None:
    row = only_artist(spark, [short("2024-03-01 08:00")])

    assert (row["total_plays"], row["counted_plays"], row["unique_tracks"]) == (1, 0, 0)
    assert (row["artist_name"], row["top_track"], row["top_track_plays"]) == ("Artist", None, None)
    # Nothing was counted, so no share can be given.
    assert row["share_of_listening"] is None


def test_of_equal_tracks_the_one_heard_longer_comes_first_then_the_least_name(
    spark: SparkSession,
) -> None:
    longer = [heard("2024-03-01 08:00", "A"), heard("2024-03-01 09:00", "Z", ms_played=180_001)]
    equal = [heard("2024-03-01 08:00", "Z"), heard("2024-03-01 09:00", "A")]

    assert only_artist(spark, longer)["top_track"] == "Z"
    assert only_artist(spark, equal)["top_track"] == "A"


def test_duckdb_finds_the_same(spark: SparkSession) -> None:
    plays = random_plays()

    result = artist_summary(plays_frame(spark, plays))

    numbers = by_sql(
        plays,
        """
        SELECT user_id, lower(artist_name) AS artist, count(*), count_if(is_counted),
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
        f"SELECT person, grouped, name, n FROM ({top_in_sql('track', 'lower(artist_name)')})",
    ) == rows_of(result, "user_id", "artist_key", "top_track", "top_track_plays")
    assert by_sql(
        of_artists,
        f"SELECT person, grouped, name FROM ({top_in_sql('genre', 'lower(artist_name)')})",
    ) == rows_of(result.where("genre IS NOT NULL"), "user_id", "artist_key", "genre")


def test_partitions_change_nothing(spark: SparkSession) -> None:
    plays = plays_frame(spark, random_plays())

    one, seven = (artist_summary(plays.repartition(n)).collect() for n in (1, 7))

    assert sorted(one) == sorted(seven)
