"""Results of models that the engine keeps from one step for those after it.

Plays of complete days, songs of the catalogue and others are read by the models of several tables.
"""

import hashlib
from collections.abc import Collection
from functools import cache

from engines import models
from engines.engine import Engine, TableRows
from engines.models import Model, Parameters, SqlModel
from schemas import ALL_TABLES


@cache
def tables_with(name: str) -> frozenset[str]:
    """Return the names of the tables whose models read a model, themselves or by others."""
    computed = (each.name for each in ALL_TABLES if each.name in models.files())
    return frozenset(
        table for table in computed if name in {each.name for each in models.in_order(table)}
    )


class SharedModels:
    """What the engine has of them, and of what it was computed.

    A result is used again where the model, its parameters and all rows that it reads are the same.
    """

    def __init__(self) -> None:
        self._rows_of: dict[str, int] = {}
        self._known_rows: dict[TableRows, int] = {}
        self._kept: dict[str, str] = {}
        self._begun: set[str] = set()

    def note_bound(self, rows: TableRows) -> None:
        """Note that a table's name stands for these rows from now on."""
        number = self._known_rows.setdefault(rows, len(self._known_rows))
        self._rows_of[rows.table.full_name] = number

    def note_begun(self, table: str) -> None:
        """Note that no step but this one will need what only this table is computed from."""
        self._begun.add(table)

    def compute(self, engine: Engine, table: str, parameters: Parameters) -> None:
        """Compute the model of a table, and those that it reads and the engine has not."""
        made_from: dict[str, str] = {}
        for each in models.in_order(table):
            read = [made_from.get(name, f"{name} {self._rows_of.get(name)}") for name in each.reads]
            made_from[each.name] = _digest(_text(each, parameters), *read)
            if not engine.knows(each.name) or self._kept.get(each.name) != made_from[each.name]:
                models.compute_one(engine, each, parameters)
        self._kept |= {name: digest for name, digest in made_from.items() if name != table}

    def forget(self, engine: Engine, helpers: Collection[str]) -> None:
        """Drop those of ``helpers``, and of what was kept, that no further step needs."""
        unused = [
            each
            for each in sorted({*helpers, *self._kept})
            if tables_with(each) <= self._begun or not engine.can_keep(each)
        ]
        for each in unused:
            self._kept.pop(each, None)
        engine.forget(unused)


def _text(model: Model, parameters: Parameters) -> str:
    if isinstance(model, SqlModel):
        return model.with_parameters(parameters)
    return f"{model.function.__module__}.{model.function.__qualname__}"


def _digest(*texts: str) -> str:
    return hashlib.md5("\n".join(texts).encode(), usedforsecurity=False).hexdigest()
