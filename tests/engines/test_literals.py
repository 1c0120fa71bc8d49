"""Values that are written into SQL come out as they went in."""

import duckdb
import pytest

from engines.models import Parameter, literal


@pytest.mark.parametrize(
    "value",
    [
        "",
        "O'Brien",
        "''",
        "\x00",
        "a\x00'b\x00",
        "'; DROP TABLE plays; --",
        "\\",
        "☃",
        7,
        0.5,
        None,
    ],
)
def test_a_value_comes_out_as_it_went_in(value: Parameter) -> None:
    assert duckdb.sql(f"SELECT {literal(value)}").fetchall() == [(value,)]
