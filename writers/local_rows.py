"""Rows that Python holds, as a DataFrame."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType


def local_frame(
    spark: SparkSession, rows: Iterable[Mapping[str, Any]], schema: StructType
) -> DataFrame:
    """Give ``rows`` as a DataFrame of ``schema``; values that a row lacks are null.

    By way of Arrow they become part of the plan itself: no Python worker is started, and where
    there are none Spark leaves out everything that would be joined with them. Instants are UTC
    where they do not say otherwise.
    """
    arrow_schema = to_arrow_schema(schema, timezone="UTC")
    # Arrow refuses nulls where the schema has none; Delta's own checks name the column at fault.
    fields = [each.with_nullable(True) for each in arrow_schema]
    return spark.createDataFrame(pa.Table.from_pylist(list(rows), pa.schema(fields)), schema)
