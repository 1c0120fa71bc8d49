"""The distinct plays of each person over all sources that told of them.

The API, the extended history and the account data each tell of the same play, some seconds apart
(account data knows only the minute). Rows of one person and one track form an *island* while
neighbours are at most 90 seconds apart; within an island the first row of one source is the first
row of another, the second the second. So a play that two sources tell of counts once, and a track
that was played twice in a row counts twice.
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


def distinct_plays(records: DataFrame) -> DataFrame:
    """Give one row a play.

    ``records``: rows of ``bronze.listening_history_bronze`` with ``track_key``, distinct in
    (user_id, record_id). Result: user_id, track_key, play_id (the record_id of the best source's
    row), played_at (its instant, the end of the play, UTC), sources (sorted array), and every
    value from the best source that has it: extended, then api, then account.
    """
    of_track = Window.partitionBy("user_id", "track_key").orderBy("played_at", "record_id")
    since_neighbour = F.unix_millis("played_at") - F.lag(F.unix_millis("played_at")).over(of_track)
    starts_island = F.coalesce(since_neighbour > NEIGHBOUR_MILLISECONDS, F.lit(True))
    in_island_of_source = Window.partitionBy("user_id", "track_key", "island", "source").orderBy(
        "played_at", "record_id"
    )
    return (
        records.withColumn("starts_island", starts_island)
        .withColumn("island", F.count_if("starts_island").over(of_track))
        .withColumn("turn", F.row_number().over(in_island_of_source))
        .withColumn("source_rank", _source_rank())
        .groupBy("user_id", "track_key", "island", "turn")
        .agg(
            F.min_by("record_id", "source_rank").alias("play_id"),
            F.min_by("played_at", "source_rank").alias("played_at"),
            _sources(),
            *(_best(name) for name in _VALUES),
        )
        .select("user_id", "track_key", "play_id", "played_at", "sources", *_VALUES)
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
