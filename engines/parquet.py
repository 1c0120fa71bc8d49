"""Data files of a table as DuckDB reads them."""

from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

import duckdb

from engines.models import literal
from schemas.table import Table
from schemas.types import TIMESTAMP

_GLOB_CHARACTERS = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})


def path_literal(path: Path) -> str:
    """Return a path as SQL writes it, no character of which is taken for a pattern."""
    return literal(str(path).translate(_GLOB_CHARACTERS))


def scan(table: Table, files: Collection[Path], columns: Collection[str]) -> str:
    """Return the query for all rows of ``files``, in the columns that ``table`` declares.

    A WHERE may follow it.

    ``columns`` are those that the table has so far: columns declared since are null.
    """
    shown = ", ".join(
        (
            # Files of older releases hold instants as INT96, which says nothing of a time zone.
            (
                f"{each.name}::TIMESTAMPTZ AS {each.name}"
                if each.data_type == TIMESTAMP
                else each.name
            )
            if files and each.name in columns
            else f"NULL::{each.data_type} AS {each.name}"
        )
        for each in table.columns
    )
    if not files:
        return f"SELECT {shown} FROM range(0)"
    return f"SELECT {shown} FROM {read_parquet(files, table)}"


def read_parquet(files: Collection[Path], table: Table, *, with_names: bool = False) -> str:
    """Return the call that reads ``files``; partition values stand in the names of folders.

    Files that lie in no such folder hold the values themselves. ``with_names`` adds the column
    ``filename``.
    """
    listed = ", ".join(path_literal(each) for each in files)
    options = "hive_partitioning = false"
    first = next(iter(files), None)
    if first is not None and first.parent.name.startswith(f"{table.partition_by}="):
        (data_type,) = (each.data_type for each in table.columns if each.name == table.partition_by)
        options = f"hive_partitioning = true, hive_types = {{{table.partition_by}: {data_type}}}"
    if with_names:
        options += ", filename = true"
    # By name: files of older releases lack the columns that were declared since.
    return f"read_parquet([{listed}], union_by_name = true, {options})"


def write_parquet(
    connection: duckdb.DuckDBPyConnection, query: str, table: Table, folder: Path
) -> list[Path]:
    """Write the rows of a query, which has the columns of ``table``, and return the files.

    One file for each partition, or one; within it a person's rows stand together, so that a reader
    of one person skips the rest. No rows make no file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = [
        each for each in (table.partition_by, "user_id", "played_at") if each in table.column_names
    ]
    if order:
        query = f"{query} ORDER BY {', '.join(order)}"
    options = "FORMAT parquet, COMPRESSION zstd"
    if table.partition_by is None:
        file = folder / f"part-{uuid4()}.parquet"
        ((rows,),) = connection.execute(
            f"COPY ({query}) TO {literal(str(file))} ({options})"
        ).fetchall()
        if rows == 0:
            file.unlink(missing_ok=True)
            return []
        return [file]
    options += f", PARTITION_BY ({table.partition_by}), FILENAME_PATTERN 'part-{{uuid}}'"
    connection.execute(f"COPY ({query}) TO {literal(str(folder))} ({options}, OVERWRITE_OR_IGNORE)")
    return sorted(folder.rglob("*.parquet"))
