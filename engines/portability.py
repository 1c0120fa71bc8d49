"""The functions and forms of SQL that models may use: those shown to mean the same on both engines.

Each entry of ``FUNCTIONS`` and ``FORMS`` has probes over values that bring differences to light
(``tests/engines/probes.py``). ``problems`` refuses everything else, and those uses of an allowed
entry that differ. Bodies of words (``words.sql``) are exempt: there each dialect speaks for itself.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from sqlglot import exp
from sqlglot.errors import SqlglotError

from engines.python_words import PYTHON_WORDS
from engines.translation import parsed
from engines.words import words

FUNCTIONS: Mapping[type[exp.Expr], str] = {
    # Numbers.
    exp.Abs: "abs",
    exp.Ceil: "ceil: inside CAST(… AS BIGINT), since its type differs",
    exp.Floor: "floor: inside CAST(… AS BIGINT), since its type differs",
    exp.Sqrt: "sqrt: an argument below zero is an error or NaN; guard it",
    exp.Ln: "ln: zero is an error or null; guard it",
    exp.Exp: "exp: to the last digit but one",
    exp.Pow: "power: of doubles, to the last digit but one",
    exp.Sin: "sin, cos, atan2: to the last digit but one",
    exp.Cos: "cos",
    exp.Atan2: "atan2",
    exp.Pi: "pi",
    exp.Greatest: "greatest: ignores nulls",
    exp.Least: "least: ignores nulls",
    # Nulls and choices.
    exp.Coalesce: "coalesce",
    exp.Nullif: "nullif",
    # Texts: compared and sorted by their bytes of UTF-8.
    exp.Concat: "concat: of texts; a null counts as the empty text",
    exp.ConcatWs: "concat_ws: of texts; leaves nulls out",
    exp.DPipe: "||: of texts; null with a null",
    exp.Pad: "lpad, rpad: cut texts that are too long",
    exp.Replace: "replace",
    exp.Translate: "translate",
    exp.StartsWith: "starts_with",
    exp.Split: "string_split: by a plain text, not by a pattern",
    exp.MD5: "md5: of a text, in small hexadecimal digits",
    exp.RegexpReplace: "regexp_replace: with 'g'",
    # Dates.
    exp.Year: "year: of a date or a wall time",
    exp.Month: "month: of a date or a wall time, 1 to 12",
    exp.Day: "day: of a date or a wall time, 1 to 31",
    exp.Hour: "hour: of a wall time, 0 to 23",
    exp.Minute: "minute: of a wall time, 0 to 59",
    exp.LastDay: "last_day: of a month",
    exp.DateFromParts: "make_date",
    exp.TimestampTrunc: "date_trunc: inside CAST(… AS DATE), since its type differs",
    exp.DateTrunc: "date_trunc: inside CAST(… AS DATE), since its type differs",
    # Aggregates: they ignore nulls; null of no rows, counts 0.
    exp.Count: "count",
    exp.Sum: "sum: inside CAST(… AS DOUBLE) or BIGINT, since its type differs; or total",
    exp.Min: "min: not of structs, whose nulls are placed otherwise",
    exp.Max: "max: not of structs, whose nulls are placed otherwise",
    exp.Avg: "avg: a double, summed in no fixed order",
    exp.Median: "median: the mean of the middle two",
    exp.StddevSamp: "stddev_samp: null of one row",
    exp.LogicalOr: "bool_or",
    exp.LogicalAnd: "bool_and",
    exp.BitwiseOrAgg: "bit_or",
    exp.ArgMin: "arg_min: with FILTER, since a null value counts on one engine only",
    exp.ArgMax: "arg_max: with FILTER, since a null value counts on one engine only",
    exp.ArrayAgg: "list: in list_sort(… FILTER …), since order and nulls differ; null of no rows",
    exp.Grouping: "grouping: of one column",
    # Windows.
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
    exp.DenseRank: "dense_rank",
    exp.Lag: "lag",
    exp.Lead: "lead",
    exp.FirstValue: "first_value: counts nulls",
    exp.LastValue: "last_value: counts nulls, in the rows up to the current one",
    # Lists: counted from 1.
    exp.Array: "list literals: of one type",
    exp.ArrayConcat: "list_concat: of lists that are not null",
    exp.ArrayFilter: "list_filter",
    exp.ArraySort: "list_sort: ascending, nulls last, structs by their fields",
    exp.Transform: "list_transform",
    exp.Explode: "unnest among the columns: one in a SELECT; no rows of an empty or null list",
    exp.Unnest: "CROSS JOIN unnest(…) AS t(x), WITH ORDINALITY AS t(x, place)",
    exp.Struct: "struct literals: {'name': value}",
}
"""Functions by how sqlglot reads them, with their names and a note."""

FORMS: Mapping[type[exp.Expr], str] = {
    # Queries.
    exp.Select: "SELECT",
    exp.From: "FROM",
    exp.Where: "WHERE",
    exp.Group: "GROUP BY columns",
    exp.Having: "HAVING",
    exp.GroupingSets: "GROUPING SETS",
    exp.Order: "ORDER BY in windows and before LIMIT",
    exp.Ordered: "NULLS LAST unless said otherwise; not of lists that hold nulls",
    exp.Limit: "LIMIT: after an ORDER BY without ties",
    exp.Distinct: "SELECT DISTINCT and count(DISTINCT x)",
    exp.Union: "UNION and UNION ALL: of columns of the same types",
    exp.With: "WITH",
    exp.CTE: "a named query",
    exp.Subquery: "a query in brackets, in FROM",
    exp.Join: "JOIN, LEFT, FULL, CROSS, SEMI and ANTI JOIN; ON, not USING",
    exp.Table: "tables and models by name",
    exp.TableAlias: "AS",
    exp.Alias: "AS",
    exp.Identifier: "names in lower case",
    exp.Column: "columns",
    exp.Star: "* in a query whose columns are named further on, count(*)",
    exp.Tuple: "lists in brackets",
    exp.Placeholder: "$parameters",
    exp.Filter: "FILTER (WHERE …) of an aggregate",
    exp.Window: "OVER: an order without ties wherever the result depends on it",
    exp.WindowSpec: "ROWS BETWEEN … AND …",
    # Expressions.
    exp.Literal: "texts, whole numbers, and doubles with an exponent",
    exp.Boolean: "true, false",
    exp.Null: "NULL: CAST(NULL AS …) where nothing else says the type",
    exp.Paren: "brackets",
    exp.And: "AND",
    exp.Or: "OR",
    exp.Not: "NOT",
    exp.Is: "IS NULL",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Between: "BETWEEN",
    exp.In: "IN (values)",
    exp.Case: "CASE",
    exp.If: "WHEN",
    exp.Add: "+: numbers, and days to a date",
    exp.Sub: "-: numbers, and days from a date; between dates by days_between",
    exp.Mul: "*",
    exp.Div: "/: a double; division by zero is an error on Spark, so nullif or a guard",
    exp.IntDiv: "//: whole numbers, towards zero",
    exp.Mod: "%: whole numbers, with the sign of the first",
    exp.Neg: "-",
    exp.BitwiseAnd: "&",
    exp.BitwiseLeftShift: "<<: below 31 places",
    exp.Cast: "CAST",
    exp.DataType: "VARCHAR, BOOLEAN, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMPTZ, lists of these",
    exp.Bracket: "list[n]: n a literal from 1; null beyond the end",
    exp.Dot: "fields of structs",
    exp.PropertyEQ: "fields of struct literals",
    exp.Lambda: "lambda x: … in list_transform and list_filter",
    exp.Var: "names of units",
}
"""Everything else that may occur in a query's tree, with a note."""

