"""Computes models on two engines and compares every row.

    python -m tests.engines.both LAKE [TABLE ...] [name=value ...]

computes every table of the lake from bronze (or the named ones, of the tables as they stand), on
DuckDB and on Apache Spark, and prints seconds and differences.
"""

import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pyarrow as pa

from engines import models
from engines.engine import Engine
from engines.models import PROJECT, Parameters
from lake.table_rows import table_rows
from schemas import ALL_TABLES
from schemas.table import Table

TABLES: Mapping[str, Table] = {each.full_name: each for each in ALL_TABLES}
DEFAULTS: Parameters = {
    "timezone": "UTC",
    "real_rank": 0,
    "synthetic_rank": 1,
    "kaggle_rank": 2,
    "every_track": False,
}
EXAMPLES = 3
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Difference:
    """What differs between the rows of a relation on two engines, with some examples."""

    relation: str
    what: str
    count: int
    examples: Sequence[Any] = ()

    def __str__(self) -> str:
        shown = "; ".join(str(each)[:300] for each in self.examples)
        return f"{self.relation}: {self.what}: {self.count} ({shown})"


@dataclass
class Seconds:
    """How long each model took, in seconds by its name."""

    of_model: dict[str, float] = field(default_factory=dict)


def computed_tables() -> list[Table]:
    """Return every table that has a model, each after the computed tables that it reads."""
    computed = {each.full_name: each for each in ALL_TABLES if each.name in models.files()}
    reads = {
        name: {each for each in models.tables_of(table.name) if each in computed and each != name}
        for name, table in computed.items()
    }
    return [computed[name] for name in TopologicalSorter(reads).static_order()]


def compare_lake(
    lake: Path,
    one: Engine,
    other: Engine,
    tables: Sequence[Table] | None = None,
    parameters: Parameters = DEFAULTS,
    on_table: Callable[[Table, Seconds, Seconds, Sequence[Difference]], None] | None = None,
) -> list[Difference]:
    """Compute tables of a lake on both engines and return what differs.

    Without ``tables``, all are computed from bronze, each of what the same engine computed before.
    """
    found: list[Difference] = []
    known: set[str] = set()
    for table in computed_tables() if tables is None else tables:
        seconds: list[Seconds] = []
        for engine in (one, other):
            for name in models.tables_of(table.name):
                if name not in known:
                    engine.bind(table_rows(TABLES[name], lake))
            seconds.append(_compute(engine, table, parameters))
        if tables is None:
            known.add(table.full_name)
        rows, other_rows = _given(one, table), _given(other, table)
        differences = differing_rows(table.full_name, rows, other_rows, table.key)
        found += differences
        if on_table is not None:
            on_table(table, seconds[0], seconds[1], differences)
        for engine in (one, other):
            if tables is None:
                engine.run(table.full_name, f"SELECT * FROM {table.name}")
            engine.forget([each.name for each in models.in_order(table.name)])
    return found


