"""Privacy-export records → rows of ``bronze.listening_history_bronze``.

A record's identity is what makes it the same record in two exports: its source, its instant, what
was played (the id where there is one, else the names) and for how long. Fields that Spotify fills
differently from export to export (shuffle, platform, album) are no part of it.
"""

from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import REJECTED_RECORDS

_FIELDS = """
    ts string, platform string, ms_played bigint, conn_country string,
    master_metadata_track_name string, master_metadata_album_artist_name string,
    master_metadata_album_album_name string, spotify_track_uri string,
    episode_name string, episode_show_name string, spotify_episode_uri string,
    audiobook_title string, audiobook_uri string,
    audiobook_chapter_uri string, audiobook_chapter_title string,
    reason_start string, reason_end string,
    shuffle boolean, skipped boolean, offline boolean, incognito_mode boolean,
    endTime string, artistName string, trackName string,
    podcastName string, episodeName string, msPlayed bigint
"""
_FIRST_YEAR = 2006  # Spotify was founded then: an earlier play is a device clock gone wrong.
_CLOCK_TOLERANCE = timedelta(days=1)
_ONLY_FROM_API = ("told_at", "artist_id", "duration_ms", "context_type", "context_uri", "item")


def parse_records(records: DataFrame, now: datetime) -> DataFrame:
    """Give every record as typed columns, with ``reject_reason`` where it cannot be taken.

    ``records`` has the columns of ``loaders.export_records.RECORDS``; ``now`` (UTC, aware) tells
    what lies in the future. Result: user_id, source_file, position, record, reject_reason, and the
    columns of the history that exports can fill.
    """
    parsed = records.withColumn("r", F.from_json("record", _FIELDS))
    is_account = F.col("kind").startswith("account")
    ts, end_time = F.col("r.ts"), F.col("r.endTime")
    # The strict patterns keep Spark from reading '2023' or a bare date as an instant.
    extended_at = F.when(ts.rlike(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"), F.try_to_timestamp(ts))
    account_at = F.try_to_timestamp(end_time, F.lit("yyyy-MM-dd HH:mm"))
    track_uri, episode_uri = F.col("r.spotify_track_uri"), F.col("r.spotify_episode_uri")
    chapter_uri = F.col("r.audiobook_chapter_uri")
    artist = F.coalesce("r.master_metadata_album_artist_name", "r.artistName")
    columns = {
        "source": F.when(is_account, "account").otherwise("extended"),
        "played_at": F.when(is_account, account_at).otherwise(extended_at),
        "media_type": _media_type(),
        "media_uri": F.coalesce(track_uri, episode_uri, chapter_uri),
        "track_id": _blank_as_null(F.regexp_extract(track_uri, r"^spotify:track:(\w+)$", 1)),
        "track_name": _blank_as_null(
            F.coalesce(
                "r.master_metadata_track_name",
                "r.trackName",
                "r.episode_name",
                "r.episodeName",
                "r.audiobook_chapter_title",
                "r.audiobook_title",
            )
        ),
        "artist_name": _blank_as_null(F.coalesce(artist, "r.episode_show_name", "r.podcastName")),
        "album_artist_name": _blank_as_null(artist),
        "album_name": F.col("r.master_metadata_album_album_name"),
        "ms_played": F.coalesce("r.ms_played", "r.msPlayed"),
        **{
            name: F.col(f"r.{name}")
            for name in (
                "platform",
                "conn_country",
                "reason_start",
                "reason_end",
                "shuffle",
                "skipped",
                "offline",
                "incognito_mode",
            )
        },
    }
    kept = ["user_id", "source_file", "position", "record", "problem"]
    typed = parsed.select(*kept, *(value.alias(name) for name, value in columns.items()))
    return typed.withColumn("reject_reason", _reject_reason(now)).drop("problem")


def listening_history(parsed: DataFrame, run_id: str, now: datetime) -> DataFrame:
    """Give the bronze rows of parsed records, each record once.

    ``parsed`` comes from ``parse_records``. Of records that repeat between files one stays; of
    identical records within one file all stay, told apart by their occurrence number.
    """
    good = parsed.where(F.col("reject_reason").isNull()).withColumn("identity", _identity())
    in_file = Window.partitionBy("user_id", "identity", "source_file").orderBy("position")
    record_id = F.md5(F.concat_ws(":", "identity", "occurrence"))
    # Of copies the most telling one stays, and always the same one whatever their order.
    told = F.size(F.array_compact(F.array("skipped", "offline", "incognito_mode")))
    copies = Window.partitionBy("user_id", "identity", "occurrence").orderBy(
        F.desc(told), "record", "source_file"
    )
    distinct = (
        good.repartition("user_id", "identity")
        .withColumn("occurrence", F.row_number().over(in_file))
        .withColumn("copy", F.row_number().over(copies))
        .where(F.col("copy") == 1)
    )
    values = {
        "record_id": record_id,
        "date": F.to_date("played_at"),
        "played_month": F.date_format("played_at", "yyyy-MM"),
        "run_id": F.lit(run_id),
        "ingested_at": F.lit(now).cast("timestamp"),
        **{name: F.lit(None) for name in _ONLY_FROM_API},
    }
    return distinct.select(
        *(
            values.get(each.name, F.col(each.name)).cast(each.dataType).alias(each.name)
            for each in LISTENING_HISTORY.columns
        )
    )


def rejected_records(parsed: DataFrame, run_id: str, now: datetime) -> DataFrame:
    """Give the rows of ``ops.rejected_records`` for what ``parse_records`` could not take."""
    rejected = parsed.where(F.col("reject_reason").isNotNull())
    values = {
        "rejected_id": F.md5(
            F.concat_ws("|", "user_id", "source_file", "position", "reject_reason", "record")
        ),
        "reason": F.col("reject_reason"),
        "run_id": F.lit(run_id),
        "rejected_at": F.lit(now).cast("timestamp"),
    }
    names = REJECTED_RECORDS.column_names
    return rejected.select(*(values.get(name, F.col(name)).alias(name) for name in names))


def _media_type() -> Column:
    names_episode = F.coalesce(
        "r.spotify_episode_uri", "r.episode_name", "r.episodeName"
    ).isNotNull()
    names_audiobook = F.coalesce("r.audiobook_chapter_uri", "r.audiobook_title").isNotNull()
    names_track = F.coalesce(
        "r.spotify_track_uri", "r.master_metadata_track_name", "r.trackName"
    ).isNotNull()
    return (
        F.when(names_track & (F.col("kind") == "extended_video"), "video")
        .when(names_track, "track")
        .when(names_episode, "episode")
        .when(names_audiobook, "audiobook")
        .otherwise("unknown")
    )


def _blank_as_null(value: Column) -> Column:
    return F.when(F.trim(value) != "", value)


def _reject_reason(now: datetime) -> Column:
    latest = F.lit(now + _CLOCK_TOLERANCE).cast("timestamp")
    return (
        F.when(F.col("problem").isNotNull(), F.concat(F.lit("the file "), "problem"))
        .when(F.col("played_at").isNull(), "its time is missing or cannot be read")
        .when(F.col("played_at") > latest, "its time lies in the future")
        .when(F.year("played_at") < _FIRST_YEAR, "its time lies before Spotify existed")
        .when(F.col("ms_played").isNull(), "its playing time is missing or no whole number")
        .when(F.col("ms_played") < 0, "its playing time is negative")
    )


def _identity() -> Column:
    """Hash what makes a record the same record wherever it is met again."""
    names = F.concat_ws("|", "media_type", "artist_name", "track_name")
    return F.md5(
        F.concat_ws(
            "|",
            "source",
            F.unix_millis("played_at").cast("string"),
            F.coalesce("media_uri", names),
            F.col("ms_played").cast("string"),
        )
    )
