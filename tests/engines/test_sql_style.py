"""SQL models keep the style of their layout; ``make lint`` runs this beside ruff."""

import re
from pathlib import Path

import pytest
from sqlglot import TokenType, exp
from sqlglot.dialects.duckdb import DuckDB

from engines.models import PACKAGES, PROJECT
from engines.translation import parsed

MODELS = sorted(
    path for package in (*PACKAGES, "ingestion") for path in (PROJECT / package).rglob("*.sql")
)
MAX_LINE_LENGTH = 100
# fmt: off
KEYWORDS = {
    "ALL", "AND", "ANTI", "AS", "ASC", "BETWEEN", "BIGINT", "BOOLEAN", "BY", "CASE", "CAST",
    "CROSS", "CURRENT", "DATE", "DESC", "DISTINCT", "DOUBLE", "ELSE", "END", "EXCEPT", "EXISTS",
    "FILTER", "FIRST", "FOLLOWING", "FROM", "FULL", "GROUP", "GROUPING", "HAVING", "IN", "INNER",
    "INTEGER", "INTERSECT", "IS", "JOIN", "LAST", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "NULLS",
    "ON", "OR", "ORDER", "ORDINALITY", "OVER", "PARTITION", "PRECEDING", "RIGHT", "ROW", "ROWS",
    "SELECT", "SEMI", "SETS", "THEN", "TIMESTAMPTZ", "UNBOUNDED", "UNION", "USING", "VARCHAR",
    "WHEN", "WHERE", "WINDOW", "WITH",
}
# fmt: on
ALSO_NAMES = {"date", "first", "last", "grouping", "left", "right", "row", "rows", "current"}
"""Names of columns and functions that are keywords elsewhere."""


def problems(sql: str) -> list[str]:
    """Return what is not in the style: line and reason."""
    lines = sql.splitlines()
    found = [] if sql.startswith("-- ") else ["line 1: no head comment that says what a row is"]
    if not sql.endswith("\n") or sql.endswith("\n\n"):
        found.append(f"line {len(lines)}: not one line break at the end")
    for number, line in enumerate(lines, start=1):
        if line != line.rstrip() or "\t" in line:
            found.append(f"line {number}: spaces at the end, or a tab")
        if len(line) > MAX_LINE_LENGTH:
            found.append(f"line {number}: longer than {MAX_LINE_LENGTH} characters")
    for token in DuckDB().tokenize(sql):
        word = token.text
        if token.token_type == TokenType.STRING or not re.fullmatch("[A-Za-z_]+", word):
            continue
        if word.upper() in KEYWORDS:
            if word != word.upper() and word not in ALSO_NAMES:
                found.append(f"line {token.line}: keyword {word} in lower case")
        elif word != word.lower():
            found.append(f"line {token.line}: name {word} not in lower case")
    if any(select.is_star for select in closing_selects(parsed(sql))):
        found.append(f"line {len(lines)}: the closing SELECT does not name its columns")
    return found


def closing_selects(query: exp.Expr) -> list[exp.Expr]:
    """Return the SELECTs whose rows are those of the query: several where it is a UNION."""
    if isinstance(query, exp.SetOperation):
        return [*closing_selects(query.left), *closing_selects(query.right)]
    return [query]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_model_keeps_the_style(path: Path) -> None:
    assert problems(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT 1 AS x\n", "line 1: no head comment that says what a row is"),
        ("-- One row.\nSELECT 1 AS x", "line 2: not one line break at the end"),
        ("-- One row.\nSELECT 1 AS x \n", "line 2: spaces at the end, or a tab"),
        ("-- One row.\nselect 1 AS x\n", "line 2: keyword select in lower case"),
        ("-- One row.\nSELECT 1 AS X\n", "line 2: name X not in lower case"),
        (f"-- {'One row. ' * 12}\nSELECT 1 AS x\n", "line 1: longer than 100 characters"),
        (
            "-- One row.\nSELECT x FROM a\nUNION ALL\nSELECT * FROM b\n",
            "line 4: the closing SELECT does not name its columns",
        ),
    ],
)
def test_what_is_not_in_the_style_is_named(sql: str, problem: str) -> None:
    assert problem in problems(sql)
