"""Rows that Python holds, written as data files without an engine."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engines.engine import TableRows
from engines.parquet import scan, write_parquet
from engines.scratch_database import session
from schemas.table import Table


def write_rows(
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    folder: Path,
    known: TableRows | None = None,
) -> list[Path]:
    """Write rows (values that a row lacks are null) below ``folder`` and return the files.

    Where ``known`` rows of the table are given, rows with one of their keys are left out, and of
    rows that share a key the first is kept.
    """
    # Arrow takes a while to import, and many commands write nothing.
    from engines.arrow import arrow_rows

    given = arrow_rows(rows, table.columns)
    key = ", ".join(table.key)
    names = ", ".join(table.column_names)
    with session() as connection:
        connection.register("given", given.append_column("place", [[*range(len(given))]]))
        query = f"SELECT {names} FROM given"
        if known is not None:
            standing = scan(table, known.files, known.columns)
            query = (
                f"SELECT {names} FROM given ANTI JOIN ({standing}) USING ({key}) "
                f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY place) = 1"
            )
        return write_parquet(connection, query, table, folder)