REFUSED: Mapping[str, str] = {
    "round": "ties and binary noise differ: use decimals(x, n) or half_even(x)",
    "lower": "İ and the final Σ differ: use normalised, once a spelling",
    "upper": "ß and others differ: use normalised, once a spelling",
    "length": "len of a list is refused by Spark: use list_size",
    "mode": "ties are open: count, and take row_number",
    "groupconcat": "the order is dropped: list_sort of a list",
    "datediff": "boundaries on one engine, whole units on the other: days_between, or millis",
    "dayofweek": "other numbers on Spark: weekday_of",
    "dayofweekiso": "other numbers on Spark: weekday_of",
    "extract": "other numbers on Spark for some parts: year, month, day, hour, weekday_of",
    "date_part": "other numbers on Spark for some parts: year, month, day, hour, weekday_of",
    "weekofyear": "not shown to be the same",
    "attimezone": "the other direction on Spark for a plain timestamp: wall_time(instant, zone)",
    "timezone": "unknown to Spark: wall_time(instant, zone)",
    "timetostr": "formats differ: year_month, or a concat of parts",
    "unixtotime": "the other direction on Spark: millis(instant)",
    "epoch_ms": "unknown to Spark: millis(instant)",
    "epoch_us": "unknown to Spark: micros(instant)",
    "epoch": "a double or a whole number: millis(instant)",
    "percentilecont": "approximate on Spark, or unknown: median, or row numbers",
    "percentiledisc": "approximate on Spark, or unknown: median, or row numbers",
    "quantile": "unknown to Spark: median, or row numbers",
    "printf": "rounding and nulls differ: concat and a cast",
    "format": "literal text on Spark: concat and a cast",
    "hash": "another function on Spark: md5",
    "anyvalue": "any of several: min or max",
    "first": "any of several: arg_min with FILTER, or row_number",
    "last": "any of several: arg_max with FILTER, or row_number",
    "arraydistinct": "nulls are left out on one engine only: DISTINCT before list",
    "arraycontains": "null instead of false where the list holds a null",
    "columns": "unknown to Spark: name the columns",
    "qualify": "may add a column on Spark: a query around it, with WHERE",
    "trycast": "not shown to be the same",
    "interval": "a date becomes a timestamp on one engine: date + days, or millis",
    "string_agg": "the order is dropped: list_sort of a list",
}
"""Reasons by sqlglot's names, and what to write instead."""

