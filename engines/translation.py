"""Models in Apache Spark's dialect: parsed by sqlglot, with the words of the project replaced.

sqlglot is pinned exactly: what it writes for a function may change with every release. Only what
``engines.allow_list`` holds is shown to mean the same in both dialects.
"""

from collections.abc import Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from engines.python_words import PYTHON_WORDS
from engines.words import words

DUCKDB, SPARK = "duckdb", "spark"


def view_name(relation: str) -> str:
    """Return the name of Spark's view of a table (``silver.tracks``) or model (``plays``)."""
    return relation.replace(".", "__")


@cache
def spark_sql(sql: str) -> str:
    """Return a query of DuckDB's dialect in Spark's, over views of ``view_name``.

    Raises sqlglot.errors.SqlglotError where the query cannot be parsed or said in Spark's dialect.
    """
    return spark_tree(parsed(sql)).sql(
        SPARK, unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False
    )


def parsed(sql: str) -> exp.Expr:
    """Return the tree of a query of DuckDB's dialect."""
    return sqlglot.parse_one(sql, read=DUCKDB)


def spark_tree(tree: exp.Expr) -> exp.Expr:
    """Return a query's tree as Spark's dialect is generated from it; ``tree`` is changed."""
    _count_from_one(tree)
    _null_beyond_the_end(tree)
    _null_of_no_rows(tree)
    tree = _expanded(tree)
    for window in [*tree.find_all(exp.Window)]:
        if isinstance(window.parent, exp.Sub):
            # Spark reads "OVER name - 1" as a name with a hyphen.
            window.replace(exp.Paren(this=window.copy()))
    for table in [*tree.find_all(exp.Table)]:
        if table.db:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(view_name(f"{table.db}.{table.name}")))
            table.set("db", None)
    return tree


def python_words_of_spark() -> list[str]:
    """Return the words of Python that Spark does not say in its own dialect."""
    return [name for name in PYTHON_WORDS if name not in _word_trees()]


@cache
def _word_trees() -> Mapping[str, tuple[tuple[str, ...], exp.Expr, str]]:
    """Return parameters, body and dialect of every word that stands for an expression."""
    found = {}
    for file_name, dialect in (("words.sql", DUCKDB), ("spark_words.sql", SPARK)):
        for name, word in words(file_name).items():
            found[name] = (word.parameters, sqlglot.parse_one(word.body, read=dialect), dialect)
    return found


def _expanded(tree: exp.Expr) -> exp.Expr:
    """Replace the calls of words by their bodies, innermost first."""
    for call in reversed([*tree.find_all(exp.Anonymous, bfs=True)]):
        word = _word_trees().get(call.name.lower())
        if word is None:
            continue
        parameters, body, dialect = word
        said = _with_arguments(body, dict(zip(parameters, call.expressions, strict=True)))
        if dialect == DUCKDB:
            said = _expanded(said)
        if call is tree:
            return said
        call.replace(said)
    return tree


def _with_arguments(body: exp.Expr, arguments: Mapping[str, exp.Expr]) -> exp.Expr:
    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table and node.name in arguments:
            return _in_brackets(arguments[node.name].copy())
        return node

    return _in_brackets(body.copy().transform(put))


def _in_brackets(node: exp.Expr) -> exp.Expr:
    needs_them = isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Lambda)
    return exp.Paren(this=node) if needs_them and not isinstance(node, exp.Paren) else node


def _null_beyond_the_end(tree: exp.Expr) -> None:
    """Read elements of lists so that there is null where a list is too short, not an error."""
    for bracket in [*tree.find_all(exp.Bracket)]:
        # sqlglot counts from 0.
        place = exp.Literal.number(int(bracket.expressions[0].name) + 1)
        bracket.replace(exp.func("try_element_at", bracket.this.copy(), place))


def _null_of_no_rows(tree: exp.Expr) -> None:
    """Make a sorted list of no rows null: Spark collects an empty one."""
    for collected in [*tree.find_all(exp.ArrayAgg)]:
        by_sort = collected.find_ancestor(exp.ArraySort)
        if by_sort is not None:
            by_sort.replace(exp.Nullif(this=by_sort.copy(), expression=exp.Array()))


def _count_from_one(tree: exp.Expr) -> None:
    """Number the elements of lists from 1: Spark's ``posexplode`` starts at 0."""
    for unnest in tree.find_all(exp.Unnest):
        place, select = unnest.args.get("offset"), unnest.find_ancestor(exp.Select)
        if not isinstance(place, exp.Identifier) or select is None:
            continue
        for column in [*select.find_all(exp.Column)]:
            if column.name == place.name and column.table == unnest.alias:
                counted: exp.Expr = exp.Paren(this=exp.column(place.copy(), unnest.alias) + 1)
                if column.parent is select:
                    counted = exp.alias_(counted, column.name)
                column.replace(counted)
