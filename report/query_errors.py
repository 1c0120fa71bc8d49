"""Turn errors of queries into one line."""

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from config.settings import SettingsError
from schemas import ALL_TABLES, BY_NAME

_UNKNOWN_TABLE = re.compile(r'Table with name "?([^"]+?)"? does not exist')


class QueryError(SettingsError):
    """A query that is refused or cannot be answered; the message is one line."""


@contextmanager
def one_line_errors(lake: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Turn DuckDB's errors into a QueryError of one line, which names the tables that are near."""
    try:
        yield
    except duckdb.PermissionException as error:
        path = re.search(r'"(.+)"', str(error))
        what = path[1] if path else "that"
        raise QueryError(f"{what} cannot be read here: only the lake's tables can") from None
    except duckdb.Error as error:
        if unknown := _UNKNOWN_TABLE.search(str(error)):
            raise QueryError(_no_such_table(unknown[1], table_names(lake))) from None
        raise QueryError(_first_lines(error)) from None


def table_names(lake: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the full names of the tables that the lake has."""
    views = lake.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    ).fetchall()
    return [name for (name,) in views if name in BY_NAME]


def _first_lines(error: duckdb.Error) -> str:
    """Return the first paragraph of an error as one line, without the drawing of its place."""
    return " ".join(str(error).split("\n\n")[0].split())


def _no_such_table(name: str, known: list[str]) -> str:
    for table in ALL_TABLES:
        if name in (table.full_name, table.name):
            return f"{table.full_name} is not in the lake yet: start a run (make run)"
    by_name = {each.split(".")[1]: each for each in known} | {each: each for each in known}
    near = dict.fromkeys(by_name[each] for each in difflib.get_close_matches(name, by_name, n=3))
    hint = f"did you mean {' or '.join(near)}?" if near else "SHOW TABLES lists them"
    return f"there is no table {name}: {hint}"
