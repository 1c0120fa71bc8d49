"""A table is read as its log says, whoever wrote it and wherever it lies."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from engines.parquet import scan
from lake.provenance import Provenance
from lake.table_rows import UnreadableTableError, table_rows
from schemas.table import column
from schemas.types import BIGINT
from tests import delta_rs
from tests.writers.example_table import EXAMPLE, Row, staged
from writers.delta_writer import publish

LATER = column("later", BIGINT, "a column that older files lack")
GROWN = replace(EXAMPLE, columns=(*EXAMPLE.columns, LATER))
MADE = Provenance("run", EXAMPLE.full_name, {}, {}, 1)
ROWS = [("a", 1, "2024-01"), ("b", 2, "2024-01"), ("c", 3, "2024-02")]


def write(data_dir: Path) -> Path:
    path = EXAMPLE.path(data_dir)
    publish(EXAMPLE, path, *staged(data_dir, ROWS), MADE, mode="overwrite")
    return path


def read(data_dir: Path, partitions: list[str] | None = None) -> list[Row]:
    rows = table_rows(GROWN, data_dir, partitions=partitions)
    with duckdb.connect() as connection:
        return sorted(connection.execute(scan(GROWN, rows.files, rows.columns)).fetchall())


def test_an_absent_table_has_no_rows_and_its_columns(tmp_path: Path) -> None:
    assert read(tmp_path) == []


@pytest.mark.parametrize(
    "folder", ["plain", "a b", "Müsik", "#1", "100%", "[1]", "it's", "*?", "a%20b"]
)
def test_rows_come_with_their_partition_and_null_for_newer_columns(
    tmp_path: Path, folder: str
) -> None:
    write(tmp_path / folder)

    assert read(tmp_path / folder) == [(*row, None) for row in ROWS]
    assert read(tmp_path / folder, ["2024-02"]) == [("c", 3, "2024-02", None)]


def test_files_that_the_log_has_dropped_are_not_read(tmp_path: Path) -> None:
    path = write(tmp_path)
    delta_rs.delete(path, "name = 'a'")

    assert [name for name, *_ in read(tmp_path)] == ["b", "c"]


def test_a_table_without_any_row_left_can_be_read(tmp_path: Path) -> None:
    delta_rs.delete(write(tmp_path))

    assert read(tmp_path) == []


def test_a_table_that_is_not_read_as_its_files_are_is_refused(tmp_path: Path) -> None:
    delta_rs.write(
        EXAMPLE.path(tmp_path),
        pa.table({"name": ["a"], "value": [1], "month": ["2024-01"]}),
        configuration={"delta.minReaderVersion": "3", "delta.minWriterVersion": "7"},
    )

    with pytest.raises(UnreadableTableError, match=r"gold\.example"):
        table_rows(EXAMPLE, tmp_path)
