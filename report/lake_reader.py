"""Reads the lake for people, in milliseconds and without Spark."""

from pathlib import Path

import duckdb
from deltalake import DeltaTable

from schemas import ALL_TABLES


def open_lake(data_dir: Path) -> duckdb.DuckDBPyConnection:
    """Give a DuckDB connection in which every table of the lake is a view of its own name.

    ``SELECT * FROM gold.mood_clusters`` works as it does in Spark. Tables that the lake does not
    have yet are left out. Instants are shown in UTC.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in ALL_TABLES:
        if table.exists(data_dir):
            handle = f"{table.layer}__{table.name}"
            delta = DeltaTable(str(table.path(data_dir)))
            connection.register(handle, delta.to_pyarrow_dataset())
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
            connection.execute(f"CREATE VIEW {table.full_name} AS SELECT * FROM {handle}")
    return connection


def has_table(connection: duckdb.DuckDBPyConnection, full_name: str) -> bool:
    """Say whether the lake behind ``connection`` has a table, named as ``layer.table``."""
    layer, name = full_name.split(".")
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
        [layer, name],
    ).fetchone()
    return found is not None and found[0] > 0
