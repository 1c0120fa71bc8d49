"""A table of the lake as a view of DuckDB's: in milliseconds, without an engine or Arrow."""

from pathlib import Path

import duckdb

from engines.parquet import scan
from lake.table_rows import table_rows
from schemas.table import Table


def create_view(connection: duckdb.DuckDBPyConnection, table: Table, data_dir: Path) -> None:
    """Create a view of ``table`` by its own name, ``gold.mood_clusters``; empty where absent."""
    rows = table_rows(table, data_dir)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
    connection.execute(f"CREATE VIEW {table.full_name} AS {scan(table, rows.files, rows.columns)}")