def differing_rows(
    name: str, one: pa.Table, other: pa.Table, key: Sequence[str] = ()
) -> list[Difference]:
    """Return how two tables differ; rows are matched by ``key``, else by all that they hold.

    Floats that are within 1e-9 of each other, relatively, are equal.
    """
    if one.column_names != other.column_names:
        return [Difference(name, "columns", 1, [one.column_names, other.column_names])]
    found = [
        Difference(name, f"type of {a.name}", 1, [f"{a.type} or {b.type}"])
        for a, b in zip(one.schema, other.schema, strict=True)
        if _plain(a.type) != _plain(b.type)
    ]
    places = [one.column_names.index(each) for each in key]
    rows, other_rows = (_ordered(each, places) for each in (one, other))
    if places:
        keys, other_keys = (
            {tuple(_text(row[place]) for place in places) for row in each}
            for each in (rows, other_rows)
        )
        for what, gone in (
            ("rows only in the first", keys - other_keys),
            ("rows only in the second", other_keys - keys),
        ):
            if gone:
                found.append(Difference(name, what, len(gone), sorted(gone)[:EXAMPLES]))
    if len(rows) != len(other_rows):
        return [
            *found,
            Difference(name, "number of rows", 1, [f"{len(rows)} or {len(other_rows)}"]),
        ]
    if any(each.what.startswith("rows only") for each in found):
        return found
    for place, column in enumerate(one.column_names):
        differing = [
            ([row[each] for each in places] or row, row[place], other_row[place])
            for row, other_row in zip(rows, other_rows, strict=True)
            if not equal(row[place], other_row[place])
        ]
        if differing:
            found.append(Difference(name, column, len(differing), differing[:EXAMPLES]))
    return found


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are the same, floats within 1e-9 relatively."""
    match one, other:
        case float(), float():
            return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (one != one) & (
                other != other
            )
        case list() | tuple(), list() | tuple():
            return len(one) == len(other) and all(map(equal, one, other))
        case dict(), dict():
            return one.keys() == other.keys() and all(equal(one[each], other[each]) for each in one)
        case datetime(), datetime():
            return one.replace(tzinfo=None) == other.replace(tzinfo=None)
        case _:
            return type(one) is type(other) and bool(one == other)


def _compute(engine: Engine, table: Table, parameters: Parameters) -> Seconds:
    seconds = Seconds()
    for each in models.in_order(table.name):
        began = time.perf_counter()
        models.compute_one(engine, each, parameters)
        seconds.of_model[each.name] = time.perf_counter() - began
    return seconds


def _given(engine: Engine, table: Table) -> pa.Table:
    """Return the rows as they would be written."""
    columns = ", ".join(
        f"CAST({each.name} AS {each.data_type}) AS {each.name}" for each in table.given
    )
    return engine.fetch_arrow(f"SELECT {columns} FROM {table.name}")


def _ordered(table: pa.Table, places: Sequence[int]) -> Rows:
    columns = [each.to_pylist() for each in table.columns]
    rows: Rows = list(zip(*columns, strict=True))
    wanted = [*places] or _floats_last(table)
    return sorted(rows, key=lambda row: [_text(row[place]) for place in wanted])


def _floats_last(table: pa.Table) -> list[int]:
    """Return the places of columns: a float is a bad key, since its last digits may differ."""
    holds_floats = [pa.types.is_floating(each.type) for each in table.schema]
    return sorted(range(table.num_columns), key=lambda place: holds_floats[place])


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:+.9e}"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return f"{type(value).__name__} {value!r}"


def _plain(data_type: pa.DataType) -> str:
    """Return a type without what does not matter: names of fields, zones, sizes of offsets."""
    if pa.types.is_timestamp(data_type):
        return "timestamp"
    if pa.types.is_integer(data_type):
        return "whole number"
    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        return f"list of {_plain(data_type.value_type)}"
    return str(data_type).replace("large_", "")


def _print_table(
    table: Table, one: Seconds, other: Seconds, differences: Sequence[Difference]
) -> None:
    verdict = "DIFFERS" if differences else "equal"
    print(
        f"{verdict:8}{table.full_name:45}"
        f"{sum(one.of_model.values()):8.2f} s {sum(other.of_model.values()):8.2f} s"
    )
    for name, seconds in other.of_model.items():
        print(f"{'':16}{name:37}{one.of_model[name]:8.2f} s {seconds:8.2f} s")
    for each in differences:
        print("       ", each, flush=True)


def _arguments(arguments: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for each in arguments:
        name, _, value = each.partition("=")
        yield name, int(value) if value.isdigit() else value


def main(arguments: Sequence[str]) -> int:
    from engines.duckdb_engine import DuckDBEngine
    from engines.spark_engine import SparkEngine

    lake, *others = arguments
    named = [TABLES[each] for each in others if "=" not in each]
    parameters = {**DEFAULTS, **dict(_arguments([each for each in others if "=" in each]))}
    with tempfile.TemporaryDirectory() as folder:
        one = DuckDBEngine(Path(folder))
        other = SparkEngine(Path(folder), master="local[2]")
        try:
            found = compare_lake(Path(lake), one, other, named or None, parameters, _print_table)
        finally:
            one.close()
            other.close()
    return 1 if found else 0


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main(sys.argv[1:]))