_NOT_SHOWN = "not shown to mean the same on both engines: add it with probes, or write it otherwise"
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


def problems(sql: str) -> list[str]:
    """Return what a query uses that may mean something else on Spark: line, text and reason."""
    try:
        tree = parsed(sql)
    except SqlglotError as error:
        return [f"sqlglot cannot read it: {str(error).splitlines()[0]}"]
    return [
        f"line {_line(node)}: {node.sql('duckdb', comments=False)[:80]}: {reason}"
        for node in tree.walk()
        for reason in _reasons(node)
    ]


def entries(sql: str) -> set[str]:
    """Return the entries of the allow-list that a query uses: sqlglot's names, and words."""
    return {_entry(node) for node in parsed(sql).walk()}


def all_entries() -> set[str]:
    """Return every entry of the allow-list: sqlglot's names of functions and forms, and words."""
    return {each.__name__ for each in (*FUNCTIONS, *FORMS)} | all_words()


def all_words() -> set[str]:
    """Return the words that models may call."""
    return {*words("words.sql"), *PYTHON_WORDS}


def _entry(node: exp.Expr) -> str:
    return node.name.lower() if isinstance(node, exp.Anonymous) else type(node).__name__


def _reasons(node: exp.Expr) -> Iterator[str]:
    """Return the reasons why a node of a tree is refused, those of its children apart."""
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name not in all_words():
            yield REFUSED.get(name, _NOT_SHOWN)
        elif isinstance(node.parent, exp.Filter | exp.Window):
            yield "a word takes no FILTER and no OVER: CASE inside it, or a query around it"
        return
    kind = type(node)
    if kind not in FUNCTIONS and kind not in FORMS:
        yield REFUSED.get(kind.__name__.lower(), _NOT_SHOWN)
        return
    for rule_for, rule in _RULES.items():
        if isinstance(node, rule_for) and (reason := rule(node)) is not None:
            yield reason


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


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
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


def _line(node: exp.Expr) -> int | str:
    return next((each.meta["line"] for each in node.walk() if "line" in each.meta), "?")
