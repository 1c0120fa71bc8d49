"""DuckDB, in the process: no Java, and seconds where Apache Spark takes a minute."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from engines.engine import SPILL_FOLDER, GroupFunction, TableRows
from engines.models import literal
from engines.parquet import scan, write_parquet
from engines.python_words import PYTHON_WORDS
from engines.words import calls_any, words
from schemas.table import PERSON_GROUP, Column, Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_WORDS = words("words.sql")
_OF_PYTHON = {name: word for name, word in _WORDS.items() if word.needs_python} | PYTHON_WORDS
# With less, starting processes takes longer than they save.
GROUPS_WORTH_A_POOL = 8
_ROWS_AT_A_TIME = 200_000
_ROWS_OF_A_CALL = 50_000  # in each process they become data frames, of several times the size
_MAX_ROWS_KEPT = 2_000_000


class DuckDBEngine:
    """DuckDB with ``memory_limit`` (such as ``2GB``); what does not fit spills below ``data_dir``.

    ``threads`` and ``memory_limit`` are DuckDB's own defaults where they are None.
    """

    name = "duckdb"
    version = duckdb.__version__

    def __init__(
        self, data_dir: Path, *, memory_limit: str | None = None, threads: int | None = None
    ) -> None:
        self._connection = duckdb.connect()
        # DuckDB makes the folder when it first needs it, but none above it.
        self._spill = data_dir / SPILL_FOLDER
        self._bound: dict[str, TableRows] = {}
        self._kinds: dict[str, str] = {}
        self._knows_python = False
        options = {
            "TimeZone": literal("UTC"),
            "preserve_insertion_order": "false",
            "enable_progress_bar": "false",
            # Many questions to the same files, which never change.
            "parquet_metadata_cache": "true",
            "temp_directory": literal(str(self._spill)),
        }
        if memory_limit is not None:
            options["memory_limit"] = literal(memory_limit)
        if threads is not None:
            options["threads"] = str(threads)
        for name, value in options.items():
            self._connection.execute(f"SET {name} = {value}")
        self._threads = int(self._setting("threads"))
        self.settings: Mapping[str, str] = {"memory_limit": self._setting("memory_limit")}
        for word in _WORDS.values():
            if not word.needs_python:
                self._connection.execute(word.sql)

    def bind(self, rows: TableRows) -> None:
        """See ``Engine``. Rows of some people are read once, however many models ask for them."""
        name = rows.table.full_name
        if self._bound.get(name) == rows:
            return
        query = scan(rows.table, rows.files, rows.columns)
        if rows.people is None:
            self._create("VIEW", name, query)
        else:
            self._create("TABLE", name, f"{query} WHERE user_id IN {_listed(rows.people)}")
        self._bound[name] = rows

    def register(self, name: str, rows: "pa.Table") -> None:
        """See ``Engine``."""
        self._connection.register("_given", rows)
        self._create("TABLE", name, "SELECT * FROM _given")
        self._connection.unregister("_given")

    def run(self, name: str, sql: str) -> None:
        """See ``Engine``."""
        self._learn_python(sql)
        self._create("TABLE", name, sql)

    def map_groups(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """See ``Engine``. Many groups are spread over processes, some of them at a time."""
        self._create("TABLE", name, _no_rows(columns))
        sizes = self._connection.execute(
            f"SELECT user_id, count(*) FROM {inputs[0]} GROUP BY user_id ORDER BY user_id"
        ).fetchall()
        if len(sizes) < GROUPS_WORTH_A_POOL:
            for tables in self._groups(inputs, sizes, _ROWS_AT_A_TIME):
                self._insert(name, _call_groups(function, tables, columns))
            return
        # Enough for every process to have some until the end.
        rows = min(_ROWS_OF_A_CALL, sum(size for _, size in sizes) // (4 * self._threads))
        # Not forked: DuckDB's threads hold locks that a fork would copy.
        with ProcessPoolExecutor(self._threads, mp_context=get_context("spawn")) as pool:
            waiting = []
            for tables in self._groups(inputs, sizes, rows):
                waiting.append(pool.submit(_call_groups, function, tables, columns))
                # Few ahead, so that rows do not wait in memory for long.
                while len(waiting) > 2 * self._threads:
                    self._insert(name, waiting.pop(0).result())
            for each in waiting:
                self._insert(name, each.result())

    def map_batches(
        self, name: str, function: GroupFunction, source: str, columns: Sequence[Column]
    ) -> None:
        """See ``Engine``."""
        self._create("TABLE", name, _no_rows(columns))
        reader = (
            self._connection.cursor().execute(f"FROM {source}").to_arrow_reader(_ROWS_AT_A_TIME)
        )
        for batch in reader:
            self._insert(name, _call(function, (batch.to_pandas(),), columns))

    def map_once(
        self,
        name: str,
        function: GroupFunction,
        inputs: Sequence[str],
        columns: Sequence[Column],
    ) -> None:
        """See ``Engine``."""
        self._create("TABLE", name, _no_rows(columns))
        frames = [
            self._connection.execute(f"FROM {each}").to_arrow_table().to_pandas() for each in inputs
        ]
        self._insert(name, _call(function, frames, columns))

    def write(self, name: str, table: Table, folder: Path) -> list[Path]:
        """See ``Engine``."""
        return write_parquet(self._connection, self._declared(name, table), table, folder)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """See ``Engine``."""
        self._learn_python(sql)
        return self._connection.execute(sql).fetchall()

    def fetch_arrow(self, sql: str) -> "pa.Table":
        """See ``Engine``."""
        self._learn_python(sql)
        return self._connection.execute(sql).to_arrow_table()

    def knows(self, name: str) -> bool:
        """See ``Engine``."""
        return name in self._kinds

    def can_keep(self, name: str) -> bool:
        """See ``Engine``. Larger ones would crowd others out of memory."""
        found = self._connection.execute(
            f"SELECT estimated_size FROM duckdb_tables() WHERE table_name = {literal(name)}"
        ).fetchone()
        return found is not None and int(found[0]) <= _MAX_ROWS_KEPT

    def forget(self, names: Sequence[str]) -> None:
        """See ``Engine``."""
        for each in names:
            kind = self._kinds.pop(each, None)
            self._bound.pop(each, None)
            if kind is not None:
                self._connection.execute(f"DROP {kind} {each}")

    def close(self) -> None:
        """See ``Engine``."""
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def _create(self, kind: str, name: str, query: str) -> None:
        """Register the result of a query by a name, which the query may still read itself."""
        schema, _, bare = name.rpartition(".")
        qualifier = f"{schema}." if schema else ""
        if schema:
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._connection.execute(f"CREATE OR REPLACE {kind} {qualifier}_new AS {query}")
        self.forget([name])
        self._connection.execute(f"ALTER {kind} {qualifier}_new RENAME TO {bare}")
        self._kinds[name] = kind

    def _insert(self, name: str, rows: "pa.Table") -> None:
        self._connection.register("_given", rows)
        self._connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM _given")
        self._connection.unregister("_given")

    def _groups(
        self, inputs: Sequence[str], sizes: Sequence[tuple[str, int]], rows: int
    ) -> Iterator[list["pa.Table"]]:
        """Return the rows of each input, of some people at a time, about so many together."""
        for several in _of_size(sizes, rows):
            among = f"user_id IN {_listed(several)}"
            yield [
                self._connection.execute(f"FROM {each} WHERE {among}").to_arrow_table()
                for each in inputs
            ]

    def _declared(self, name: str, table: Table) -> str:
        """Return the query for the rows of a relation as the table declares them."""
        columns = ", ".join(
            f"CAST({each.name} AS {each.data_type}) AS {each.name}" for each in table.columns
        )
        if table.partition_by != PERSON_GROUP:
            return f"SELECT {columns} FROM {name}"
        self._learn_python("person_group(")
        groups = (
            f"SELECT user_id, person_group(user_id) AS {PERSON_GROUP} "
            f"FROM (SELECT DISTINCT user_id FROM {name})"
        )
        return f"SELECT {columns} FROM {name} JOIN ({groups}) USING (user_id)"

    def _learn_python(self, sql: str) -> None:
        """Define the words of Python where a query needs them: DuckDB imports pandas for them."""
        if self._knows_python or not calls_any(sql, _OF_PYTHON):
            return
        for name, word in PYTHON_WORDS.items():
            self._connection.create_function(name, word.function, [*word.parameters], word.returns)
        for each in _WORDS.values():
            if each.needs_python:
                self._connection.execute(each.sql)
        self._knows_python = True

    def _setting(self, name: str) -> str:
        ((value,),) = self._connection.execute(f"SELECT current_setting('{name}')").fetchall()
        return str(value)


def _call(
    function: GroupFunction, group: Sequence["pd.DataFrame"], columns: Sequence[Column]
) -> "pa.Table":
    # Arrow takes a while to import, and many commands map nothing.
    from engines.arrow import arrow_of_frame

    return arrow_of_frame(function(*group), columns)


def _call_groups(
    function: GroupFunction, tables: Sequence["pa.Table"], columns: Sequence[Column]
) -> "pa.Table":
    """Return what ``function`` returns of each group; the first table says which there are."""
    import pyarrow as pa

    frames = [each.to_pandas() for each in tables]
    parts = [dict(tuple(frame.groupby("user_id"))) for frame in frames]
    return pa.concat_tables(
        _call(
            function,
            [part.get(group, frame.head(0)) for part, frame in zip(parts, frames, strict=True)],
            columns,
        )
        for group in parts[0]
    )


def _no_rows(columns: Sequence[Column]) -> str:
    return (
        f"SELECT {', '.join(f'NULL::{each.data_type} AS {each.name}' for each in columns)} LIMIT 0"
    )


def _listed(values: Iterable[str]) -> str:
    return literal(tuple(sorted(values)))


def _of_size(sizes: Sequence[tuple[str, int]], rows: int) -> Iterator[list[str]]:
    """Return the groups in lists that have about so many rows together."""
    several: list[str] = []
    together = 0
    for group, size in sizes:
        several.append(group)
        together += size
        if together >= rows:
            yield several
            several, together = [], 0
    if several:
        yield several
