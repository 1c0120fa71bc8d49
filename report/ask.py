"""Answer SQL queries about the lake: every table by its name, nothing else, and nothing written.

Three things ensure that. Only statements that return rows are run. The connection is locked: no
file can be opened but those below the folders of the lake's tables, and no setting be changed.
And the few functions that change something although a SELECT may call them are refused.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar

import duckdb

from engines.models import literal
from engines.parquet import path_literal
from lake.reader import open_lake
from report.answer_formats import EXPLANATION, AnswerFormat, as_text, copy_answer
from report.export_table import scratch_beside
from report.query_errors import QueryError, one_line_errors, table_names
from report.query_rules import lists_tables, queries
from schemas import ALL_TABLES, BY_NAME

Result = TypeVar("Result")
HISTORY_FILE = ".sql_history"
"""In ``DATA_DIR``: the history of the prompt; only the owner can read it."""


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
        written = [data_dir / each for each in layers]
        folders = [*written, *(each.resolve() for each in written)]
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
            answer = _answer(lake, statement)
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

    Returns the number of rows. In CSV arrays and maps are JSON. Raises SettingsError where the
    query is refused or ``out_path`` cannot be written.
    """
    with scratch_beside(out_path) as scratch, lake_for_queries(data_dir, scratch) as lake:
        with one_line_errors(lake):
            if sum(each.type != duckdb.StatementType.CREATE for each in queries(sql)) > 1:
                raise QueryError(f"{out_path} can hold the answer to one query only")
        written = scratch / "answer"
        (rows,) = interruptibly(
            lake,
            lambda: [
                copy_answer(lake, each, answer_format, written) for each in answers(lake, sql)
            ],
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
        copy_answer(lake, answer, answer_format, written)
        with written.open(encoding="utf-8", newline="") as file:
            shutil.copyfileobj(file, stream)


def _answer(
    lake: duckdb.DuckDBPyConnection, statement: duckdb.Statement
) -> duckdb.DuckDBPyRelation | None:
    if statement.type == duckdb.StatementType.EXPLAIN:
        # A relation would carry out something around it, and show the time of that.
        ((_, drawing),) = lake.execute(statement).fetchall()
        return lake.query(f"SELECT $1 AS {EXPLANATION}", params=[drawing])
    if lists_tables(statement):
        # DuckDB leaves out the layer, and knows of no descriptions.
        rows = ", ".join(
            f"({literal(name)}, {literal(BY_NAME[name].description)})" for name in table_names(lake)
        )
        return lake.query(f"FROM (VALUES {rows}) AS tables(name, description)")
    # DuckDB's type stubs know of texts only.
    return lake.query(statement)  # type: ignore[arg-type]
