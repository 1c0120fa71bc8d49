"""What DuckDB is told of a table."""

import duckdb
import pytest

from writers.table_view import quoted


@pytest.mark.parametrize("text", ["plain", "Don't", "''", "a\\'b"])
def test_a_quoted_text_comes_back_as_it_was(text: str) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {quoted(text)}").fetchall() == [(text,)]
