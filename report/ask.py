"""Answers SQL queries about the lake: every table by its name, nothing else, and nothing written.

Three things see to that. Only statements that return rows are run. The connection is locked: no
file can be opened but those below the folders of the lake's tables, and no setting be changed.
And the few functions that change something although a SELECT may call them are refused.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from itertools import chain, count
from pathlib import Path
from typing import Literal, TextIO, TypeVar

import duckdb

from engines.models import literal
from engines.parquet import path_literal
from report.export_table import scratch_beside
from report.lake_reader import open_lake
from report.query_errors import QueryError, one_line_errors
from report.query_rules import queries
from schemas import ALL_TABLES

AnswerFormat = Literal["table", "csv", "json", "parquet"]
Result = TypeVar("Result")
ROWS_SHOWN = 40
"""A longer answer is shortened where it is shown as a table."""

HISTORY_FILE = ".sql_history"
"""In ``DATA_DIR``: what was asked at the prompt; only the owner can read it."""

_FILE_OPTIONS: dict[AnswerFormat, str] = {
    "csv": "FORMAT csv, HEADER",
    "json": "FORMAT json, ARRAY true",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
_EXPLANATION = "explanation"
_NESTED = ("list", "array", "struct", "map", "union")


def format_for(asked: AnswerFormat | None, out_path: Path | None) -> AnswerFormat:
    """Return the format of an answer: as asked, else by the name of the file, CSV or a table.

    Raises QueryError where the two do not fit.
    """
    if out_path is None:
        if asked == "parquet":
            raise QueryError("--format parquet needs a file: --out FILE")
        return asked or "table"
    if asked == "table":
        raise QueryError("--format table is for reading here; --out takes csv, json or parquet")
    by_name: dict[str, AnswerFormat] = {".json": "json", ".parquet": "parquet"}
    return asked or by_name.get(out_path.suffix.lower(), "csv")


@contextmanager
def lake_for_queries(data_dir: Path, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake in ``data_dir`` for queries that anybody wrote; see this module's head.

    Tables are known by their names with and without the layer; instants are shown in UTC. What does
    not fit into memory goes to ``scratch``, a folder that queries may write to as well.
    """
    with open_lake(data_dir) as lake:
        layers = sorted({each.layer for each in ALL_TABLES if each.exists(data_dir)})
        lake.execute(f"SET search_path = {literal(','.join(['main', *layers]))}")
        # The folders of the layers alone: next to them are tokens, keys and exports. Paths are
        # compared as they are written, so each is needed as the views have it, too.
        folders = [data_dir / each for each in layers]
        allowed = {literal(str(each)) for each in (*folders, scratch)}
        allowed |= {path_literal(each) for each in folders}
        lake.execute(f"SET temp_directory = {literal(str(scratch / 'spilled'))}")
        lake.execute(f"SET allowed_directories = [{', '.join(sorted(allowed))}]")
        # Without it a name that is no table is looked for among the variables of this program.
        lake.execute("SET python_enable_replacements = false")
        lake.execute("SET autoinstall_known_extensions = false")
        lake.execute("SET autoload_known_extensions = false")
        lake.execute("SET enable_external_access = false")
        lake.execute("SET lock_configuration = true")
        yield lake


def answers(lake: duckdb.DuckDBPyConnection, sql: str) -> Iterator[duckdb.DuckDBPyRelation]:
    """Yield the answer to every query in ``sql``, in turn.

    Raises QueryError before the first answer where a statement is no query.
    """
    with one_line_errors(lake):
        statements = queries(sql)
    for statement in statements:
        with one_line_errors(lake):
            if statement.type == duckdb.StatementType.EXPLAIN:
                # A relation would carry out something around it, and show the time of that.
                ((_, drawing),) = lake.execute(statement).fetchall()
                answer = lake.query(f"SELECT $1 AS {_EXPLANATION}", params=[drawing])
            else:
                # DuckDB's type stubs know of texts only.
                answer = lake.query(statement)  # type: ignore[arg-type]
        if answer is not None:
            yield answer


def show_answers(
    lake: duckdb.DuckDBPyConnection,
    sql: str,
    answer_format: AnswerFormat,
    scratch: Path,
    width: int,
    stream: TextIO,
) -> None:
    """Write the answer to every query in ``sql`` to ``stream``, a blank line between two.

    A table is at most ``width`` characters wide and shortened; CSV and JSON are whole.
    """
    interruptibly(lake, lambda: _show_answers(lake, sql, answer_format, scratch, width, stream))


def write_answer(data_dir: Path, sql: str, answer_format: AnswerFormat, out_path: Path) -> int:
    """Write the answer to the one query in ``sql`` to ``out_path``, whole or not at all.

    Returns the number of rows. In CSV arrays and maps are JSON.
    Raises SettingsError where the query is refused or ``out_path`` cannot be written.
    """
    with scratch_beside(out_path) as scratch, lake_for_queries(data_dir, scratch) as lake:
        with one_line_errors(lake):
            if sum(each.type != duckdb.StatementType.CREATE for each in queries(sql)) > 1:
                raise QueryError(f"{out_path} can hold the answer to one query only")
        written = scratch / "answer"
        (rows,) = interruptibly(
            lake, lambda: [_copy(lake, each, answer_format, written) for each in answers(lake, sql)]
        )
        written.replace(out_path)
    return rows


