"""The interface of engines: the same for DuckDB and for Apache Spark."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from schemas.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SPILL_FOLDER = ".spill"
"""In ``DATA_DIR``: what did not fit into memory."""

GroupFunction = Callable[..., "pd.DataFrame"]
"""Takes one data frame for each input, all of one group, and returns the rows of that group."""


@dataclass(frozen=True)
class TableRows:
    """The rows of a table: its data files, without those that cannot hold them.

    ``people`` limits the rows to these people, None: everybody. ``columns`` are those that the
    files have; declared columns that an older lake lacks are null.
    """

    table: Table
    files: tuple[Path, ...]
    columns: frozenset[str]
    people: frozenset[str] | None = None


class Engine(Protocol):
    """Runs models over tables; relations are known by the names that models use."""

    name: str
    version: str
    settings: Mapping[str, str]

    def bind(self, rows: TableRows) -> None:
        """Register rows of a table by the table's full name, replacing any bound before."""

    def register(self, name: str, rows: "pa.Table") -> None:
        """Register rows held in Python by ``name``."""

    def run(self, name: str, sql: str) -> None:
        """Compute a query once and register its result by ``name``."""

    def map_groups(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """Call ``function`` for each ``user_id`` in the first of ``inputs``.

        It is called with the rows of each input that are of this person. What it returns has
        ``columns`` (others are left out, missing ones are null) and is registered by ``name``.
        """

    def map_batches(
        self, name: str, function: GroupFunction, source: str, columns: Sequence[Column]
    ) -> None:
        """Call ``function`` with some rows of ``source`` at a time, as ``map_groups`` does."""

    def map_once(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """Call ``function`` once, here, with all rows of the inputs, which must be few."""

    def write(self, name: str, table: Table, folder: Path) -> list[Path]:
        """Write a relation as data files of ``table`` into ``folder``, and return them.

        Columns are ordered and cast as declared, one file for each partition, a person's rows
        together. ``person_group`` follows from the person.
        """

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, which must be few."""

    def fetch_arrow(self, sql: str) -> "pa.Table":
        """Return the rows of a query, which must be few, as an Arrow table."""

    def knows(self, name: str) -> bool:
        """Return whether a relation of this name is registered."""

    def can_keep(self, name: str) -> bool:
        """Return whether a relation is so small that it may be kept for later."""

    def forget(self, names: Sequence[str]) -> None:
        """Drop relations that are no longer needed."""

    def close(self) -> None:
        """Release what the engine holds: memory, spilled files, processes."""
