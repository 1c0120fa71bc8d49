"""When a play was, on the wall where the person lives, and which session it belongs to."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from schemas.silver_schemas import PARTS_OF_DAY
from silver.thresholds import of_threshold

SESSION_GAP_MINUTES = 30
# The five blocks of Heggli, Stupacher, Vuust 2021 (doi 10.1098/rsos.210885), first hour of each.
_PARTS_BY_START = dict(zip((0, 5, 12, 17, 22), PARTS_OF_DAY, strict=True))


def with_local_time(plays: DataFrame, timezone: str) -> DataFrame:
    """Add the local-time columns of ``silver.listening_with_features``.

    ``plays`` has ``played_at`` (UTC); ``timezone`` is an IANA name, its clock changes come from the
    tz database. Adds local_date, utc_offset_minutes, hour_of_day, part_of_day, day_of_week (1 =
    Monday), is_weekend, season, played_month (of the UTC instant).
    """
    # A timestamp that shows the local wall time when it is read as if it were UTC.
    wall = F.from_utc_timestamp("played_at", timezone)
    offset_seconds = F.unix_seconds(wall) - F.unix_seconds(F.col("played_at"))
    day_of_week = F.weekday(wall) + 1
    return plays.withColumns(
        {
            "local_date": F.to_date(wall),
            "utc_offset_minutes": (offset_seconds / 60).cast("int"),
            "hour_of_day": F.hour(wall),
            "part_of_day": part_of_day(F.hour(wall)),
            "day_of_week": day_of_week,
            "is_weekend": day_of_week >= 6,
            "season": season(F.month(wall)),
            "played_month": F.date_format("played_at", "yyyy-MM"),
        }
    )


def with_sessions(plays: DataFrame) -> DataFrame:
    """Add ``session_id``: a new session begins after 30 minutes without music.

    ``plays`` has user_id, play_id, played_at (end) and ms_played; a play of unknown length is taken
    to begin where it ends. The id is made of the person and the end of the session's first play.
    """
    of_person = Window.partitionBy("user_id").orderBy("played_at", "play_id")
    before = of_person.rowsBetween(Window.unboundedPreceding, -1)
    started_ms = F.unix_millis("played_at") - F.coalesce("ms_played", F.lit(0))
    silence_ms = started_ms - F.max(F.unix_millis("played_at")).over(before)
    begins = F.coalesce(silence_ms > SESSION_GAP_MINUTES * 60_000, F.lit(True))
    first_end = F.when(F.col("begins_session"), F.unix_millis("played_at"))
    session = F.last(first_end, ignorenulls=True).over(of_person)
    return (
        plays.withColumn("begins_session", begins)
        .withColumn("session_id", F.concat_ws("-", "user_id", session.cast("string")))
        .drop("begins_session")
    )


def part_of_day(hour: Column) -> Column:
    """Name the part of the day that an hour (0-23) lies in; the small hours are late night."""
    return of_threshold(hour, _PARTS_BY_START)


def first_hour_of_part(hour: Column) -> Column:
    """Give the first hour of the part of the day that an hour (0-23) lies in."""
    return of_threshold(hour, {first: first for first in _PARTS_BY_START})


def season(month: Column) -> Column:
    """Name the meteorological season, of the northern half of the world, of a month (1-12)."""
    return (
        F.when(month.isin(12, 1, 2), "winter")
        .when(month.between(3, 5), "spring")
        .when(month.between(6, 8), "summer")
        .otherwise("autumn")
    )
