"""The rows that a table has now, read without an engine; the lake's lock must be held."""

from pathlib import Path
from typing import Any

from engines.parquet import scan
from engines.scratch_database import session
from lake.table_rows import table_rows
from schemas.table import Table


def rows_query(table: Table, data_dir: Path) -> str:
    """Return the query for the rows of a table in the lake at ``data_dir``."""
    rows = table_rows(table, data_dir)
    return scan(table, rows.files, rows.columns)


def stored_rows(table: Table, data_dir: Path) -> list[dict[str, Any]]:
    """Return all rows of a small table, a value for each column."""
    with session() as connection:
        found = connection.execute(rows_query(table, data_dir)).to_arrow_table()
    return list(found.to_pylist())
