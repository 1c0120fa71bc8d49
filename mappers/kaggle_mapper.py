"""Rows of the Kaggle CSV → rows of ``bronze.kaggle_tracks_bronze``."""

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from schemas.bronze_schemas import KAGGLE_TRACKS
from schemas.common_columns import UNIT_INTERVAL_FEATURES
from schemas.ops_schemas import REJECTED_RECORDS

_LANDING = ("source_file", "run_id", "ingested_at")


def parse_catalogue(rows: DataFrame) -> DataFrame:
    """Give every row typed, with ``reject_reason`` where it cannot be taken.

    ``rows`` has the string columns of ``loaders.kaggle_catalogue.COLUMNS``. Values are taken as
    they are, tempo 0 and missing names included; what they mean is decided where they are used.
    """
    typed = {
        each.name: F.trim(each.name).try_cast(each.dataType)
        for each in KAGGLE_TRACKS.columns
        if each.name not in _LANDING
    }
    parsed = rows.select(
        *(value.alias(name) for name, value in typed.items()), F.struct(*rows.columns).alias("row")
    ).withColumn("reject_reason", _reject_reason())
    is_rejected = F.col("reject_reason").isNotNull()
    return parsed.withColumn("record", F.when(is_rejected, F.to_json("row"))).drop("row")


def kaggle_tracks(parsed: DataFrame, source_file: str, run_id: str, now: datetime) -> DataFrame:
    """Give the bronze rows, one a track and genre: of repeats the most popular row stays."""
    repeats = Window.partitionBy(*KAGGLE_TRACKS.key).orderBy(
        F.desc("popularity"), *(name for name in KAGGLE_TRACKS.column_names if name not in _LANDING)
    )
    landing = {
        "source_file": F.lit(source_file),
        "run_id": F.lit(run_id),
        "ingested_at": F.lit(now).cast("timestamp"),
    }
    return (
        parsed.where(F.col("reject_reason").isNull())
        .withColumn("repeat", F.row_number().over(repeats))
        .where(F.col("repeat") == 1)
        .select(
            *(landing.get(name, F.col(name)).alias(name) for name in KAGGLE_TRACKS.column_names)
        )
    )


def rejected_catalogue_rows(
    parsed: DataFrame, source_file: str, user_id: str, run_id: str, now: datetime
) -> DataFrame:
    """Give the rows of ``ops.rejected_records`` for what ``parse_catalogue`` could not take."""
    values = {
        "rejected_id": F.md5(F.concat_ws("|", F.lit(source_file), "reject_reason", "record")),
        "user_id": F.lit(user_id),
        "source_file": F.lit(source_file),
        "position": F.lit(None).cast("bigint"),
        "reason": F.col("reject_reason"),
        "record": F.col("record"),
        "run_id": F.lit(run_id),
        "rejected_at": F.lit(now).cast("timestamp"),
    }
    return (
        parsed.where(F.col("reject_reason").isNotNull())
        .select(*(values[name].alias(name) for name in REJECTED_RECORDS.column_names))
        .dropDuplicates(list(REJECTED_RECORDS.key))
    )


def _reject_reason() -> Column:
    out_of_range = F.lit(False)
    for name in UNIT_INTERVAL_FEATURES:
        outside = F.col(name).isNotNull() & ~F.col(name).between(0, 1)
        out_of_range = out_of_range | outside
    return (
        F.when(F.col("track_id").isNull() | (F.col("track_id") == ""), "it has no track_id")
        .when(F.col("track_genre").isNull(), "it has no track_genre")
        .when(F.col("valence").isNull() | F.col("energy").isNull(), "its features are no numbers")
        .when(out_of_range, "a feature lies outside 0 to 1")
    )
