"""Whether a table of the lake and a result of ``duckdb_reference`` hold the same rows."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from engines.parquet import scan
from lake.table_rows import table_rows
from schemas.gold_schemas import TEMPORAL_PATTERNS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.table import Table
from schemas.types import DOUBLE

TABLES: tuple[Table, ...] = (LISTENING_WITH_FEATURES, TRACKS, TEMPORAL_PATTERNS)
_NOT_IN_THE_REFERENCE = ("work_key",)
_TOLERANCE = 1.5e-6
"""Sums of doubles end differently where they are added up in another order, then are rounded."""


def differences(
    connection: duckdb.DuckDBPyConnection, lake: Path, results: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    """Compare tables of ``lake`` with the relations that ``results`` names by table name.

    Gives for each table what differs and in how many rows: columns, and rows that one side alone
    has. Nothing: the same rows.
    """
    found = {}
    for table in TABLES:
        rows = table_rows(table, lake)
        query = scan(table, rows.files, rows.columns)
        connection.execute(f"CREATE OR REPLACE VIEW in_lake AS {query}")
        found[table.name] = _differences(connection, table, results[table.name])
    return found


def _differences(
    connection: duckdb.DuckDBPyConnection, table: Table, result: str
) -> dict[str, int]:
    counts = {
        "rows in the lake": "count(a.here)",
        "rows in DuckDB": "count(b.here)",
        "rows in both": "count_if(a.here AND b.here)",
        **{
            each.name: f"count_if(a.here AND b.here AND {_differs(each.name, each.data_type)})"
            for each in table.given
            if each.name not in {*table.key, *_NOT_IN_THE_REFERENCE}
        },
    }
    (row,) = connection.execute(
        f"""
        SELECT {", ".join(counts.values())}
        FROM (SELECT *, true AS here FROM in_lake) AS a
        FULL JOIN (SELECT *, true AS here FROM {result}) AS b USING ({", ".join(table.key)})
        """
    ).fetchall()
    found: dict[str, int] = dict(zip(counts, row, strict=True))
    in_lake, in_result, in_both = (found.pop(name) for name in list(counts)[:3])
    found["only in the lake"] = in_lake - in_both
    found["only in DuckDB"] = in_result - in_both
    return {name: rows for name, rows in found.items() if rows}


def _differs(name: str, data_type: str) -> str:
    if data_type == DOUBLE:
        return (
            f"(a.{name} IS NULL <> (b.{name} IS NULL) "
            f"OR coalesce(abs(a.{name} - b.{name}) > {_TOLERANCE}, false))"
        )
    return f"a.{name} IS DISTINCT FROM b.{name}"
