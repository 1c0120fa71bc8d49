"""Computes a model over a handful of rows, in DuckDB: a developer's inner loop of seconds.

With ``TEST_ENGINE=spark`` in the environment the same cases run on Apache Spark, in minutes.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from engines import models
from engines.arrow import arrow_rows
from engines.duckdb_engine import DuckDBEngine
from engines.engine import Engine
from engines.models import Parameter, PythonModel
from schemas import ALL_TABLES
from schemas.staging_schemas import CATALOGUE_ROWS, EXPORT_RECORDS
from schemas.table import Column, Table

TABLES: Mapping[str, Table] = {
    each.full_name: each for each in (*ALL_TABLES, EXPORT_RECORDS, CATALOGUE_ROWS)
}
Rows = Iterable[Any]


@cache
def duckdb_engine() -> DuckDBEngine:
    """Return the engine that all unit tests share."""
    return DuckDBEngine(Path(tempfile.gettempdir()) / "soundlake-tests", threads=2)


@cache
def spark_engine() -> Engine:
    """Return the Spark engine that all tests of a process share."""
    from engines.spark_engine import SparkEngine

    return SparkEngine(Path(tempfile.gettempdir()) / "soundlake-tests", master="local[2]")


def compute(
    name: str,
    inputs: Mapping[str, Rows],
    *,
    engine: Engine | None = None,
    **parameters: Parameter,
) -> list[dict[str, Any]]:
    """Compute a model and return its rows, on ``engine`` or the one that the environment names.

    ``inputs`` are the rows (mappings, or an Arrow table) of tables by their full names, and of
    other models by theirs, instead of computing these. Values that a row of a table lacks are
    null, tables that are not named are empty; rows of SQL models must have all columns.
    """
    if engine is None:
        engine = spark_engine() if os.environ.get("TEST_ENGINE") == "spark" else duckdb_engine()
    for table in models.tables_of(name):
        engine.register(table, _arrow(inputs.get(table, ()), TABLES[table].columns))
    # What only given models read need not be computed.
    given = dict.fromkeys(inputs.keys() & models.files().keys() - {name}, "SELECT NULL AS given")
    for each in models.in_order(name, given):
        if each.name in given:
            found = models.model(each.name)
            columns = found.columns if isinstance(found, PythonModel) else None
            engine.register(each.name, _arrow(inputs[each.name], columns))
        else:
            models.compute_one(engine, each, parameters)
    result = engine.fetch_arrow(f"FROM {name}")
    return list(result.to_pylist())


def _arrow(rows: Rows, columns: Iterable[Column] | None) -> pa.Table:
    if isinstance(rows, pa.Table):
        return rows
    return pa.Table.from_pylist([*rows]) if columns is None else arrow_rows(rows, [*columns])
