"""Local time across clock changes, with instants worked out by hand from the zones' rules."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from silver.time_columns import part_of_day, with_local_time, with_sessions


@pytest.mark.parametrize(
    ("timezone", "instant", "local_date", "hour", "offset", "weekday"),
    [
        # Berlin 2024: clocks go from 02:00 to 03:00 on 31 March, from 03:00 to 02:00 on 27 October.
        ("Europe/Berlin", "2024-03-31 00:59:59", "2024-03-31", 1, 60, 7),
        ("Europe/Berlin", "2024-03-31 01:00:00", "2024-03-31", 3, 120, 7),
        ("Europe/Berlin", "2024-10-27 00:30:00", "2024-10-27", 2, 120, 7),
        ("Europe/Berlin", "2024-10-27 01:30:00", "2024-10-27", 2, 60, 7),
        ("Europe/Berlin", "2024-10-27 02:00:00", "2024-10-27", 3, 60, 7),
        ("Europe/Berlin", "2024-12-31 23:30:00", "2025-01-01", 0, 60, 3),
        # Denver 2024: forward on 10 March at 09:00 UTC, back on 3 November at 08:00 UTC.
        ("America/Denver", "2024-03-10 08:59:59", "2024-03-10", 1, -420, 7),
        ("America/Denver", "2024-03-10 09:00:00", "2024-03-10", 3, -360, 7),
        ("America/Denver", "2024-11-03 07:30:00", "2024-11-03", 1, -360, 7),
        ("America/Denver", "2024-11-03 08:30:00", "2024-11-03", 1, -420, 7),
        ("America/Denver", "2024-07-01 05:59:59", "2024-06-30", 23, -360, 7),
        # Kolkata knows no clock change, and half an hour.
        ("Asia/Kolkata", "2024-03-31 18:29:59", "2024-03-31", 23, 330, 7),
        ("Asia/Kolkata", "2024-03-31 18:30:00", "2024-04-01", 0, 330, 1),
        ("Asia/Kolkata", "2024-10-27 01:00:00", "2024-10-27", 6, 330, 7),
    ],
)
def test_the_wall_clock_is_right_on_both_sides_of_a_clock_change(
    spark: SparkSession,
    timezone: str,
    instant: str,
    local_date: str,
    hour: int,
    offset: int,
    weekday: int,
) -> None:
    frame = spark.range(1).select(F.lit(instant).cast("timestamp").alias("played_at"))

    (row,) = with_local_time(frame, timezone).collect()

    assert str(row["local_date"]) == local_date
    assert (row["hour_of_day"], row["utc_offset_minutes"]) == (hour, offset)
    assert (row["day_of_week"], row["is_weekend"]) == (weekday, weekday >= 6)
    assert row["played_month"] == instant[:7]


def test_the_parts_of_the_day_meet_without_gap(spark: SparkSession) -> None:
    frame = spark.range(24).select(part_of_day(F.col("id")).alias("part")).collect()

    assert [row["part"] for row in frame] == (
        ["late_night"] * 5 + ["morning"] * 7 + ["afternoon"] * 5 + ["evening"] * 5 + ["night"] * 2
    )


def sessions(spark: SparkSession, plays: list[tuple[int, int | None]]) -> list[int]:
    """Number the sessions of plays given as (end in minutes, minutes heard)."""
    noon = datetime(2024, 3, 1, 12, tzinfo=UTC)
    rows = [
        ("me", f"{number:02}", noon + timedelta(minutes=end), heard and heard * 60_000)
        for number, (end, heard) in enumerate(plays)
    ]
    frame = spark.createDataFrame(
        rows, "user_id string, play_id string, played_at timestamp, ms_played long"
    )
    found = with_sessions(frame).orderBy("play_id").collect()
    names = [row["session_id"] for row in found]
    return [sorted(set(names)).index(name) for name in names]


@pytest.mark.parametrize(
    ("plays", "expected"),
    [
        # Silence is measured from the end of one play to the start of the next.
        ([(0, 3), (33, 3)], [0, 0]),
        ([(0, 3), (34, 3)], [0, 1]),
        # A play of unknown length is taken to begin where it ends.
        ([(0, None), (30, None)], [0, 0]),
        ([(0, None), (31, None)], [0, 1]),
        # The silence begins at the end that was heard last.
        ([(0, 3), (60, 58), (62, 1)], [0, 0, 0]),
    ],
)
def test_a_session_ends_with_thirty_silent_minutes(
    spark: SparkSession, plays: list[tuple[int, int | None]], expected: list[int]
) -> None:
    assert sessions(spark, plays) == expected
