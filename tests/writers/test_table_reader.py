"""A table is read as its log says, whoever wrote it."""

from dataclasses import replace
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql.types import LongType

from schemas.table import column
from tests.writers.example_table import EXAMPLE
from writers.local_rows import local_frame
from writers.table_reader import read_table

LATER = column("later", LongType(), "a column that older files lack")
TABLE = replace(EXAMPLE, columns=(*EXAMPLE.columns, LATER))
ROWS = [
    {"name": "a", "value": 1, "month": "2024-01"},
    {"name": "b", "value": 2, "month": "2024-01"},
    {"name": "c", "value": 3, "month": "2024-02"},
]


def write(spark: SparkSession, data_dir: Path, mode: str, **options: str) -> Path:
    path = TABLE.path(data_dir)
    old = local_frame(spark, ROWS, TABLE.schema).drop("later")
    old.write.format("delta").partitionBy("month").mode(mode).options(**options).save(str(path))
    return path


def names(spark: SparkSession, data_dir: Path) -> list[str]:
    return sorted(row["name"] for row in read_table(spark, TABLE, data_dir).collect())


def test_an_absent_table_has_no_rows_and_its_columns(spark: SparkSession, tmp_path: Path) -> None:
    frame = read_table(spark, TABLE, tmp_path)

    assert frame.collect() == []
    assert frame.columns == TABLE.column_names


def test_rows_come_with_their_partition_and_null_for_newer_columns(
    spark: SparkSession, tmp_path: Path
) -> None:
    write(spark, tmp_path, "append")

    rows = read_table(spark, TABLE, tmp_path).where("month = '2024-02'").collect()

    assert [row.asDict() for row in rows] == [{**ROWS[2], "later": None}]


def test_files_that_the_log_has_dropped_are_not_read(spark: SparkSession, tmp_path: Path) -> None:
    path = write(spark, tmp_path, "append")
    write(spark, tmp_path, "overwrite")
    DeltaTable.forPath(spark, str(path)).delete("name = 'a'")

    assert names(spark, tmp_path) == ["b", "c"]


def test_rows_that_were_marked_as_deleted_are_gone(spark: SparkSession, tmp_path: Path) -> None:
    path = write(spark, tmp_path, "append", **{"delta.enableDeletionVectors": "true"})
    DeltaTable.forPath(spark, str(path)).delete("name = 'a'")
    assert list(path.glob("deletion_vector_*")), "the row was not deleted by a mark"

    assert names(spark, tmp_path) == ["b", "c"]


def test_a_table_without_any_row_left_can_be_read(spark: SparkSession, tmp_path: Path) -> None:
    path = write(spark, tmp_path, "append")
    DeltaTable.forPath(spark, str(path)).delete()

    assert names(spark, tmp_path) == []
