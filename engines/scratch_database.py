"""A DuckDB of this process for what needs no engine: counting, comparing and writing files.

To open a database takes longer than most of these questions, so that all share one. Each asks in a
session of its own, in which temporary tables and registered rows are private.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

_MEMORY_LIMIT = "1GB"


@contextmanager
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a session in UTC, ended with the block."""
    with _database().cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        yield cursor


@cache
def _database() -> duckdb.DuckDBPyConnection:
    spill = Path(tempfile.gettempdir()) / "soundlake-spill"
    connection = duckdb.connect(
        config={
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
        }
    )
    # Many questions to the same files, which never change.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    return connection
