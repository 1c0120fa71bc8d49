"""Uses of an allowed function or form that differ between the engines."""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from sqlglot import exp

from engines.allow_list import REFUSED

_CAST_TYPES = {
    exp.DataType.Type.TEXT,
    exp.DataType.Type.BOOLEAN,
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.DOUBLE,
    exp.DataType.Type.DATE,
    exp.DataType.Type.TIMESTAMPTZ,
    exp.DataType.Type.LIST,
    exp.DataType.Type.ARRAY,
}
_WHOLE_TYPES = {exp.DataType.Type.INT, exp.DataType.Type.BIGINT}
_DOUBLES = (
    exp.Div | exp.Sqrt | exp.Ln | exp.Exp | exp.Pow | exp.Sin | exp.Cos | exp.Atan2 | exp.Pi
    | exp.Avg | exp.Median | exp.StddevSamp
)  # fmt: skip
_WORDS_OF_DOUBLES = {"decimals", "half_even"}
_PASS_ON = (
    exp.Paren | exp.Neg | exp.Add | exp.Sub | exp.Mul | exp.Coalesce | exp.Nullif | exp.Greatest
    | exp.Least | exp.Case | exp.If | exp.Min | exp.Max | exp.Sum
)  # fmt: skip
_JOINS = {("", ""), ("", "INNER"), ("LEFT", ""), ("FULL", ""), ("", "CROSS"), ("", "SEMI"),
          ("", "ANTI")}  # fmt: skip


def _of_literal(node: exp.Expr) -> str | None:
    number = cast(exp.Literal, node)
    if number.is_string or "." not in number.name or "e" in number.name.lower():
        return None
    return f"a DECIMAL: write {number.name.rstrip('.')}e0"


def _of_cast(node: exp.Expr) -> str | None:
    to = cast(exp.DataType, node.args["to"])
    if any(each.this not in _CAST_TYPES for each in to.find_all(exp.DataType)):
        return f"CAST AS {to.sql('duckdb')} is not shown to mean the same on both engines"
    if isinstance(node.this, exp.TimestampTrunc | exp.DateTrunc) or not _is_double(node.this):
        return None
    if to.this in _WHOLE_TYPES and not _is_rounded(node.this):
        return "a double is rounded or cut: use whole(x), or floor"
    if to.this == exp.DataType.Type.TEXT:
        return "the text of a double has other digits"
    return None


def _of_list(node: exp.Expr) -> str | None:
    if isinstance(node.this, exp.Order | exp.Distinct):
        return "its order is dropped on Spark, DISTINCT not shown: list_sort, list_distinct"
    is_filtered = isinstance(node.parent, exp.Filter)
    if not is_filtered or not isinstance(cast(exp.Filter, node.parent).parent, exp.ArraySort):
        return "write list_sort(list(x) FILTER (WHERE x IS NOT NULL))"
    return None


def _of_arg(node: exp.Expr) -> str | None:
    if not isinstance(node.parent, exp.Filter):
        return "a null value counts on Spark: FILTER (WHERE x IS NOT NULL)"
    return None


def _of_extreme(node: exp.Expr) -> str | None:
    return "nulls in structs are placed otherwise: row_number" if node.find(exp.Struct) else None


def _of_count(node: exp.Expr) -> str | None:
    is_several = len(node.expressions) > 0 or (
        isinstance(node.this, exp.Distinct)
        and (len(node.this.expressions) > 1 or node.this.find(exp.Tuple) is not None)
    )
    return (
        "count of several columns is not shown to be the same: GROUP BY them"
        if is_several
        else None
    )


def _of_regexp(node: exp.Expr) -> str | None:
    modifiers = node.args.get("modifiers")
    if modifiers is None or "g" not in modifiers.name:
        return "without 'g' Spark replaces all, DuckDB the first"
    return None


def _of_other_type(node: exp.Expr) -> str | None:
    around = node.parent
    while isinstance(around, exp.Filter | exp.Window) and around.this is node:
        node, around = around, around.parent
    return None if isinstance(around, exp.Cast) else "its type differs on Spark: CAST(… AS …)"


def _of_select(node: exp.Expr) -> str | None:
    if node.args.get("qualify"):
        return REFUSED["qualify"]
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        return "DISTINCT ON: row_number"
    unnested = [each for each in node.expressions if isinstance(each.unalias(), exp.Explode)]
    return "one unnest in a SELECT" if len(unnested) > 1 else None