def interruptibly(lake: duckdb.DuckDBPyConnection, work: Callable[[], Result]) -> Result:
    """Return what ``work`` returns; Ctrl-C stops the query of ``lake`` that it waits for.

    DuckDB alone looks for Ctrl-C between the parts of a query only, and one may take minutes.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        working = pool.submit(work)
        try:
            return working.result()
        except KeyboardInterrupt:
            while not working.done():
                lake.interrupt()
                wait([working], timeout=0.1)
            raise


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Lend a folder for what an answer needs on disk until it is shown."""
    with tempfile.TemporaryDirectory(prefix="soundlake-sql-") as name:
        yield Path(name)


def as_text(lake: duckdb.DuckDBPyConnection, answer: duckdb.DuckDBPyRelation, width: int) -> str:
    """Return an answer as a table of at most ``width`` characters a line.

    Of more than ``ROWS_SHOWN`` rows the first are shown, and a line says how many there are.
    """
    if answer.columns == [_EXPLANATION]:  # a drawing of its own
        return "".join(f"{drawing}\n" for (drawing,) in answer.fetchall())
    with _as_view(lake, answer):
        # Kept, so that a slow query runs once where its answer is short.
        lake.execute(f"CREATE OR REPLACE TEMP TABLE head AS FROM answer LIMIT {ROWS_SHOWN + 1}")
        head = lake.table("temp.head")
        is_long = _number_of_rows(head) > ROWS_SHOWN
        text = _boxed(head.limit(ROWS_SHOWN), width)
        lake.execute("DROP TABLE head")
    if is_long:
        text += f"The first {ROWS_SHOWN} of {_number_of_rows(answer):,} rows; "
        text += "all of them with --format csv or json, or with --out FILE.\n"
    return text


def _show_answers(
    lake: duckdb.DuckDBPyConnection,
    sql: str,
    answer_format: AnswerFormat,
    scratch: Path,
    width: int,
    stream: TextIO,
) -> None:
    for place, answer in enumerate(answers(lake, sql)):
        if place:
            stream.write("\n")
        if answer_format == "table":
            stream.write(as_text(lake, answer, width))
            continue
        written = scratch / "answer"
        _copy(lake, answer, answer_format, written)
        with written.open(encoding="utf-8", newline="") as file:
            shutil.copyfileobj(file, stream)


@contextmanager
def _as_view(lake: duckdb.DuckDBPyConnection, answer: duckdb.DuckDBPyRelation) -> Iterator[None]:
    answer.create_view("answer")
    try:
        with one_line_errors(lake):
            yield
    finally:
        lake.execute("DROP VIEW answer")


def _number_of_rows(relation: duckdb.DuckDBPyRelation) -> int:
    ((rows,),) = relation.count("*").fetchall()
    return int(rows)


def _boxed(answer: duckdb.DuckDBPyRelation, width: int) -> str:
    with redirect_stdout(StringIO()) as text:
        answer.show(max_width=width, max_rows=ROWS_SHOWN, null_value="NULL")
    return text.getvalue().rstrip() + "\n"


def _copy(
    lake: duckdb.DuckDBPyConnection,
    answer: duckdb.DuckDBPyRelation,
    answer_format: AnswerFormat,
    path: Path,
) -> int:
    """Write an answer to a file below the scratch folder; return the number of rows."""
    places = [f"column_{place}" for place, _ in enumerate(answer.columns)]
    names = _distinct(answer.columns)
    values = ", ".join(
        f"{_value(place, data_type.id, answer_format)} AS {_quoted(name)}"
        for place, name, data_type in zip(places, names, answer.types, strict=True)
    )
    with _as_view(lake, answer):
        copied = lake.execute(
            f"COPY (SELECT {values} FROM answer AS answer({', '.join(places)}))"
            f" TO {literal(str(path))} ({_FILE_OPTIONS[answer_format]}, USE_TMP_FILE false)"
        )
        ((rows,),) = copied.fetchall()
    return int(rows)


def _value(name: str, type_id: str, answer_format: AnswerFormat) -> str:
    return f"to_json({name})" if answer_format == "csv" and type_id in _NESTED else name


def _distinct(names: list[str]) -> list[str]:
    """Return the names of columns, a number behind those that were there before: ``n``, ``n_1``."""
    distinct: dict[str, str] = {}
    for name in names:
        numbered = (f"{name}_{number}" for number in count(1))
        free = next(each for each in chain([name], numbered) if each.lower() not in distinct)
        distinct[free.lower()] = free
    return list(distinct.values())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
