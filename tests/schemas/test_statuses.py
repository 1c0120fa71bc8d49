"""Models have no status of a result but the declared ones."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlglot import exp

from engines.models import PROJECT
from engines.translation import parsed
from schemas.statuses import STATUSES

SQL_MODELS = sorted((PROJECT / "gold").rglob("*.sql"))
MODULES = sorted((PROJECT / "gold").rglob("*.py"))
COLUMNS = {"status", "model_status"}


def statuses(sql: str) -> set[str]:
    """Return the texts that a query has as a status, or compares one with."""
    found: set[str] = set()
    tree = parsed(sql)
    for alias in tree.find_all(exp.Alias):
        if alias.alias in COLUMNS:
            found.update(_results(alias.this))
    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        if isinstance(comparison.this, exp.Column) and comparison.this.name in COLUMNS:
            found.update(each.this for each in comparison.find_all(exp.Literal))
    for case in tree.find_all(exp.Case):
        if isinstance(case.this, exp.Column) and case.this.name in COLUMNS:
            found.update(each.this.this for each in case.args["ifs"])
    return found


def _results(value: exp.Expr) -> Iterator[str]:
    if isinstance(value, exp.Literal):
        yield value.this
    elif isinstance(value, exp.Case):
        for branch in value.args["ifs"]:
            yield from _results(branch.args["true"])
        if value.args.get("default"):
            yield from _results(value.args["default"])
    elif isinstance(value, exp.Coalesce):
        for each in (value.this, *value.expressions):
            yield from _results(each)


def test_statuses_are_found_wherever_a_query_has_them() -> None:
    sql = """
    SELECT
        CASE WHEN n = 'x' THEN 'a' WHEN n IS NULL THEN coalesce(m, 'b') ELSE 'c' END AS status,
        CASE status WHEN 'd' THEN 'reason' END AS reason
    FROM t WHERE status = 'e' OR model_status IN ('f', 'g') OR other = 'h'
    """
    assert statuses(sql) == set("abcdefg")


@pytest.mark.parametrize("path", SQL_MODELS, ids=lambda path: path.stem)
def test_a_sql_model_has_declared_statuses_only(path: Path) -> None:
    assert statuses(path.read_text(encoding="utf-8")) <= set(STATUSES)


def test_the_models_with_a_status_are_looked_at() -> None:
    found = {path.stem: statuses(path.read_text(encoding="utf-8")) for path in SQL_MODELS}

    assert {name for name, each in found.items() if each} >= {
        "temporal_patterns",
        "period_totals",
        "mood_clusters",
        "mood_cluster_profiles",
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_takes_its_statuses_from_the_declaration(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}

    assert not texts & set(STATUSES)
