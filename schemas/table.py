"""The declaration of a table of the lake: once, as one value, with a comment on every column."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from schemas.types import delta_type, holds_text

PERSON_GROUP = "person_group"
"""Partition of tables about whole people: a hash of the person, so that it need not be given."""

InExport = Literal["kept", "pseudonym", "left out"]
KEPT: InExport = "kept"
"""About music, listening or how a number came about."""

PSEUDONYM: InExport = "pseudonym"
"""Names or holds a person, or is an id by which their plays could be found again."""

LEFT_OUT: InExport = "left out"
"""Shows who or where somebody is, or may hold anything."""


@dataclass(frozen=True)
class Column:
    """One column: ``data_type`` is one of ``schemas.types``.

    The comment says its unit, its range and where its value comes from.
    """

    name: str
    data_type: str
    comment: str
    nullable: bool = True
    in_export: InExport | None = None

    @property
    def disclosure(self) -> InExport:
        """What ``export --pseudonymise`` does with it: a text is left out unless declared."""
        if self.in_export is not None:
            return self.in_export
        return LEFT_OUT if holds_text(self.data_type) else KEPT


def column(
    name: str,
    data_type: str,
    comment: str,
    *,
    nullable: bool = True,
    in_export: InExport | None = None,
) -> Column:
    """Return a column whose comment says its unit, its range and where its value comes from."""
    return Column(name, data_type, comment, nullable, in_export)


def is_table(path: Path) -> bool:
    """Return whether ``path`` holds a Delta table, which has at least one commit."""
    return any((path / "_delta_log").glob("*.json"))


@dataclass(frozen=True)
class Total:
    """A total over the rows of a person, and what it must equal.

    ``found`` is an aggregate over the person's rows, for every value of ``each`` where that is
    named; ``expected`` is one over the person's rows of the table ``of`` (those ``where``).
    """

    found: str
    expected: str
    of: str
    each: str | None = None
    where: str = "true"


@dataclass(frozen=True)
class Reference:
    """Columns whose values must occur together in the same columns of another table.

    That is checked of the rows ``where``.
    """

    columns: tuple[str, ...]
    table: str
    where: str = "true"


@dataclass(frozen=True, eq=False)
class Table:
    """One Delta table; equal only to itself, so that it can be a key.

    ``key`` are the columns that no two rows share; ``checks`` are CHECK constraints by name, which
    every writer enforces. ``totals``, ``references`` and ``invariants`` (conditions by name
    that hold in every row, in DuckDB's words) are checked by every run on the rows it changed.
    """

    layer: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by: str | None = None
    checks: Mapping[str, str] = field(default_factory=dict)
    totals: tuple[Total, ...] = ()
    references: tuple[Reference, ...] = ()
    invariants: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The name that SQL uses, for example ``gold.mood_clusters``."""
        return f"{self.layer}.{self.name}"

    @property
    def delta_schema(self) -> str:
        """The columns as a Delta table stores them, as JSON.

        All are nullable there: what must be present is enforced by ``rules``.
        """
        fields = [
            {
                "name": each.name,
                "type": delta_type(each.data_type),
                "nullable": True,
                "metadata": {"comment": each.comment},
            }
            for each in self.columns
        ]
        return json.dumps({"type": "struct", "fields": fields})

    @property
    def rules(self) -> Mapping[str, str]:
        """The conditions by name that every row meets: the checks, and a key without nulls."""
        present = {f"{name}_present": f"{name} is not null" for name in self.key}
        return {**present, **self.checks}

    @property
    def column_names(self) -> list[str]:
        return [each.name for each in self.columns]

    @property
    def partition_columns(self) -> list[str]:
        return [] if self.partition_by is None else [self.partition_by]

    @property
    def given(self) -> tuple[Column, ...]:
        """The columns that a model returns; the writer adds ``person_group``."""
        return tuple(each for each in self.columns if each.name != PERSON_GROUP)

    @property
    def given_names(self) -> list[str]:
        return [each.name for each in self.given]

    def path(self, data_dir: Path) -> Path:
        """Return the folder of this table in the lake at ``data_dir``."""
        return data_dir / self.layer / self.name

    def exists(self, data_dir: Path) -> bool:
        """Return whether the lake at ``data_dir`` has this table yet."""
        return is_table(self.path(data_dir))
