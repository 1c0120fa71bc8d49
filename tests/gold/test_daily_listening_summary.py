"""Days of a few plays, worked out by hand, and of many, by DuckDB."""

import cmath
from datetime import date
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from gold.daily_listening_summary import daily_listening_summary
from schemas.summary_schemas import DAILY_LISTENING_SUMMARY
from tests.gold.play_samples import (
    by_sql,
    heard,
    plays_frame,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)

Release = tuple[str, int | None, list[str]]
CATALOGUE = "track_id string, popularity int, name_keys array<string>"
TRACKS = "user_id string, track_key string, track_id string"


def release(track_id: str, popularity: int | None, *name_keys: str) -> Release:
    return track_id, popularity, list(name_keys)


def tracks_of(spark: SparkSession, plays: list[dict[str, Any]]) -> DataFrame:
    rows = {(each["user_id"], each["track_key"], each.get("track_id")) for each in plays}
    return spark.createDataFrame(sorted(rows, key=repr), TRACKS)


def days(
    spark: SparkSession, plays: list[dict[str, Any]], catalogue: list[Release] | None = None
) -> DataFrame:
    return daily_listening_summary(
        plays_frame(spark, plays),
        tracks_of(spark, plays),
        spark.createDataFrame(catalogue or [], CATALOGUE),
    )


def only_day(
    spark: SparkSession, plays: list[dict[str, Any]], catalogue: list[Release] | None = None
) -> Row:
    (row,) = days(spark, plays, catalogue).collect()
    return row


def test_a_day_by_hand(spark: SparkSession) -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "A", genre="pop", first_play=True),
        heard("2024-03-01 09:00", "One", "a", genre="pop"),
        heard("2024-03-01 10:00", "Two", "B", genre="rock", session_id="me-2"),
        heard("2024-03-01 11:00", "Three", "B", genre=None, session_id="me-2"),
        short("2024-03-01 12:00", "Four", "C", genre="jazz", session_id="me-3", first_play=True),
    ]

    result = days(spark, plays)
    (row,) = result.collect()

    assert result.columns == DAILY_LISTENING_SUMMARY.given.names
    assert (row["user_id"], row["date"]) == ("me", date(2024, 3, 1))
    assert (row["total_plays"], row["counted_plays"]) == (5, 4)
    assert row["minutes"] == round(12 + 1 / 6, 6)
    assert (row["unique_tracks"], row["unique_artists"], row["unique_genres"]) == (3, 2, 2)
    # 'A' and 'a' are one artist. Both artists have two plays of six minutes: the least by name.
    assert (row["top_artist"], row["top_artist_plays"]) == ("A", 2)
    assert (row["top_track"], row["top_track_artist"], row["top_track_plays"]) == ("One", "A", 2)
    assert (row["top_genre"], row["top_genre_plays"]) == ("pop", 2)
    # The short play is of a third session and a new track, but not counted.
    assert (row["sessions"], row["new_tracks"]) == (2, 1)
    # p = 2/3 and 1/3: e^H = 3 / 2^(2/3).
    assert row["genre_known_plays"] == 3
    assert row["genre_diversity_score"] == pytest.approx(3 / 2 ** (2 / 3), abs=1e-6)
    assert row["average_listening_hour"] == pytest.approx(9.5, abs=1e-5)


def test_the_day_is_the_local_one(spark: SparkSession) -> None:
    # Half past midnight an hour east of Greenwich: the day before in UTC.
    assert only_day(spark, [heard("2024-03-01 00:30")])["date"] == date(2024, 3, 1)


def test_the_mean_hour_goes_around_the_clock(spark: SparkSession) -> None:
    times = {
        "midnight": ("23:00", "01:00"),
        "later": ("23:30", "01:30"),
        "opposite": ("08:00", "20:00"),
    }
    plays = [heard(f"2024-03-01 {at}", user_id=who) for who, both in times.items() for at in both]

    found = {row["user_id"]: row for row in days(spark, plays).collect()}

    hours = {who: row["average_listening_hour"] for who, row in found.items()}
    assert hours["opposite"] is None
    assert hours["later"] == pytest.approx(0.5, abs=1e-5)
    assert min(hours["midnight"], 24 - hours["midnight"]) == pytest.approx(0, abs=1e-5)
    # Two points an hour from their mean: R = cos 15°.
    assert found["midnight"]["listening_hour_concentration"] == pytest.approx(0.965926, abs=2e-6)
    assert found["opposite"]["listening_hour_concentration"] == pytest.approx(0, abs=2e-6)


def test_diversity_is_the_number_of_equally_frequent_genres(spark: SparkSession) -> None:
    people: dict[str, tuple[list[str | None], int | None]] = {
        "one": (["pop"], 1),
        "same": (["pop"] * 5, 1),
        "even": (["pop", "rock", "jazz", "folk"] * 3, 4),
        "none": ([None], None),
    }
    plays = [
        heard(f"2024-03-01 08:{n:02}", user_id=person, genre=genre)
        for person, (genres, _) in people.items()
        for n, genre in enumerate(genres)
    ]

    found = dict(rows_of(days(spark, plays), "user_id", "genre_diversity_score"))

    assert found.pop("none") is None
    assert found == pytest.approx({name: n for name, (_, n) in people.items() if n}, abs=1e-6)


