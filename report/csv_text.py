"""Text in CSV files: what begins like a formula is marked as a text, for spreadsheets run it."""

from typing import Any

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
"""What a formula begins with in one spreadsheet or another; ``downloads.js`` has the same."""

_STARTS = tuple(FORMULA_STARTS)
_MARK = "'"
_TEXTS = ("varchar", "enum", "blob")


def plain(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and value.startswith(_STARTS)
    return f"{_MARK}{value}" if is_formula else value


def plain_sql(expression: str, type_id: str) -> str:
    """Return what ``plain`` does in SQL, of an expression whose type DuckDB calls ``type_id``."""
    if type_id.lower() not in _TEXTS:
        return expression
    starts = ", ".join(f"chr({ord(each)})" for each in FORMULA_STARTS)
    return (
        f"CASE WHEN left({expression}::VARCHAR, 1) IN ({starts}) "
        f"THEN '{_MARK}{_MARK}' || {expression}::VARCHAR ELSE {expression}::VARCHAR END"
    )