def _of_join(node: exp.Expr) -> str | None:
    join = cast(exp.Join, node)
    if join.args.get("using"):
        return "USING: write ON"
    if join.method or (join.side, join.kind) not in _JOINS:
        return "not one of JOIN, LEFT, FULL, CROSS, SEMI, ANTI JOIN"
    if isinstance(join.this, exp.Unnest) and join.kind != "CROSS":
        return "write CROSS JOIN unnest(…)"
    if join.kind != "CROSS" and not join.args.get("on"):
        return "a join without ON: write CROSS JOIN"
    return None


def _of_unnest(node: exp.Expr) -> str | None:
    if not isinstance(node.parent, exp.Join):
        return "write CROSS JOIN unnest(…)"
    if not node.alias or not node.args["alias"].columns:
        return "name the columns: unnest(…) AS t(x)"
    if node.args.get("offset") is True:
        return "name the place: WITH ORDINALITY AS t(x, place)"
    return None


def _of_star(node: exp.Expr) -> str | None:
    more = any(node.args.get(each) for each in ("except_", "replace", "rename"))
    return "EXCLUDE, REPLACE, RENAME: name the columns" if more else None


def _of_bracket(node: exp.Expr) -> str | None:
    (index, *more) = node.expressions
    is_place = isinstance(index, exp.Literal) and not index.is_string and not more
    return None if is_place else "the place must be a number from 1 on"


def _of_sort(node: exp.Expr) -> str | None:
    # sqlglot notes nulls_first by itself, and asc where a direction is written.
    return "ascending, nulls last only" if node.args.get("asc") is not None else None


def _of_spec(node: exp.Expr) -> str | None:
    return None if node.args.get("kind") == "ROWS" else "a frame of ROWS only"


def _of_grouping(node: exp.Expr) -> str | None:
    return None if len(node.expressions) == 1 else "of one column only"


def _of_null_order(node: exp.Expr) -> str | None:
    return "RECURSIVE" if node.args.get("recursive") else None


def _of_lambda(node: exp.Expr) -> str | None:
    is_fine = isinstance(node.parent, exp.Transform | exp.ArrayFilter)
    return None if is_fine and len(node.expressions) == 1 else "of one element only"


RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Literal: _of_literal,
    exp.Cast: _of_cast,
    exp.ArrayAgg: _of_list,
    exp.ArgMin: _of_arg,
    exp.ArgMax: _of_arg,
    exp.Min: _of_extreme,
    exp.Max: _of_extreme,
    exp.Count: _of_count,
    exp.RegexpReplace: _of_regexp,
    exp.TimestampTrunc: _of_other_type,
    exp.DateTrunc: _of_other_type,
    exp.Ceil: _of_other_type,
    exp.Floor: _of_other_type,
    exp.Sum: _of_other_type,
    exp.Select: _of_select,
    exp.Join: _of_join,
    exp.Unnest: _of_unnest,
    exp.Star: _of_star,
    exp.Bracket: _of_bracket,
    exp.ArraySort: _of_sort,
    exp.WindowSpec: _of_spec,
    exp.Grouping: _of_grouping,
    exp.With: _of_null_order,
    exp.Lambda: _of_lambda,
}
"""Rules by what they are for: each returns why a use is refused, or None."""


def _is_rounded(node: exp.Expr) -> bool:
    is_decimals = isinstance(node, exp.Anonymous) and node.name.lower() == "decimals"
    is_half_even = isinstance(node, exp.Anonymous) and node.name.lower() == "half_even"
    return is_half_even or (is_decimals and node.expressions[1] == exp.Literal.number(0))


def _is_double(node: exp.Expr) -> bool:
    """Return whether an expression is a double for sure; columns are not looked up."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in _WORDS_OF_DOUBLES
    if isinstance(node, exp.Literal):
        return not node.is_string and "e" in node.name.lower()
    if isinstance(node, exp.Cast):
        return bool(node.args["to"].this == exp.DataType.Type.DOUBLE)
    if isinstance(node, _DOUBLES):
        return True
    if isinstance(node, _PASS_ON):
        return any(map(_is_double, _values(node)))
    return False


def _values(node: exp.Expr) -> Iterator[exp.Expr]:
    """Return the expressions that the value of an expression can come from."""
    if isinstance(node, exp.Case):
        yield from (each.args["true"] for each in node.args["ifs"])
        if node.args.get("default") is not None:
            yield node.args["default"]
    elif isinstance(node, exp.If):
        yield node.args["true"]
    else:
        yield from node.iter_expressions()
