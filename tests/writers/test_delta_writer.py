"""One writer, one commit, every row once."""

from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from tests.writers.example_table import EXAMPLE
from writers.delta_writer import (
    DeltaWriter,
    Provenance,
    table_state,
)
from writers.failures import in_one_line
from writers.lake_lock import LakeBusyError, LakeUnwritableError, lake_lock

MADE = Provenance("run", EXAMPLE.full_name, {"bronze.a": 3}, {"timezone": "UTC"}, 1)


def rows(spark: SparkSession, *names: str, value: int = 1) -> DataFrame:
    # Not in the declared order, to be put right by the writer.
    return spark.createDataFrame(
        [("2024-01", value, name) for name in names], "month string, value int, name string"
    )


def test_only_rows_with_a_new_key_are_appended(spark: SparkSession, tmp_path: Path) -> None:
    writer = DeltaWriter(spark, tmp_path)

    first = writer.append_new(EXAMPLE, rows(spark, "a", "b"), MADE)
    second = writer.append_new(EXAMPLE, rows(spark, "b", "c", value=9), MADE)
    third = writer.append_new(EXAMPLE, rows(spark, "a", "b", "c"), MADE)

    assert (first.rows, second.rows, third.rows) == (2, 1, 0)
    assert third.version == second.version
    table = DeltaTable(str(EXAMPLE.path(tmp_path))).to_pyarrow_table()
    assert sorted(zip(table["name"].to_pylist(), table["value"].to_pylist(), strict=True)) == [
        ("a", 1),
        ("b", 1),
        ("c", 9),
    ]


def test_a_table_is_written_as_declared(spark: SparkSession, tmp_path: Path) -> None:
    DeltaWriter(spark, tmp_path).replace(EXAMPLE, rows(spark, "a"), MADE)

    delta = DeltaTable(str(EXAMPLE.path(tmp_path)))
    assert [(each.name, each.metadata["comment"]) for each in delta.schema().fields] == [
        ("name", "a name"),
        ("value", "a number"),
        ("month", "a month"),
    ]
    assert delta.metadata().partition_columns == ["month"]


@pytest.mark.parametrize("bad", [{"value": 0}, {"name": None}])
def test_a_row_against_the_rules_is_never_written(
    spark: SparkSession, tmp_path: Path, bad: dict[str, object]
) -> None:
    row = {"name": "a", "value": 1, "month": "2024-01", **bad}
    frame = spark.createDataFrame([row], EXAMPLE.schema)

    with pytest.raises(Exception, match="CHECK constraint"):
        DeltaWriter(spark, tmp_path).append_new(EXAMPLE, frame, MADE)

    assert not EXAMPLE.exists(tmp_path) or table_state(EXAMPLE, tmp_path) is None


def test_a_commit_remembers_what_it_was_made_from(spark: SparkSession, tmp_path: Path) -> None:
    DeltaWriter(spark, tmp_path).replace(EXAMPLE, rows(spark, "a"), MADE)

    state = table_state(EXAMPLE, tmp_path)

    assert state is not None
    assert state.provenance == MADE
    other_zone = Provenance("later", MADE.step, MADE.reads, {"timezone": "Asia/Tokyo"}, 1)
    assert not state.provenance.same_result_as(other_zone)


def test_upkeep_is_no_change_of_data(spark: SparkSession, tmp_path: Path) -> None:
    writer = DeltaWriter(spark, tmp_path)
    writer.append_new(EXAMPLE, rows(spark, "a"), MADE)
    writer.append_new(EXAMPLE, rows(spark, "b"), MADE)
    spark.sql(f"OPTIMIZE delta.`{EXAMPLE.path(tmp_path)}`").collect()

    state = table_state(EXAMPLE, tmp_path)

    assert state is not None
    assert (state.version, state.data_version) == (2, 1)
    assert state.provenance == MADE


def test_the_lake_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        lake_lock(tmp_path),
        pytest.raises(LakeBusyError, match="another run"),
        lake_lock(tmp_path),
    ):
        pass
    with lake_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LakeUnwritableError, match="DATA_DIR"), lake_lock(tmp_path / "file"):
        pass


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "An error occurred while calling o1.save.\n: org.apache.spark.SparkException: Job "
            "aborted\n\tat x\nCaused by: java.io.IOException: No space left on device\n\tat y",
            "No space left on device: the disk is full: free some space and run again",
        ),
        (
            "[SOME_ERROR] a column is missing\nJVM stacktrace:\n\tat x",
            "[SOME_ERROR] a column is missing",
        ),
        ("", "ValueError"),
    ],
)
def test_a_failure_is_told_in_one_line(text: str, line: str) -> None:
    assert in_one_line(ValueError(text)) == line
