"""Open the lake for people's queries, in milliseconds and without Spark."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import duckdb

from engines.models import literal
from lake.replacement import require_whole
from lake.table_view import create_view
from schemas import ALL_TABLES
from schemas.table import Table

Row = TypeVar("Row")


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


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    row: Callable[..., Row],
    columns: Sequence[str],
    user_id: str,
    order: str,
) -> list[Row]:
    """Return a person's rows of a table, a ``row`` of its ``columns`` each; none without the table.

    ``order`` is that of the rows, as SQL says it.
    """
    if not has_table(connection, table.full_name):
        return []
    found = connection.execute(
        f"SELECT {', '.join(columns)} FROM {table.full_name} "
        f"WHERE user_id = {literal(user_id)} ORDER BY {order}"
    ).fetchall()
    return [row(*each) for each in found]


def has_table(connection: duckdb.DuckDBPyConnection, full_name: str) -> bool:
    """Return whether the lake behind ``connection`` has a table, named as ``layer.table``."""
    # A third of the time that information_schema takes, and a page asks two dozen times.
    found = connection.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() "
        "UNION ALL SELECT schema_name || '.' || table_name FROM duckdb_tables()"
    ).fetchall()
    return (full_name,) in found
