"""The words of ``words.sql`` and ``spark_words.sql``, read from their files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engines.python_words import PYTHON_WORDS

_FOLDER = Path(__file__).parent
_DEFINITION = re.compile(r"CREATE MACRO (\w+)\(([^)]*)\) AS\s+(.*?);\s*\n", re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A word as one dialect says it: ``body`` over ``parameters``."""

    name: str
    parameters: tuple[str, ...]
    body: str

    @property
    def sql(self) -> str:
        """The statement that defines it in DuckDB."""
        return f"CREATE MACRO {self.name}({', '.join(self.parameters)}) AS {self.body}"

    @property
    def needs_python(self) -> bool:
        return calls_any(self.body, PYTHON_WORDS)


@cache
def words(file_name: str) -> Mapping[str, Word]:
    """Return the words that a file beside this module defines, by name and in its order."""
    text = (_FOLDER / file_name).read_text(encoding="utf-8")
    return {
        name: Word(name, tuple(each.strip() for each in parameters.split(",")), body)
        for name, parameters, body in _DEFINITION.findall(text)
    }


def calls_any(sql: str, names: Mapping[str, object]) -> bool:
    """Return whether a query calls one of these functions."""
    return any(f"{name}(" in sql for name in names)
