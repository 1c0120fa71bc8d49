"""The answer to a query as a table to read, and as a file."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from itertools import chain, count
from pathlib import Path
from typing import Literal

import duckdb

from engines.models import literal, quoted_name
from report.csv_text import plain, plain_sql
from report.query_errors import one_line_errors

AnswerFormat = Literal["table", "csv", "json", "parquet"]
ROWS_SHOWN = 40
"""A longer answer is shortened where it is shown as a table."""

_FILE_OPTIONS: dict[AnswerFormat, str] = {
    "csv": "FORMAT csv, HEADER",
    "json": "FORMAT json, ARRAY true",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}
EXPLANATION = "explanation"
"""The one column of an answer that is a drawing of its own."""

_NESTED = ("list", "array", "struct", "map", "union")


def as_text(lake: duckdb.DuckDBPyConnection, answer: duckdb.DuckDBPyRelation, width: int) -> str:
    """Return an answer as a table of at most ``width`` characters a line.

    Of more than ``ROWS_SHOWN`` rows the first are shown, and a line says how many there are.
    """
    if answer.columns == [EXPLANATION]:
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


def copy_answer(
    lake: duckdb.DuckDBPyConnection,
    answer: duckdb.DuckDBPyRelation,
    answer_format: AnswerFormat,
    path: Path,
) -> int:
    """Write an answer to a file below the scratch folder and return the number of rows.

    In CSV arrays and maps are JSON, and a text that begins like a formula is marked as a text, by
    an apostrophe before it. A column's name that was there before gets a number.
    """
    places = [f"column_{place}" for place, _ in enumerate(answer.columns)]
    named = [*answer.columns]
    # A PIVOT makes columns of values.
    names = _distinct([plain(each) for each in named] if answer_format == "csv" else named)
    values = ", ".join(
        f"{_value(place, data_type.id, answer_format)} AS {quoted_name(name)}"
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
    if answer_format != "csv":
        return name
    return f"to_json({name})" if type_id in _NESTED else plain_sql(name, type_id)


def _distinct(names: list[str]) -> list[str]:
    """Return the names of columns, a number behind those that were there before: ``n``, ``n_1``."""
    distinct: dict[str, str] = {}
    for name in names:
        numbered = (f"{name}_{number}" for number in count(1))
        free = next(each for each in chain([name], numbered) if each.lower() not in distinct)
        distinct[free.lower()] = free
    return list(distinct.values())
