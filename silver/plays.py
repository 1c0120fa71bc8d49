"""The distinct plays of each person over all sources that told of them.

The API, the extended history and the account data each tell of the same play, some seconds apart
(account data knows only the minute). Rows of one person and one track form an *island* while
neighbours are at most 90 seconds apart; within an island the first row of one source is the first
row of another, the second the second. So a play that two sources tell of counts once, and a track
that was played twice in a row counts twice.

What the API says of a play's end is now and then its start, or off by a pause. So its rows that
found nobody at the end are tried once more by the start: the instant that the API gave beside the
end of an export's row less the time it was heard.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NEIGHBOUR_MILLISECONDS = 90_000
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
    by_end = _with_island(records, F.unix_millis("played_at"), "record_id")
    in_island_of_source = Window.partitionBy(*_OF_TRACK, "island", "source").orderBy(
        "played_at", "record_id"
    )
    plays = (
        by_end.withColumn("turn", F.row_number().over(in_island_of_source))
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
    """Join the API's rows that found nobody by their end to those that began with them."""
    is_lone = (F.size("sources") == 1) & (F.col("sources")[0] == "api")
    start = F.when(is_lone, F.unix_millis("told_at")).otherwise(
        F.unix_millis("played_at") - F.col("ms_played")
    )
    is_asked = is_lone | ~F.array_contains("sources", "api")
    in_island_of_kind = Window.partitionBy(*_OF_TRACK, "island", "is_lone").orderBy(
        "start", "play_id"
    )
    of_one_play = Window.partitionBy(*_OF_TRACK, "island", "turn")
    lone = F.when(F.col("is_lone"), F.struct(*_VALUES))
    asked = plays.withColumn("is_lone", is_lone).withColumn("start", F.when(is_asked, start))
    paired = (
        _with_island(asked.drop("island", "turn"), F.col("start"), "play_id")
        .withColumn("turn", F.row_number().over(in_island_of_kind))
        .withColumn("lone", F.max(lone).over(of_one_play))
        .withColumn("others", F.count_if(~F.col("is_lone")).over(of_one_play))
    )
    told = F.col("lone").isNotNull() & ~F.col("is_lone")
    return paired.where(~F.col("is_lone") | (F.col("others") == 0)).withColumns(
        {name: F.coalesce(name, F.when(told, F.col(f"lone.{name}"))) for name in _VALUES}
        | {
            "sources": F.when(
                told, F.array_sort(F.array_append("sources", F.lit("api")))
            ).otherwise(F.col("sources"))
        }
    )


def _with_island(rows: DataFrame, instant: Column, tie: str) -> DataFrame:
    """Number the islands of each track: a new one begins 90 seconds after the row before.

    A row without an instant is an island of its own.
    """
    of_track = Window.partitionBy(*_OF_TRACK).orderBy(instant, tie)
    since_neighbour = instant - F.lag(instant).over(of_track)
    starts_island = F.coalesce(since_neighbour > NEIGHBOUR_MILLISECONDS, F.lit(True))
    return rows.withColumn("starts_island", starts_island).withColumn(
        "island", F.count_if("starts_island").over(of_track)
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
