"""The models: found by name, with what each reads and the parameters it is given.

A model is a file ``<name>.sql`` in or below one of ``PACKAGES`` or, where SQL is the wrong tool, a
module ``<name>.py`` there whose ``MODEL`` is a ``PythonModel``. A module whose ``MODEL`` is made by
``rows_as_model`` is a relation of what Python declares.
"""

import importlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from schemas.shared_numbers import IN_MODELS
from schemas.table import Column

if TYPE_CHECKING:
    from engines.engine import Engine, GroupFunction

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("mappers", "features", "silver", "gold")
Instead = Mapping[str, str | None]
"""Queries by the names of models that they replace; None: the engine has the result already."""

NOTHING_INSTEAD: Instead = MappingProxyType({})
_PARAMETER = re.compile(r"\$([a-z_]+)")
_DEFINES_MODEL = ("\nMODEL = PythonModel(", "\nMODEL = rows_as_model(")

Parameter = str | int | float | bool | None | tuple[str, ...]
Parameters = Mapping[str, Parameter]


@dataclass(frozen=True)
class SqlModel:
    """A SELECT in DuckDB's dialect.

    ``reads`` are the tables of the lake (``silver.tracks``) and other models (``plays``) that it
    names, in alphabetical order.
    """

    name: str
    sql: str
    reads: tuple[str, ...]

    def with_parameters(self, parameters: Parameters) -> str:
        """Return the SQL with ``$name`` replaced by the value of each parameter.

        Raises KeyError for a parameter that is not given.
        """
        return _PARAMETER.sub(lambda found: literal(parameters[found.group(1)]), self.sql)


@dataclass(frozen=True)
class PythonModel:
    """A pure function from rows to rows.

    It is called with a data frame for each of ``reads``: ``per`` person with the rows of this
    person (``user_id``), per batch with some rows at a time (of a single relation), or once with
    all rows, which must then be bounded. It returns a data frame with ``columns``; missing columns
    are null. The function is imported when it is called: scientific libraries take a second.
    """

    name: str
    function: "GroupFunction"
    reads: tuple[str, ...]
    columns: tuple[Column, ...]
    per: Literal["person", "batch", "once"] = "person"


Model = SqlModel | PythonModel


def literal(value: Parameter) -> str:
    """Return a value as SQL writes it on both engines; a tuple as a list in brackets."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            # With an exponent it is a DOUBLE; without one it would be a DECIMAL.
            text = repr(value)
            return text if "e" in text else f"{text}e0"
        case str():
            quoted = ["'" + part.replace("'", "''") + "'" for part in value.split("\x00")]
            # DuckDB ends a statement at a NUL.
            return quoted[0] if len(quoted) == 1 else f"({' || chr(0) || '.join(quoted)})"
        case tuple():
            return "(" + ", ".join(map(literal, value)) + ")"


def quoted_name(name: str) -> str:
    """Return a name, of a column say, as DuckDB's SQL writes any name."""
    return '"' + name.replace('"', '""') + '"'


@cache
def files() -> Mapping[str, Path]:
    """Return the file of every model by the model's name."""
    return {
        path.stem: path
        for package in PACKAGES
        for path in sorted((PROJECT / package).rglob("*.*"))
        if path.suffix == ".sql" or _is_python_model(path)
    }


@cache
def model(name: str) -> Model:
    """Return the model of this name, with the values of numbers in ``IN_MODELS``.

    Raises KeyError where there is none, ValueError where its file is no single SELECT.
    """
    path = files()[name]
    if path.suffix == ".sql":
        sql = _with_shared_numbers(path.read_text(encoding="utf-8"))
        return SqlModel(name, sql, relations(sql))
    module = ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    found: Model = importlib.import_module(module).MODEL
    return found


def sql_model(name: str) -> SqlModel:
    """Return the SQL model of this name.

    Raises KeyError where there is none, TypeError where it is in Python.
    """
    found = model(name)
    if not isinstance(found, SqlModel):
        raise TypeError(f"the model {name} is in Python")
    return found


def rows_as_model(name: str, rows: Iterable[Mapping[str, Parameter]]) -> SqlModel:
    """Return a model that is these few rows, which all have the same columns and no nulls."""
    selects = (
        "SELECT " + ", ".join(f"{literal(value)} AS {column}" for column, value in row.items())
        for row in rows
    )
    return SqlModel(name, "\nUNION ALL\n".join(selects), ())


@cache
def relations(sql: str) -> tuple[str, ...]:
    """Return the names of the relations that a query reads, less those that it defines itself.

    Raises ValueError where it is no single SELECT.
    """
    plain = _PARAMETER.sub("NULL", sql).replace("'", "''")
    ((text,),) = _parser().execute(f"SELECT json_serialize_sql('{plain}')").fetchall()
    own: set[str] = set()
    named: set[str] = set()

    # A hook of the parser's: walking the whole tree in Python takes three times as long.
    def note(node: dict[str, Any]) -> dict[str, Any]:
        if "cte_map" in node:
            own.update(each["key"] for each in node["cte_map"]["map"])
        if node.get("type") == "BASE_TABLE":
            named.add(".".join(filter(None, (node["schema_name"], node["table_name"]))))
        return node

    tree = json.loads(text, object_hook=note)
    if tree["error"]:
        raise ValueError(f"{tree['error_message']}: {sql[:60]}")
    return tuple(sorted(named - own))


def in_order(name: str, instead: Instead = NOTHING_INSTEAD) -> tuple[Model, ...]:
    """Return a model and all those that it reads, each after what it reads."""
    done: dict[str, Model] = {}

    def visit(each: str) -> None:
        if each not in done and "." not in each:
            sql = instead.get(each, "")
            if sql is None:
                return
            found = SqlModel(each, sql, relations(sql)) if sql else model(each)
            for read in found.reads:
                visit(read)
            done[each] = found

    visit(name)
    return tuple(done.values())


def tables_of(name: str) -> tuple[str, ...]:
    """Return the tables of the lake that a model reads, itself or by way of other models."""
    read = {table for each in in_order(name) for table in each.reads if "." in table}
    return tuple(sorted(read))


def compute(
    engine: "Engine",
    name: str,
    parameters: Parameters,
    instead: Instead = NOTHING_INSTEAD,
) -> None:
    """Compute a model and all those that it reads; the tables must be bound."""
    for each in in_order(name, instead):
        compute_one(engine, each, parameters)


def compute_one(engine: "Engine", each: Model, parameters: Parameters) -> None:
    """Compute one model; what it reads must be known to the engine."""
    if isinstance(each, SqlModel):
        engine.run(each.name, each.with_parameters(parameters))
    elif each.per == "person":
        engine.map_groups(each.name, each.function, each.reads, each.columns)
    elif each.per == "batch":
        (source,) = each.reads
        engine.map_batches(each.name, each.function, source, each.columns)
    else:
        engine.map_once(each.name, each.function, each.reads, each.columns)


def _is_python_model(path: Path) -> bool:
    if path.suffix != ".py":
        return False
    text = path.read_text(encoding="utf-8")
    return any(each in text for each in _DEFINES_MODEL)


def _with_shared_numbers(sql: str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        return literal(IN_MODELS[name]) if name in IN_MODELS else found.group()

    return _PARAMETER.sub(value, sql)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
