"""Open the lake for people's queries, in milliseconds and without Spark."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from lake.replacement import require_whole
from lake.table_view import create_view
from schemas import ALL_TABLES
from schemas.table import Table


def open_lake(data_dir: Path, tables: Collection[Table] = ALL_TABLES) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection in which every one of ``tables`` is a view of its own name.

    ``SELECT * FROM gold.mood_clusters`` works as it does in Spark. Tables that the lake does not
    have yet are left out. Instants are shown in UTC.
    """
    require_whole(data_dir)
    return open_tables(data_dir, [each for each in tables if each.exists(data_dir)])


def open_tables(data_dir: Path, tables: Collection[Table]) -> duckdb.DuckDBPyConnection:
    """Return what ``open_lake`` does; tables that the lake does not have yet are empty."""
    connection = duckdb.connect()
    # Global: those of its cursors too, which threads and requests have.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    # Without it every query reads the footer of every file again.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    for table in tables:
        create_view(connection, table, data_dir)
    return connection


def has_table(connection: duckdb.DuckDBPyConnection, full_name: str) -> bool:
    """Return whether the lake behind ``connection`` has a table, named as ``layer.table``."""
    # A third of the time that information_schema takes, and a page asks two dozen times.
    found = connection.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() "
        "UNION ALL SELECT schema_name || '.' || table_name FROM duckdb_tables()"
    ).fetchall()
    return (full_name,) in found
