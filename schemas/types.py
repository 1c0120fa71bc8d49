"""The types of columns, independent of the engine: SQL names that DuckDB accepts."""

from typing import Any

STRING = "VARCHAR"
BOOLEAN = "BOOLEAN"
INTEGER = "INTEGER"
BIGINT = "BIGINT"
DOUBLE = "DOUBLE"
DATE = "DATE"
TIMESTAMP = "TIMESTAMPTZ"
"""An instant, stored as UTC microseconds."""

_DELTA_NAMES = {
    STRING: "string",
    BOOLEAN: "boolean",
    INTEGER: "integer",
    BIGINT: "long",
    DOUBLE: "double",
    DATE: "date",
    TIMESTAMP: "timestamp",
}
_SPARK_NAMES = {
    STRING: "STRING",
    BOOLEAN: "BOOLEAN",
    INTEGER: "INT",
    BIGINT: "BIGINT",
    DOUBLE: "DOUBLE",
    DATE: "DATE",
    TIMESTAMP: "TIMESTAMP",
}


def array(element: str) -> str:
    """Return the type of arrays of ``element``."""
    return f"{element}[]"


def mapping(key: str, value: str) -> str:
    """Return the type of maps from ``key`` to ``value``."""
    return f"MAP({key}, {value})"


def is_nested(data_type: str) -> bool:
    """Return whether values of the type are arrays or maps."""
    return data_type.endswith("[]") or data_type.startswith("MAP(")


def holds_text(data_type: str) -> bool:
    """Return whether values of the type are text or contain text."""
    return STRING in data_type


def delta_type(data_type: str) -> str | dict[str, Any]:
    """Return the type as the Delta protocol writes it into a table's schema."""
    if data_type.endswith("[]"):
        element = delta_type(data_type.removesuffix("[]"))
        return {"type": "array", "elementType": element, "containsNull": True}
    if data_type.startswith("MAP("):
        key, value = map(delta_type, _map_parts(data_type))
        return {"type": "map", "keyType": key, "valueType": value, "valueContainsNull": True}
    return _DELTA_NAMES[data_type]


def delta_name(data_type: str) -> str:
    """Return the type as Delta names it, in one word: ``array<string>``."""
    if data_type.endswith("[]"):
        return f"array<{delta_name(data_type.removesuffix('[]'))}>"
    if data_type.startswith("MAP("):
        key, value = map(delta_name, _map_parts(data_type))
        return f"map<{key},{value}>"
    return _DELTA_NAMES[data_type]


def spark_type(data_type: str) -> str:
    """Return the type as Spark SQL writes it."""
    if data_type.endswith("[]"):
        return f"ARRAY<{spark_type(data_type.removesuffix('[]'))}>"
    if data_type.startswith("MAP("):
        key, value = map(spark_type, _map_parts(data_type))
        return f"MAP<{key}, {value}>"
    return _SPARK_NAMES[data_type]


def _map_parts(data_type: str) -> list[str]:
    return data_type.removeprefix("MAP(").removesuffix(")").split(", ")
