"""Whether a model means the same on both engines, by the allow-list.

``problems`` refuses what ``engines.allow_list`` does not have, and those uses of an allowed entry
that differ. Bodies of words (``words.sql``) are exempt: there each dialect speaks for itself.
"""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.errors import SqlglotError

from engines.allow_list import FORMS, FUNCTIONS, REFUSED
from engines.portability_rules import RULES
from engines.python_words import PYTHON_WORDS
from engines.translation import parsed
from engines.words import words

_NOT_SHOWN = "not shown to mean the same on both engines: add it with probes, or write it otherwise"


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
    for rule_for, rule in RULES.items():
        if isinstance(node, rule_for) and (reason := rule(node)) is not None:
            yield reason


def _line(node: exp.Expr) -> int | str:
    return next((each.meta["line"] for each in node.walk() if "line" in each.meta), "?")
