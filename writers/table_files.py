"""How rows become files of a table that is there, and files a commit.

Spark writes the files, and delta-rs commits them. Delta's own writer would do both, but takes a
second for every table, most of it for Spark jobs that find out which few files the table has.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Literal
from urllib.parse import unquote

from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from schemas.table import Table

WriteMode = Literal["append", "overwrite"]

# Hidden from every reader, and emptied by the next writer where one was killed.
_STAGING = "_staging"
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def write_files(table: Table, path: Path, rows: DataFrame) -> list[Path]:
    """Write ``rows``, as ``table`` declares it, as files that no commit names yet; give them.

    Raises the error of a Spark job where a row is against a rule of the table.
    """
    staging = path / _STAGING
    writer = _checked(rows, table).write.mode("overwrite")
    if table.partition_by is not None:
        writer = writer.partitionBy(table.partition_by)
    writer.parquet(str(staging))
    files = []
    for written in sorted(staging.rglob("*.parquet")):
        file = path / written.relative_to(staging)
        file.parent.mkdir(exist_ok=True)
        files.append(written.replace(file))
    rmtree(staging)
    return files


def commit_files(
    table: Table,
    path: Path,
    files: Sequence[Path],
    user_metadata: str,
    mode: WriteMode,
    partitions: Sequence[str] | Sequence[int] | None = None,
) -> None:
    """Make ``files`` part of the table in one commit, or all that it holds.

    ``partitions`` limits an overwrite to these values of the partition column. Nothing is committed
    where there is nothing to append.
    """
    rows = {file: _number_of_rows(file) for file in files}
    added: list[AddAction | RemoveAction] = [
        _add_action(path, file, number) for file, number in rows.items() if number
    ]
    if mode == "append" and not added:
        return
    delta = DeltaTable(str(path))
    declared = _delta_schema(table)
    if mode == "append":
        # A table that an older release made gains the columns declared since.
        there = {each.name for each in delta.schema().fields}
        missing = [each for each in declared.fields if each.name not in there]
        if missing:
            delta.alter.add_columns(missing)
    filters = None
    if partitions is not None:
        filters = [(str(table.partition_by), "in", [str(each) for each in partitions])]
    metadata = {
        "userMetadata": user_metadata,
        "operationMetrics": {"numOutputRows": str(sum(rows.values()))},
    }
    delta.create_write_transaction(
        added,
        mode,
        declared,
        [] if table.partition_by is None else [table.partition_by],
        filters,
        commit_properties=CommitProperties(custom_metadata=metadata),
    )


def _checked(rows: DataFrame, table: Table) -> DataFrame:
    """Have the job fail at a row that breaks a rule of the table."""
    broken = F.coalesce(
        *(
            F.when(~F.coalesce(F.expr(condition), F.lit(False)), F.lit(f"{name} ({condition})"))
            for name, condition in table.rules.items()
        )
    )
    error = F.raise_error(F.concat(F.lit("a row breaks the CHECK constraint "), broken))
    first = table.column_names[0]
    # Within the value of a column: a condition of its own could be tried on rows that a join
    # before the writing drops.
    return rows.withColumn(first, F.when(broken.isNotNull(), error).otherwise(F.col(first)))


def _number_of_rows(file: Path) -> int:
    # Many commands write nothing, and Arrow takes a while to import.
    from pyarrow.parquet import read_metadata

    return int(read_metadata(file).num_rows)


def _add_action(path: Path, file: Path, rows: int) -> AddAction:
    relative = file.relative_to(path)
    values = dict(each.split("=", 1) for each in relative.parts[:-1])
    status = file.stat()
    return AddAction(
        path=relative.as_posix(),
        size=status.st_size,
        partition_values={
            name: None if value == _NO_VALUE else unquote(value) for name, value in values.items()
        },
        modification_time=int(status.st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )


def _delta_schema(table: Table) -> Schema:
    """Give the columns as Delta keeps them: what must be there is told by the rules."""
    columns = [StructField(each.name, each.dataType, True, each.metadata) for each in table.columns]
    return Schema.from_json(StructType(columns).json())
