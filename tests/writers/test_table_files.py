"""Files that Spark wrote become part of a table all at once, whoever reads it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql.types import StringType

from schemas.table import column
from tests.writers.example_table import EXAMPLE
from writers.delta_writer import DeltaWriter, Provenance
from writers.table_files import commit_files, write_files

MADE = Provenance("run", EXAMPLE.full_name, {}, {}, 1)
Row = tuple[str | None, int | None, str | None]


@pytest.fixture
def path(spark: SparkSession, tmp_path: Path) -> Path:
    """A table of two months that is there."""
    rows = spark.createDataFrame([("a", 1, "2024-01"), ("b", 2, "2024-02")], EXAMPLE.schema)
    DeltaWriter(spark, tmp_path).replace(EXAMPLE, rows, MADE)
    return EXAMPLE.path(tmp_path)


def written(spark: SparkSession, path: Path, rows: Sequence[Row]) -> list[Path]:
    columns = "name string, value long, month string"
    return write_files(EXAMPLE, path, spark.createDataFrame(list(rows), columns))


def held(path: Path) -> list[Row]:
    table = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
    return sorted((each["name"], each["value"], each["month"]) for each in table)


def test_files_count_once_they_are_committed(spark: SparkSession, path: Path) -> None:
    files = written(spark, path, [("c", 3, "2024-02")])

    assert len(held(path)) == 2
    commit_files(EXAMPLE, path, files, "mine", "append")

    assert held(path) == [("a", 1, "2024-01"), ("b", 2, "2024-02"), ("c", 3, "2024-02")]
    (newest,) = DeltaTable(str(path)).history(1)
    assert newest["userMetadata"] == "mine"
    assert newest["operationMetrics"] == {"numOutputRows": "1"}


def test_delta_itself_reads_the_same(spark: SparkSession, path: Path) -> None:
    spark.read.format("delta").load(str(path)).collect()  # Delta keeps what it saw
    commit_files(EXAMPLE, path, written(spark, path, [("c", 3, None)]), "", "append")

    rows = spark.read.format("delta").load(str(path)).collect()

    assert sorted(tuple(each) for each in rows) == held(path)
    assert ("c", 3, None) in held(path)


def test_an_overwrite_of_partitions_leaves_the_others(spark: SparkSession, path: Path) -> None:
    files = written(spark, path, [("c", 3, "2024-02")])

    commit_files(EXAMPLE, path, files, "", "overwrite", ["2024-02", "2024-03"])

    assert held(path) == [("a", 1, "2024-01"), ("c", 3, "2024-02")]


def test_an_overwrite_without_rows_empties_the_table(spark: SparkSession, path: Path) -> None:
    commit_files(EXAMPLE, path, written(spark, path, []), "", "overwrite")

    assert held(path) == []


def test_nothing_to_append_is_no_commit(spark: SparkSession, path: Path) -> None:
    commit_files(EXAMPLE, path, written(spark, path, []), "", "append")

    assert DeltaTable(str(path)).version() == 0


def test_what_a_killed_writer_left_is_not_taken(spark: SparkSession, path: Path) -> None:
    left = path / "_staging" / "month=2024-01" / "part-0.zstd.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")

    commit_files(EXAMPLE, path, written(spark, path, [("c", 3, "2024-01")]), "", "append")

    assert [name for name, *_ in held(path)] == ["a", "b", "c"]
    assert not left.exists()


@pytest.mark.parametrize("bad", [("c", 0, "2024-01"), ("c", None, "2024-01"), (None, 1, "2024-01")])
def test_a_row_against_the_rules_fails_the_job(spark: SparkSession, path: Path, bad: Row) -> None:
    with pytest.raises(Exception, match=r"CHECK constraint (positive|name_present)"):
        written(spark, path, [("d", 4, "2024-01"), bad])

    assert len(held(path)) == 2


def test_a_table_gains_the_columns_declared_since(spark: SparkSession, path: Path) -> None:
    more = column("more", StringType(), "declared later")
    grown = replace(EXAMPLE, columns=(*EXAMPLE.columns[:2], more, EXAMPLE.columns[2]))
    rows = spark.createDataFrame([("c", 3, "new", "2024-01")], grown.schema)

    commit_files(grown, path, write_files(grown, path, rows), "", "append")

    table = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
    assert {each["name"]: each["more"] for each in table} == {"a": None, "b": None, "c": "new"}
    (made,) = [each for each in DeltaTable(str(path)).schema().fields if each.name == "more"]
    assert made.metadata == {"comment": "declared later"}


def test_an_overwrite_keeps_the_columns_as_they_are_told(spark: SparkSession, path: Path) -> None:
    before = DeltaTable(str(path)).schema().to_json()

    commit_files(EXAMPLE, path, written(spark, path, [("c", 3, "2024-01")]), "", "overwrite")

    assert DeltaTable(str(path)).schema().to_json() == before
    log = path / "_delta_log" / f"{1:020}.json"
    assert "metaData" not in log.read_text(encoding="utf-8")
