"""Reads the lake for people, in milliseconds and without Spark."""

from collections.abc import Collection
from pathlib import Path

import duckdb
from deltalake import DeltaTable
from deltalake.schema import PrimitiveType

from schemas import ALL_TABLES
from schemas.table import Table

_GLOB_CHARACTERS = frozenset("*?[")
# The types of partition columns: their values stand in the names of folders.
_SQL_TYPES = {"string": "VARCHAR", "integer": "INTEGER"}


def open_lake(data_dir: Path, tables: Collection[Table] = ALL_TABLES) -> duckdb.DuckDBPyConnection:
    """Give a DuckDB connection in which every one of ``tables`` is a view of its own name.

    ``SELECT * FROM gold.mood_clusters`` works as it does in Spark. Tables that the lake does not
    have yet are left out. Instants are shown in UTC.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    # Without it every question reads the end of every file anew.
    connection.execute("SET parquet_metadata_cache = true")
    for table in tables:
        if table.exists(data_dir):
            delta = DeltaTable(str(table.path(data_dir)))
            files = delta.file_uris()
            if files and not _GLOB_CHARACTERS & set(str(table.path(data_dir))):
                rows = _scan(delta, files)
            else:
                rows = f"FROM {table.layer}__{table.name}"
                connection.register(f"{table.layer}__{table.name}", delta.to_pyarrow_dataset())
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
            connection.execute(f"CREATE VIEW {table.full_name} AS {rows}")
    return connection


def has_table(connection: duckdb.DuckDBPyConnection, full_name: str) -> bool:
    """Say whether the lake behind ``connection`` has a table, named as ``layer.table``."""
    layer, name = full_name.split(".")
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [layer, name],
    ).fetchone()
    return found is not None and found[0] > 0


def _scan(delta: DeltaTable, files: list[str]) -> str:
    """Give SQL that has DuckDB read the files itself: two to four times less work than by Arrow."""
    columns = ", ".join(
        # Files of older releases hold instants as INT96, which says nothing of a time zone.
        f"{each.name}::TIMESTAMPTZ AS {each.name}"
        if each.type == PrimitiveType("timestamp")
        else each.name
        for each in delta.schema().fields
    )
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    partitions = delta.metadata().partition_columns
    options = "hive_partitioning = false"
    if partitions:
        sql_types = {each.name: each.type for each in delta.schema().fields}
        types = ", ".join(f"{name}: {_SQL_TYPES[sql_types[name].type]}" for name in partitions)
        options = f"hive_partitioning = true, hive_types = {{{types}}}"
    # By name: files of older releases lack the columns that were declared since.
    return f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true, {options})"
