"""Reads a table of the lake into Spark."""

from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from schemas.table import Table
from writers.local_rows import local_frame

# From version 2 on a column may go by another name in the files, from 3 on rows may be deleted by
# marks beside them: such tables are left to Delta's own reader.
PLAIN_READER_VERSION = 1


def read_table(spark: SparkSession, table: Table, data_dir: Path) -> DataFrame:
    """Give a table as it stands; no rows where it is absent.

    The log is asked for the table's files, and Spark reads these: Delta's own reader starts two or
    three jobs to plan a question, which in a run of seconds is a quarter of them. Columns that
    older files lack are null. Needs the lake's lock, so that no file goes meanwhile.
    """
    path = table.path(data_dir)
    if not table.exists(data_dir):
        return local_frame(spark, [], table.schema)
    delta = DeltaTable(str(path))
    if delta.protocol().min_reader_version > PLAIN_READER_VERSION:
        return spark.read.format("delta").load(str(path))
    files = delta.file_uris()
    if not files:
        return local_frame(spark, [], table.schema)
    return spark.read.schema(table.schema).option("basePath", str(path)).parquet(*files)
