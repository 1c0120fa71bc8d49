"""A small table in partitions, for tests of what writes and reads tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from lake.table_rows import rows_at
from schemas.table import Table, column
from schemas.types import BIGINT, STRING
from tests import delta_rs
from writers.row_files import write_rows

EXAMPLE = Table(
    layer="gold",
    name="example",
    description="An example.",
    columns=(
        column("name", STRING, "a name"),
        column("value", BIGINT, "a number"),
        column("month", STRING, "a month"),
    ),
    key=("name",),
    partition_by="month",
    checks={"positive": "value > 0"},
)

Row = tuple[Any, ...]


def staged(
    folder: Path, rows: Sequence[Row], table: Table = EXAMPLE, known: Path | None = None
) -> tuple[Path, list[Path]]:
    """Write rows as files that no commit names yet; return their folder and the files."""
    aside = folder / f"staged-{uuid4()}"
    named = [dict(zip(table.column_names, each, strict=True)) for each in rows]
    standing = None if known is None else rows_at(table, known)
    return aside, write_rows(table, named, aside, standing)


def held(path: Path) -> list[Row]:
    """Return the rows of a table, as delta-rs reads it, in order."""
    found = delta_rs.read(path)
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)
