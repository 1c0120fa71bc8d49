"""Months of a few plays, worked out by hand, and of many, by DuckDB."""

from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from gold.daily_listening_summary import daily_listening_summary
from gold.monthly_insights import monthly_insights
from schemas.summary_schemas import MONTHLY_INSIGHTS
from tests.gold.play_samples import (
    by_sql,
    heard,
    plays_frame,
    random_plays,
    rows_of,
    short,
    top_in_sql,
)

CATALOGUE = "track_id string, popularity int, name_keys array<string>"
TRACKS = "user_id string, track_key string, track_id string"


def months(
    spark: SparkSession, plays: list[dict[str, Any]], popularity: dict[str, int] | None = None
) -> DataFrame:
    """Give the months of plays; ``popularity`` of some track keys."""
    frame = plays_frame(spark, plays)
    keys = sorted({(each["user_id"], each["track_key"], None) for each in plays})
    known = [(key, value, [key]) for key, value in (popularity or {}).items()]
    tracks = spark.createDataFrame(keys, TRACKS)
    days = daily_listening_summary(frame, tracks, spark.createDataFrame(known, CATALOGUE))
    return monthly_insights(frame, days)


def by_month(result: DataFrame) -> dict[str, Row]:
    return {row["month"]: row for row in result.collect()}


