"""The distinct plays of each person over all sources that told of them.

The API, the extended history and the account data each tell of the same play, some seconds apart
(account data knows only the minute). Rows of one person and one track form an *island* while
neighbours are at most 90 seconds apart; within an island the first row of one source is the first
row of another, the second the second. So a play that two sources tell of counts once, and a track
that was played twice in a row counts twice.

What the API says of a play is now and then its start. So its rows that found nobody at the end are
tried once more by the start: the instant that the API gave beside the end of an export's row less
the time it was heard.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NEIGHBOUR_MILLISECONDS = 90_000
_LONGEST_PAUSE = 30 * 60_000
_CLOCKS_DIFFER = 10_000
_MINUTE = 60_000  # account data cut the seconds off
_BEST_SOURCE_FIRST = ("extended", "api", "demo", "account")
_VALUES = (
    "track_id",
    "track_name",
    "artist_id",
    "artist_name",
    "album_name",
    "duration_ms",
    "ms_played",
    "media_type",
    "context_type",
    "platform",
    "conn_country",
    "reason_end",
    "shuffle",
    "skipped",
)
_OF_TRACK = ("user_id", "track_key")


def distinct_plays(records: DataFrame) -> DataFrame:
    """Give one row a play.

    ``records``: rows of ``bronze.listening_history_bronze`` with ``track_key``, distinct in
    (user_id, record_id). Result: user_id, track_key, play_id (the record_id of the best source's
    row), played_at (its instant, the end of the play, UTC), sources (sorted array), and every
    value from the best source that has it: extended, then api, then account.
    """
    # What is known for a start has no end to go by: it keeps to itself until starts are compared.
    by_start = F.coalesce(F.col("told_at") != F.col("played_at"), F.lit(False))
    of_track = Window.partitionBy(*_OF_TRACK).orderBy("by_start", "played_at", "record_id")
    since_neighbour = F.unix_millis("played_at") - F.lag(F.unix_millis("played_at")).over(of_track)
    is_apart = (since_neighbour > NEIGHBOUR_MILLISECONDS) | (
        F.col("by_start") != F.lag("by_start").over(of_track)
    )
    starts_island = F.coalesce(is_apart, F.lit(True))
    in_island_of_source = Window.partitionBy(*_OF_TRACK, "island", "source").orderBy(
        "played_at", "record_id"
    )
    plays = (
        records.withColumn("by_start", by_start)
        .withColumn("starts_island", starts_island)
        .withColumn("island", F.count_if("starts_island").over(of_track))
        .withColumn("turn", F.row_number().over(in_island_of_source))
        .withColumn("source_rank", _source_rank())
        .groupBy(*_OF_TRACK, "island", "turn")
        .agg(
            F.min_by("record_id", "source_rank").alias("play_id"),
            F.min_by("played_at", "source_rank").alias("played_at"),
            _sources(),
            F.min("told_at").alias("told_at"),
            *(_best(name) for name in _VALUES),
        )
    )
    return _told_by_start(plays).select(*_OF_TRACK, "play_id", "played_at", "sources", *_VALUES)


def _told_by_start(plays: DataFrame) -> DataFrame:
    """Join the API's rows that found nobody by their end to those that began with them.

    Nobody hears two plays at once: the one that began with an API's row is the first to begin from
    then on. An export says when a play ended and how long it was heard, so a pause within it makes
    it seem to have begun later; how much, only a row that is known for a start is allowed.
    """
    is_lone = (F.size("sources") == 1) & (F.col("sources")[0] == "api")
    told = F.unix_millis("told_at")
    seconds_cut_off = F.when(F.array_contains("sources", "extended"), 0).otherwise(_MINUTE)
    began = F.unix_millis("played_at") - F.col("ms_played") + seconds_cut_off
    longest = F.when(F.col("told_at") != F.col("played_at"), _LONGEST_PAUSE).otherwise(
        NEIGHBOUR_MILLISECONDS
    )
    lone = F.when(is_lone, F.struct(told.alias("told"), longest.alias("longest"), *_VALUES))
    # A little earlier, since clocks differ: before the row that it is to find.
    position = (
        F.when(is_lone, told - _CLOCKS_DIFFER)
        .when(~F.array_contains("sources", "api"), began)
        .alias("position")
    )
    in_order = Window.partitionBy(*_OF_TRACK).orderBy("position", "play_id")
    before, after = F.lag("lone").over(in_order), F.lead("position").over(in_order)
    is_found = F.col("position") - F.col("before.told") <= F.col("before.longest")
    finds = (after - F.col("lone.told") <= F.col("lone.longest")) & ~F.lead("is_lone").over(
        in_order
    )
    return (
        plays.withColumns({"is_lone": is_lone, "lone": lone, "position": position})
        .withColumns({"before": before, "finds": finds})
        .withColumn("found", F.when(is_found & ~F.col("is_lone"), F.col("before")))
        .where(~F.coalesce("finds", F.lit(False)))
        .withColumns({name: F.coalesce(name, F.col(f"found.{name}")) for name in _VALUES})
        .withColumn(
            "sources",
            F.when(
                F.col("found").isNotNull(), F.array_sort(F.array_append("sources", F.lit("api")))
            ).otherwise(F.col("sources")),
        )
    )


def _source_rank() -> Column:
    order = F.array(*(F.lit(source) for source in _BEST_SOURCE_FIRST))
    return F.array_position(order, F.col("source"))


def _sources() -> Column:
    """The sources that told of it, sorted; several times quicker than collecting a set."""
    told = (F.when(F.bool_or(F.col("source") == each), each) for each in sorted(_BEST_SOURCE_FIRST))
    return F.array_compact(F.array(*told)).alias("sources")


def _best(name: str) -> Column:
    known = F.when(F.col(name).isNotNull(), F.col("source_rank"))
    return F.min_by(name, known).alias(name)
