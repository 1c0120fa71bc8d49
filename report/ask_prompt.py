"""A prompt for SQL queries: completion, colours, a history; several lines until a semicolon."""

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from report.answer_formats import AnswerFormat
from report.ask import show_answers
from report.query_errors import QueryError, table_names
from report.query_rules import QUERY_WORDS

_ENDINGS = frozenset({"exit", "quit", r"\q"})
_MORE_WORDS = ("BY", "OVER", "PARTITION", "FILTER", "COUNT", "SUM", "AVG", "MIN", "MAX", "ROUND")
_LAST_NAME = re.compile(r"[\w.]*$")
Columns = Mapping[str, Sequence[str]]
"""The columns of tables, by the tables' full names."""


def prompt_for_queries(
    lake: duckdb.DuckDBPyConnection, history_path: Path, answer_format: AnswerFormat, scratch: Path
) -> None:
    """Ask for queries and show their answers until Ctrl-D or a word to leave by.

    Ctrl-C drops what is being written, or stops the query that is being answered.
    """
    session: PromptSession[str] = PromptSession(
        "sql> ",
        history=history(history_path),
        lexer=PygmentsLexer(SqlLexer),
        completer=_QueryCompleter(lake),
        complete_while_typing=True,
        multiline=Condition(lambda: not is_complete(session.default_buffer.text)),
        prompt_continuation="...> ",
    )
    print("SHOW TABLES; lists the tables, DESCRIBE silver.tracks; the columns of one.")
    print("A query ends with a semicolon; Tab completes, Ctrl-D leaves.")
    while True:
        try:
            text = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.rstrip("; ") in _ENDINGS:
            return
        if not text:
            continue
        try:
            width = session.output.get_size().columns
            show_answers(lake, text, answer_format, scratch, width, sys.stdout)
        except QueryError as error:
            print(error, file=sys.stderr)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)


def is_complete(text: str) -> bool:
    """Return whether Enter ends ``text``: an empty one, a word to leave by, or at a semicolon.

    A semicolon within a text or a comment ends nothing.
    """
    if text.strip() in _ENDINGS | {""}:
        return True
    tokens = duckdb.tokenize(text)
    return bool(tokens) and text.encode()[tokens[-1][0] :].startswith(b";")


def completions(written: str, whole: str, columns: Columns, keywords: Sequence[str]) -> list[str]:
    """Return what the last word of ``written`` may become, as part of the text ``whole``.

    Columns are those of the tables that ``whole`` names. Behind ``gold.`` come the tables there,
    behind any other name the columns.
    """
    typed = _word_before(written)
    names = {each.lower() for each in re.findall(r"[\w.]+", whole)}
    named = [each for each in columns if names & {each, each.split(".")[1]}]
    of_named = list(dict.fromkeys(name for table in named for name in columns[table]))
    prefix, dot, _ = typed.rpartition(".")
    if dot and not any(each.startswith(f"{prefix.lower()}.") for each in columns):
        words = [f"{prefix}.{name}" for name in of_named]
    elif dot:
        words = list(columns)
    else:
        layers = dict.fromkeys(f"{each.split('.')[0]}." for each in columns)
        bare = [each.split(".")[1] for each in columns]
        words = of_named + (list(layers) + bare + list(keywords) if typed else [])
    return [each for each in words if each.lower().startswith(typed.lower()) and each != typed]


def history(path: Path) -> History:
    """Return the history in a file that only its owner can read; in memory if it cannot be kept."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def columns_by_table(lake: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the columns of every table of the lake, by its full name."""
    found = lake.execute(
        "SELECT schema_name || '.' || table_name, list(column_name ORDER BY column_index)"
        " FROM duckdb_columns() WHERE NOT internal GROUP BY 1"
    ).fetchall()
    known = table_names(lake)
    return {name: names for name, names in sorted(found) if name in known}


def _word_before(written: str) -> str:
    found = _LAST_NAME.search(written)
    return found[0] if found else ""


class _QueryCompleter(Completer):
    def __init__(self, lake: duckdb.DuckDBPyConnection) -> None:
        reserved = lake.execute(
            "SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
        ).fetchall()
        self._keywords = sorted({word for (word,) in reserved} | {*QUERY_WORDS, *_MORE_WORDS})
        self._columns = columns_by_table(lake)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        written = document.text_before_cursor
        for each in completions(written, document.text, self._columns, self._keywords):
            yield Completion(each, start_position=-len(_word_before(written)))