def test_a_day_of_short_plays_has_no_top_and_no_mean(spark: SparkSession) -> None:
    row = only_day(spark, [short("2024-03-01 08:00", genre="pop")])

    assert (row["total_plays"], row["counted_plays"], row["unique_genres"]) == (1, 0, 0)
    nulls = ("top_artist", "top_track", "top_genre", "top_artist_plays", "average_listening_hour")
    assert [row[name] for name in nulls] == [None] * 5
    assert (row["sessions"], row["mainstream_score"], row["status"]) == (0, None, "too_few_data")


def test_popularity_is_that_of_the_most_popular_release_by_id_or_name(spark: SparkSession) -> None:
    plays = [
        heard("2024-03-01 08:00", "One", "A", track_id="1"),
        heard("2024-03-01 08:10", "Two", "A", track_id="2"),
        heard("2024-03-01 08:20", "Two", "A", track_id="2"),
        heard("2024-03-01 08:30", "Unknown", "A"),
        short("2024-03-01 08:40", "One", "A", track_id="1"),
    ]
    catalogue = [
        release("1", 40, "someone|else"),
        release("9", 10, "a|two"),
        release("8", 70, "a|two", "b|two"),
        release("7", None, "a|unknown"),
    ]

    row = only_day(spark, plays, catalogue)

    # 40 + 70 + 70 over three of four counted plays.
    assert (row["popularity_sum"], row["popularity_known_plays"]) == (180, 3)
    assert (row["mainstream_score"], row["status"], row["reason"]) == (60.0, "ok", None)


def test_a_minority_of_known_popularities_has_no_mean(spark: SparkSession) -> None:
    plays = [heard(f"2024-03-01 08:{n:02}", f"Song {n}", "A") for n in range(5)]
    catalogue = [release("1", 90, "a|song 0"), release("2", 80, "a|song 1")]

    row = only_day(spark, plays, catalogue)

    assert (row["mainstream_score"], row["popularity_known_plays"]) == (None, 2)
    assert row["status"] == "too_few_data"
    assert row["reason"] == "popularity known of 2 of 5 counted plays; half of them needed"


def test_duckdb_finds_the_same(spark: SparkSession) -> None:
    plays = random_plays()

    result = days(spark, plays)

    assert by_sql(
        plays,
        """
        SELECT user_id, local_date, count(*), count_if(is_counted),
               round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
               count(DISTINCT track_key) FILTER (is_counted),
               count(DISTINCT lower(artist_name)) FILTER (is_counted),
               count(DISTINCT genre) FILTER (is_counted),
               count(DISTINCT session_id) FILTER (is_counted),
               count_if(is_counted AND first_play)
        FROM plays GROUP BY user_id, local_date
        """,
    ) == rows_of(
        result,
        "user_id",
        "date",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "unique_artists",
        "unique_genres",
        "sessions",
        "new_tracks",
    )
    for kind in ("artist", "track", "genre"):
        top = by_sql(
            plays, f"SELECT person, grouped, name, n FROM ({top_in_sql(kind, 'local_date')})"
        )
        shown = result.where(f"top_{kind} IS NOT NULL")
        assert top == rows_of(shown, "user_id", "date", f"top_{kind}", f"top_{kind}_plays")


def test_duckdb_finds_the_same_mean_hours(spark: SparkSession) -> None:
    plays = random_plays()

    found = days(spark, plays).where("counted_plays > 0")

    expected = by_sql(
        plays,
        """
        WITH clock AS (
            SELECT user_id, local_date,
                   2 * pi() * (epoch(played_at) + utc_offset_minutes * 60) / 86400 AS angle
            FROM plays WHERE is_counted
        )
        SELECT user_id, local_date, avg(cos(angle)), avg(sin(angle))
        FROM clock GROUP BY user_id, local_date
        """,
    )
    points = {(user, day): complex(x, y) for user, day, x, y in expected}
    rows = rows_of(
        found, "user_id", "date", "listening_hour_concentration", "average_listening_hour"
    )
    assert {row[:2] for row in rows} == points.keys()
    assert any(hour is None for *_, hour in rows)
    for user, day, concentration, hour in rows:
        point = points[user, day]
        assert concentration == pytest.approx(abs(point), abs=2e-6)
        assert (hour is None) == (abs(point) < 0.2)
        if hour is not None:
            shown = cmath.rect(1, hour * cmath.pi / 12)
            assert shown == pytest.approx(point / abs(point), abs=1e-5)


def test_partitions_change_nothing(spark: SparkSession) -> None:
    plays = random_plays()
    frame, tracks = plays_frame(spark, plays), tracks_of(spark, plays)
    known = [release(str(n), n, f"artist {n % 7}|song {n}") for n in range(30)]
    catalogue = spark.createDataFrame(known, CATALOGUE)

    one, seven = (
        daily_listening_summary(
            frame.repartition(n), tracks.repartition(n), catalogue.repartition(n)
        ).collect()
        for n in (1, 7)
    )

    assert sorted(one) == sorted(seven)
    assert any(row["status"] == "ok" for row in one)
