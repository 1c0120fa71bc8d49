"""Rows held in Python as Arrow tables of declared columns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from schemas.table import Column
from schemas.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, STRING, TIMESTAMP

if TYPE_CHECKING:
    import pandas as pd

_MAP = re.compile(r"MAP\((\w+), (\w+)\)")
_ARROW_TYPES = {
    STRING: pa.string(),
    BOOLEAN: pa.bool_(),
    INTEGER: pa.int32(),
    BIGINT: pa.int64(),
    DOUBLE: pa.float64(),
    DATE: pa.date32(),
    TIMESTAMP: pa.timestamp("us", "UTC"),
}


def arrow_type(data_type: str) -> pa.DataType:
    """Return the Arrow type of one of ``schemas.types``."""
    if data_type.endswith("[]"):
        return pa.list_(arrow_type(data_type.removesuffix("[]")))
    if found := _MAP.fullmatch(data_type):
        return pa.map_(*map(arrow_type, found.groups()))
    return _ARROW_TYPES[data_type]


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow schema of columns; all may be null."""
    return pa.schema([(each.name, arrow_type(each.data_type)) for each in columns])


def arrow_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> pa.Table:
    """Return ``rows`` as an Arrow table; values that a row lacks are null, others left out."""
    return pa.Table.from_pylist(list(rows), arrow_schema(columns))


def arrow_of_frame(frame: "pd.DataFrame", columns: Sequence[Column]) -> pa.Table:
    """Return a data frame as an Arrow table of ``columns``; NaN and None are null."""
    arrays = []
    for each in columns:
        wanted = arrow_type(each.data_type)
        if each.name not in frame.columns:
            arrays.append(pa.nulls(len(frame), wanted))
            continue
        values = frame[each.name]
        if wanted == pa.int32() or wanted == pa.int64():
            # A column of whole numbers with nulls is one of floats in pandas.
            values = values.astype("Int64")
        arrays.append(pa.Array.from_pandas(values, type=wanted, safe=True))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(columns))
