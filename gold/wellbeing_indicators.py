"""What a person listened to and when, by month and eight weeks, against their own last weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from gold.feature_shares import has_valence_and_energy
from gold.mood_clusters import has_all_features
from schemas.common_columns import CONTINUOUS_FEATURES, QUADRANT_CUT
from schemas.indicator_schemas import WELLBEING_INDICATORS
from silver.exact_numbers import millionths

if TYPE_CHECKING:
    import pandas as pd

# The features that place an artist. Without tempo, which is unknown for many tracks and often
# heard at half or double.
SOUND = tuple(name for name in CONTINUOUS_FEATURES if name != "tempo")
REPETITION_PLAYS = 500


def wellbeing_indicators(listening: DataFrame) -> DataFrame:
    """Give one row a person, indicator and period of ``silver.listening_with_features``.

    Indicators are those of ``gold.indicator_list``, by counted plays and local days. Periods are
    ``all_time``, every calendar month, and 56 days that end on the person's last day and on each
    of the 52 Sundays before it; a period without plays has no row. Intervals are of 95 %, by a
    bootstrap of blocks of days; ``baseline_value`` is that of the 56 days before the period.

    Status: ``too_few_data`` below an indicator's minimum; ``withheld`` where it rests on features
    and under half of them are measured or the catalogue's; ``no_skill`` for inertia that features
    permuted over artists have too; else ``ok``. Only an ``ok`` row has a value.

    Spark adds up plays by day and hour and by day and artist. What is handed to Python is one
    person's sums, at most 24 rows a day and one for each artist of a day: for 150,000 plays over
    eight years some 100,000 rows.
    """
    plays = _counted_plays(listening)
    sums = _by_hour_and_artist(plays).unionByName(_repeats(plays), allowMissingColumns=True)
    return (
        sums.groupBy("user_id")
        .applyInPandas(_of_person, WELLBEING_INDICATORS.given)
        .select(*WELLBEING_INDICATORS.given.names)
    )


def _counted_plays(listening: DataFrame) -> DataFrame:
    features = ("valence", "energy")
    has_features, has_sound = has_valence_and_energy(), has_all_features()
    bright, energetic = F.col("valence") >= QUADRANT_CUT, F.col("energy") >= QUADRANT_CUT
    return listening.where("is_counted").select(
        "user_id",
        F.xxhash64("track_key").alias("track"),
        "played_at",
        F.unix_date("local_date").alias("day"),
        F.col("hour_of_day").alias("hour"),
        F.lower("artist_name").alias("artist"),
        F.coalesce("ms_played", "duration_ms", F.lit(0)).alias("heard_ms"),
        F.when(has_features, F.col("feature_source")).alias("source"),
        has_sound.alias("has_sound"),
        F.when(has_features, _quadrant(bright, energetic)).alias("quadrant"),
        *(F.when(has_features, millionths(F.col(name))).alias(name) for name in features),
        *(
            F.when(has_sound, millionths(F.col(name))).alias(f"sound_{number}")
            for number, name in enumerate(SOUND)
        ),
    )


def _quadrant(bright: Column, energetic: Column) -> Column:
    """Number the quadrants in the order of ``gold.indicator_list.QUADRANTS``."""
    return F.when(bright & energetic, 0).when(~bright & energetic, 1).when(~bright, 2).otherwise(3)


def _by_hour_and_artist(plays: DataFrame) -> DataFrame:
    """Add up by day and hour and by day and artist: what ``indicator_days.day_sums`` lays out."""
    features = ("valence", "energy")
    added = {
        "plays": F.count("*"),
        "heard_ms": F.sum("heard_ms"),
        "with_features": F.count("source"),
        "measured": F.count_if(F.col("source") == "real"),
        "catalogue": F.count_if(F.col("source") == "kaggle"),
        **{name: F.sum(name) for name in features},
        **{f"{name}_squares": F.sum(F.col(name) * F.col(name)) for name in features},
        **{f"quadrant_{number}": F.count_if(F.col("quadrant") == number) for number in range(4)},
        "sound_plays": F.count_if("has_sound"),
        **{f"sound_{number}": F.sum(f"sound_{number}") for number in range(len(SOUND))},
    }
    return plays.groupingSets(
        [["user_id", "day", "hour"], ["user_id", "day", "artist"]],
        "user_id",
        "day",
        "hour",
        "artist",
    ).agg(
        F.when(F.grouping("hour") == 0, "hours").otherwise("artists").alias("part"),
        *(F.coalesce(value, F.lit(0)).alias(name) for name, value in added.items()),
    )


def _repeats(plays: DataFrame) -> DataFrame:
    """Count by day which plays are new tracks, and how often a track comes again.

    ``new_tracks``: first counted plays of their track. ``gap_repeats``: Σ of 500 - the plays since
    the track was last played, never below 0. ``windows`` and ``window_repeats``: plays that end 500
    plays, and over these windows the plays less the different tracks. A track enters the window
    with a play that has none of it in the 500 before, and leaves it 500 plays after one that has
    none in the 500 that follow.
    """
    # Plays that end in the same instant stand in any order, but in the same one every time; a hash
    # is sorted by in a fraction of the time that names take.
    in_order = Window.partitionBy("user_id").orderBy("played_at", "track")
    of_track = Window.partitionBy("user_id", "track").orderBy("position")
    by_position = Window.partitionBy("user_id").orderBy("position")
    until_now = by_position.rowsBetween(Window.unboundedPreceding, 0)
    until_left = by_position.rowsBetween(Window.unboundedPreceding, -REPETITION_PLAYS)
    since = F.col("position") - F.lag("position").over(of_track)
    until = F.lead("position").over(of_track) - F.col("position")

    def is_far(plays: str) -> Column:
        return F.coalesce(F.col(plays) > REPETITION_PLAYS, F.lit(True)).cast("int")

    entered, left = F.sum(is_far("since")).over(until_now), F.sum(is_far("until")).over(until_left)
    repeats_in_window = REPETITION_PLAYS - entered + F.coalesce(left, F.lit(0))
    return (
        plays.withColumn("position", F.row_number().over(in_order))
        .withColumns({"since": since, "until": until})
        .withColumn("in_window", repeats_in_window)
        .groupBy("user_id", "day")
        .agg(
            F.lit("repeats").alias("part"),
            F.count_if(F.col("since").isNull()).alias("new_tracks"),
            F.sum(
                F.greatest(
                    REPETITION_PLAYS - F.coalesce("since", F.lit(REPETITION_PLAYS)), F.lit(0)
                )
            ).alias("gap_repeats"),
            F.count_if(F.col("position") >= REPETITION_PLAYS).alias("windows"),
            F.sum(
                F.when(F.col("position") >= REPETITION_PLAYS, F.col("in_window")).otherwise(0)
            ).alias("window_repeats"),
        )
    )


def _of_person(sums: pd.DataFrame) -> pd.DataFrame:
    # The scientific libraries are needed by the workers only.
    import pandas as pd

    from gold.burn_in import BURN_IN_DAYS
    from gold.indicator_days import catalogue_scale, day_sums
    from gold.person_indicators import person_indicators

    parts = dict(tuple(sums.groupby("part")))
    days = day_sums(
        parts["hours"], parts["artists"], parts["repeats"], BURN_IN_DAYS, catalogue_scale(SOUND)
    )
    rows = person_indicators(sums["user_id"].iloc[0], days)
    return pd.DataFrame(rows, columns=WELLBEING_INDICATORS.given.names)