def every_day(first: date, last: date, plays: int = 1) -> list[dict[str, Any]]:
    """Give so many plays on every day from the first to the last."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [heard(f"{day} {8 + n:02}:00") for day in days for n in range(plays)]


def test_growth_is_from_one_complete_month_to_the_next(spark: SparkSession) -> None:
    plays = [
        *every_day(date(2024, 1, 15), date(2024, 2, 29), plays=2),
        *every_day(date(2024, 3, 1), date(2024, 4, 10), plays=3),
    ]

    result = months(spark, plays)
    found = by_month(result)

    assert result.columns == MONTHLY_INSIGHTS.given.names
    assert {
        month: (row["total_plays"], row["days_covered"], row["is_complete"], row["active_days"])
        for month, row in found.items()
    } == {
        "2024-01": (34, 17, False, 17),
        "2024-02": (58, 29, True, 29),
        "2024-03": (93, 31, True, 31),
        "2024-04": (30, 10, False, 10),
    }
    # 93 plays after 58. January and April are known in part, and compared with nothing.
    assert {month: row["plays_growth_rate"] for month, row in found.items()} == {
        "2024-01": None,
        "2024-02": None,
        "2024-03": round((93 / 58 - 1) * 100, 6),
        "2024-04": None,
    }
    assert [found[f"2024-0{n}"]["plays_per_day"] for n in (1, 2, 3, 4)] == [2.0, 2.0, 3.0, 3.0]


def test_a_month_after_a_silent_one_has_no_growth(spark: SparkSession) -> None:
    plays = [heard("2024-01-01 08:00"), heard("2024-01-31 08:00"), heard("2024-03-31 08:00")]

    found = by_month(months(spark, plays))

    assert sorted(found) == ["2024-01", "2024-03"]
    assert all(row["is_complete"] for row in found.values())
    assert found["2024-03"]["plays_growth_rate"] is None


def test_december_goes_before_january(spark: SparkSession) -> None:
    plays = [
        *every_day(date(2023, 12, 1), date(2023, 12, 31)),
        *every_day(date(2024, 1, 1), date(2024, 1, 31)),
    ]

    assert by_month(months(spark, plays))["2024-01"]["plays_growth_rate"] == 0.0


def test_each_person_has_months_of_their_own(spark: SparkSession) -> None:
    mine = every_day(date(2024, 1, 1), date(2024, 1, 31))
    annas = [each | {"user_id": "anna"} for each in every_day(date(2024, 2, 1), date(2024, 2, 29))]

    rows = rows_of(
        months(spark, mine + annas), "user_id", "month", "is_complete", "plays_growth_rate"
    )

    assert rows == {("me", "2024-01", True, None), ("anna", "2024-02", True, None)}


def test_a_month_by_hand(spark: SparkSession) -> None:
    friday, saturday = "2024-03-01", "2024-03-02"
    plays = [
        heard(f"{friday} 23:00", "One", "A", genre="pop"),
        heard(f"{friday} 23:30", "One", "A", genre="pop"),
        heard(f"{saturday} 00:30", "Two", "B", genre="rock", ms_played=200_000),
        heard(f"{saturday} 01:00", "Two", "B", genre="rock"),
        short("2024-03-05 12:00", "Three", "C", genre="jazz"),
    ]

    row = by_month(months(spark, plays, {"a|one": 40, "b|two": 80}))["2024-03"]

    assert (row["total_plays"], row["counted_plays"], row["active_days"]) == (5, 4, 2)
    assert (row["unique_tracks"], row["unique_artists"], row["unique_genres"]) == (2, 2, 2)
    # Two plays each: what was heard longer comes first.
    assert (row["top_artist"], row["top_track"], row["top_track_artist"]) == ("B", "Two", "B")
    assert (row["top_genre"], row["top_genre_plays"], row["top_artist_plays"]) == ("rock", 2, 2)
    assert row["most_active_weekday"] == 6
    assert row["average_listening_hour"] == pytest.approx(0, abs=1e-5)
    assert (row["mainstream_score"], row["mainstream_tendency"]) == (60.0, "moderate")
    assert (row["popularity_known_plays"], row["status"]) == (4, "ok")
    assert row["sessions"] == 2


def test_a_tendency_is_a_score_in_a_word(spark: SparkSession) -> None:
    scores = {"71": "high", "70": "moderate", "51": "moderate", "50": "niche"}
    plays = [heard("2024-03-01 08:00", user_id=score, track_key=score) for score in scores]

    found = months(spark, plays, {score: int(score) for score in scores})

    assert dict(rows_of(found, "user_id", "mainstream_tendency")) == scores


def test_without_popularities_there_is_no_tendency(spark: SparkSession) -> None:
    row = by_month(months(spark, [heard("2024-03-01 08:00")]))["2024-03"]

    assert (row["mainstream_score"], row["mainstream_tendency"]) == (None, None)
    assert row["status"] == "too_few_data"
    assert row["reason"] == "popularity known of 0 of 1 counted plays; half of them needed"


def test_discovery_is_told_once_ninety_days_are_over(spark: SparkSession) -> None:
    # From 2 January to 1 April 2024 there are 90 days, to 1 March 59.
    plays = [
        heard("2024-01-02 08:00", "One", first_play=True),
        heard("2024-03-02 08:00", "Two", first_play=True),
        heard("2024-04-02 08:00", "Three", first_play=True),
        heard("2024-04-02 09:00", "One"),
        heard("2024-04-02 10:00", "Two"),
        heard("2024-04-03 10:00", "Two"),
        short("2024-04-03 11:00", "Four", first_play=True),
    ]
    later = [each | {"user_id": "later"} for each in plays[1:]]
    later.insert(0, heard("2024-01-03 08:00", "One", first_play=True, user_id="later"))

    rows = rows_of(
        months(spark, plays + later), "user_id", "month", "new_tracks", "discovery_share"
    )

    assert {row for row in rows if row[1] == "2024-04"} == {
        ("me", "2024-04", 1, 0.25),
        ("later", "2024-04", 1, None),
    }
    assert {row[3] for row in rows if row[1] != "2024-04"} == {None}


def test_duckdb_finds_the_same(spark: SparkSession) -> None:
    plays = random_plays()

    result = months(spark, plays).cache()

    month = "strftime(local_date, '%Y-%m')"
    assert by_sql(
        plays,
        f"""
        WITH monthly AS (
            SELECT user_id, {month} AS month, min(local_date) AS first, max(local_date) AS last,
                   count(*) AS plays, count_if(is_counted) AS counted,
                   round(sum(coalesce(ms_played, duration_ms)) / 60000, 6),
                   count(DISTINCT track_key) FILTER (is_counted),
                   count(DISTINCT lower(artist_name)) FILTER (is_counted),
                   count(DISTINCT genre) FILTER (is_counted),
                   count(DISTINCT session_id) FILTER (is_counted),
                   count(DISTINCT local_date) FILTER (is_counted),
                   count_if(is_counted AND first_play)
            FROM plays GROUP BY user_id, month
        ), person AS (
            SELECT user_id, min(first) AS first, max(last) AS last FROM monthly GROUP BY user_id
        ), whole AS (
            SELECT monthly.*, person.first <= (month || '-01')::DATE
                   AND person.last >= last_day((month || '-01')::DATE) AS is_complete
            FROM monthly JOIN person USING (user_id)
        )
        SELECT whole.* EXCLUDE (first, last),
               if(whole.is_complete AND before.is_complete,
                  round((whole.plays / before.plays - 1) * 100, 6), NULL)
        FROM whole LEFT JOIN whole AS before ON whole.user_id = before.user_id
        AND strftime((whole.month || '-01')::DATE - INTERVAL 1 DAY, '%Y-%m') = before.month
        """,
    ) == rows_of(
        result,
        "user_id",
        "month",
        "total_plays",
        "counted_plays",
        "minutes",
        "unique_tracks",
        "unique_artists",
        "unique_genres",
        "sessions",
        "active_days",
        "new_tracks",
        "is_complete",
        "plays_growth_rate",
    )
    for kind in ("artist", "track", "genre"):
        top = by_sql(plays, f"SELECT person, grouped, name, n FROM ({top_in_sql(kind, month)})")
        assert top == rows_of(result, "user_id", "month", f"top_{kind}", f"top_{kind}_plays")
    weekday = by_sql(plays, f"SELECT person, grouped, name FROM ({top_in_sql('weekday', month)})")
    assert weekday == rows_of(result, "user_id", "month", "most_active_weekday")


def test_partitions_change_nothing(spark: SparkSession) -> None:
    plays = random_plays()
    frame = plays_frame(spark, plays)
    tracks = spark.createDataFrame(
        sorted({(each["user_id"], each["track_key"], None) for each in plays}), TRACKS
    )
    known = spark.createDataFrame(
        [(str(n), n, [f"artist {n % 7}|song {n}"]) for n in range(30)], CATALOGUE
    )

    one, seven = (
        monthly_insights(
            frame.repartition(n), daily_listening_summary(frame, tracks, known).repartition(n)
        ).collect()
        for n in (1, 7)
    )

    assert sorted(one) == sorted(seven)
    assert any(row["status"] == "ok" for row in one)
