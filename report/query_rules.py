"""Which SQL may be run on the lake: statements that return rows and have no side effects."""

import re
from collections.abc import Iterator
from itertools import pairwise

import duckdb

from report.query_errors import QueryError

QUERY_WORDS = (
    *("SELECT", "FROM", "WITH", "VALUES", "TABLE", "PIVOT", "UNPIVOT"),
    *("DESCRIBE", "SUMMARIZE", "SHOW", "EXPLAIN"),
)

# Functions that change the connection, write, read memory by its address, or run SQL from a text.
_REFUSED_FUNCTIONS = frozenset(
    {"checkpoint", "force_checkpoint", "write_log", "truncate_duckdb_logs"}
    | {"enable_logging", "disable_logging", "enable_profiling", "disable_profiling"}
    | {"pandas_scan", "arrow_scan", "arrow_scan_dumb", "python_map_function"}
    | {"query", "query_table", "json_execute_serialized_sql"}
)
_EXPLAIN = re.compile(
    r"\s*EXPLAIN\s+(ANALYZE\s+)?(\(\s*(ANALYZE|FORMAT)\b[^()]*\)\s*)?", re.IGNORECASE
)


def queries(sql: str) -> list[duckdb.Statement]:
    """Return the statements in ``sql``; raises QueryError where one does more than read tables."""
    statements = duckdb.extract_statements(sql)
    if not statements:
        raise QueryError("there is no query; one is such as FROM gold.mood_clusters")
    for statement in statements:
        if not _is_query(statement):
            word = (re.findall(r"\w+", statement.query) or ["this statement"])[0]
            raise QueryError(
                f"{word} is refused: the lake is only read here; a query starts with "
                f"{', '.join(QUERY_WORDS[:-1])} or {QUERY_WORDS[-1]}"
            )
        if statement.named_parameters:
            raise QueryError("a query cannot have parameters here: write the values into it")
    called = _REFUSED_FUNCTIONS.intersection(_called_functions(sql))
    if called:
        raise QueryError(f"{min(called)} is refused: a query only reads the lake's tables")
    return statements


def _is_query(statement: duckdb.Statement) -> bool:
    match statement.type:
        case duckdb.StatementType.SELECT:
            return True
        case duckdb.StatementType.CREATE:
            # DuckDB's own, without a text: the values that a PIVOT makes columns of.
            return not statement.query
        case duckdb.StatementType.EXPLAIN:
            # EXPLAIN ANALYZE carries out what it explains.
            try:
                explained = duckdb.extract_statements(_EXPLAIN.sub("", statement.query, count=1))
            except duckdb.ParserException:
                return False
            return [each.type for each in explained] == [duckdb.StatementType.SELECT]
        case _:
            return False


def lists_tables(statement: duckdb.Statement) -> bool:
    """Return whether a statement is ``SHOW TABLES`` or ``SHOW ALL TABLES``."""
    words = [re.sub(rb"\W.*", b"", each, flags=re.DOTALL) for each in _tokens(statement.query)]
    return [each.upper() for each in words if each] in (
        [b"SHOW", b"TABLES"],
        [b"SHOW", b"ALL", b"TABLES"],
    )


def _called_functions(sql: str) -> Iterator[str]:
    """Yield the names of functions that ``sql`` calls: each word before a parenthesis."""
    for token, following in pairwise(_tokens(sql)):
        if following.startswith(b"(") and (word := re.match(rb'"?(\w+)', token)):
            yield word[1].decode().lower()


def _tokens(sql: str) -> list[bytes]:
    """Return the words and signs of ``sql``, each with the space and the comments behind it."""
    encoded = sql.encode()
    starts = [start for start, _ in duckdb.tokenize(sql)]
    return [encoded[start:end] for start, end in pairwise([*starts, len(encoded)])]
