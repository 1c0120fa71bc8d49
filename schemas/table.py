"""How a table of the lake is declared: once, as one value, with a comment on every column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql.types import DataType, StructField, StructType

PERSON_GROUP = "person_group"
"""Partition of tables about whole people: a hash of the person, so that it need not be given."""


def column(name: str, data_type: DataType, comment: str, *, nullable: bool = True) -> StructField:
    """Give a column whose comment says its unit, its range and where its value comes from."""
    return StructField(name, data_type, nullable, {"comment": comment})


def is_table(path: Path) -> bool:
    """Say whether ``path`` holds a Delta table: one without a commit is none yet."""
    return any((path / "_delta_log").glob("*.json"))


@dataclass(frozen=True, eq=False)
class Table:
    """One Delta table; equal only to itself, so that it can be a key.

    ``key`` are the columns that no two rows share; ``checks`` are CHECK constraints by name, which
    every writer enforces.
    """

    layer: str
    name: str
    description: str
    columns: tuple[StructField, ...]
    key: tuple[str, ...]
    partition_by: str | None = None
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The name that SQL uses, for example ``gold.mood_clusters``."""
        return f"{self.layer}.{self.name}"

    @property
    def schema(self) -> StructType:
        """The columns in their order, comments in the metadata."""
        return StructType(list(self.columns))

    @property
    def rules(self) -> Mapping[str, str]:
        """The conditions by name that every row meets: the checks, and a key without nulls."""
        present = {f"{name}_present": f"{name} is not null" for name in self.key}
        return {**present, **self.checks}

    @property
    def column_names(self) -> list[str]:
        return [each.name for each in self.columns]

    @property
    def given(self) -> StructType:
        """The columns that a transform gives; the writer adds ``person_group`` by itself."""
        return StructType([each for each in self.columns if each.name != PERSON_GROUP])

    def path(self, data_dir: Path) -> Path:
        """Give the folder of this table in the lake at ``data_dir``."""
        return data_dir / self.layer / self.name

    def exists(self, data_dir: Path) -> bool:
        """Say whether the lake at ``data_dir`` has this table yet."""
        return is_table(self.path(data_dir))
