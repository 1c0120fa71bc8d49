"""Find the slices of a table that differ from what was computed, and write their replacement.

A slice is replaced as a whole: a person's month in a table by month, a person in a table about
people, a track in a table about tracks. Rows are compared by sums of hashes of whole rows, slice by
slice: DuckDB reads both sides as files, whichever engine wrote them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engines.models import literal
from engines.parquet import scan, write_parquet
from engines.python_words import person_group
from engines.scratch_database import session
from lake.table_rows import is_laid_out, table_rows
from schemas.table import PERSON_GROUP, Table


@dataclass(frozen=True)
class Part:
    """The part of a table that was computed: all rows with these ``values`` of ``column``.

    ``values`` are None where it is the whole table.
    """

    column: str
    values: frozenset[str] | None = None

    @property
    def condition(self) -> str:
        """The condition in SQL for rows of the part."""
        if self.values is None:
            return "true"
        return f"{self.column} IN {literal(tuple(sorted(self.values)))}" if self.values else "false"


@dataclass(frozen=True)
class Difference:
    """The slices in which a table differs from what was computed for ``part``.

    Each is named by its values in ``columns``. ``added`` ones had no rows before, ``emptied`` ones
    have none now.
    """

    table: Table
    part: Part
    columns: tuple[str, ...]
    changed: frozenset[tuple[str, ...]]
    added: frozenset[tuple[str, ...]]
    emptied: frozenset[tuple[str, ...]]

    @property
    def only_adds(self) -> bool:
        """Whether no slice that has rows changes."""
        return self.changed == self.added

    @property
    def affected(self) -> Mapping[str, Sequence[str]]:
        """The people with their changed months; without months where the table is not by month."""
        months: defaultdict[str, list[str]] = defaultdict(list)
        for person, *others in sorted(self.changed):
            months[person] += others
        return dict(months)

    @property
    def partitions(self) -> list[str] | None:
        """The partitions that hold changed slices; None for a table without partitions."""
        if self.table.partition_by is None:
            return None
        if self.table.partition_by == PERSON_GROUP:
            return sorted({str(person_group(person)) for (person,) in self.changed})
        return sorted({slice_[-1] for slice_ in self.changed})


def slice_columns(table: Table) -> tuple[str, ...]:
    """Return the columns whose values name a slice of the table."""
    if "user_id" not in table.key:
        return table.key[:1]
    by_person = table.partition_by in (None, PERSON_GROUP)
    return ("user_id",) if by_person else ("user_id", str(table.partition_by))


def staged_as(table: Table, part: Part) -> Table:
    """Return as what a computed part is written to be compared: by month only where all of it is.

    Of a part few months differ, and those are written again with the rows of other people.
    """
    is_by_month = table.partition_by not in (None, PERSON_GROUP)
    return replace(table, partition_by=None) if is_by_month and part.values is not None else table


def find_difference(
    table: Table, data_dir: Path, computed: Sequence[Path], part: Part
) -> Difference:
    """Compare the rows in ``computed``, all of ``part``, with what the table holds of it.

    A table that is partitioned otherwise than declared is written again as a whole.
    """
    columns = slice_columns(table)
    if not is_laid_out(table, data_dir):
        return _all_added(table, computed, part)
    people = part.values if part.column == "user_id" else None
    standing = table_rows(table, data_dir, people=people)
    named = ", ".join(columns)
    hashed = ", ".join(table.column_names)
    sums = "SELECT {}, count(*) AS row_count, sum(hash({})) AS hashes FROM ({}) GROUP BY {}"
    new = scan(table, computed, table.column_names)
    old = f"{scan(table, standing.files, standing.columns)} WHERE {part.condition}"
    with session() as connection:
        rows = connection.execute(
            f"SELECT {named}, old.row_count IS NULL, new.row_count IS NULL "
            f"FROM ({sums.format(named, hashed, new, named)}) AS new "
            f"FULL JOIN ({sums.format(named, hashed, old, named)}) AS old USING ({named}) "
            "WHERE (new.row_count, new.hashes) IS DISTINCT FROM (old.row_count, old.hashes)"
        ).fetchall()
    return Difference(
        table,
        part,
        columns,
        frozenset(tuple(each[:-2]) for each in rows),
        frozenset(tuple(each[:-2]) for each in rows if each[-2]),
        frozenset(tuple(each[:-2]) for each in rows if each[-1]),
    )


def _all_added(table: Table, computed: Sequence[Path], part: Part) -> Difference:
    """Return the difference from a table that is not there: there is nothing to compare."""
    columns = slice_columns(table)
    new = scan(table, computed, table.column_names)
    with session() as connection:
        rows = connection.execute(f"SELECT DISTINCT {', '.join(columns)} FROM ({new})").fetchall()
    return Difference(table, part, columns, frozenset(rows), frozenset(rows), frozenset())


def replacement_files(
    difference: Difference, data_dir: Path, computed: Sequence[Path], folder: Path
) -> list[Path]:
    """Write the files that replace those of the changed partitions (or the whole table).

    They hold the computed rows of the changed slices and all other rows unchanged. Where all of
    the table was computed, the computed files are used as they are.
    """
    table, partitions = difference.table, difference.partitions
    if difference.part.values is None:
        if partitions is None:
            return [*computed]
        wanted = {f"{table.partition_by}={each}" for each in partitions}
        return [each for each in computed if each.parent.name in wanted]
    standing = table_rows(table, data_dir, partitions=partitions)
    names = ", ".join(table.column_names)
    with session() as connection:
        slices = ", ".join(literal(each) for each in sorted(difference.changed))
        among = f"({', '.join(difference.columns)})"
        connection.execute(
            f"CREATE TEMP TABLE changed AS SELECT * FROM (VALUES {slices}) AS t{among}"
        )
        new = f"SELECT {names} FROM ({scan(table, computed, table.column_names)})"
        old = f"SELECT {names} FROM ({scan(table, standing.files, standing.columns)})"
        using = ", ".join(difference.columns)
        query = (
            f"SELECT {names} FROM ({new} SEMI JOIN changed USING ({using}) UNION ALL "
            f"{old} ANTI JOIN changed USING ({using}))"
        )
        return write_parquet(connection, query, table, folder)


def added_rows(difference: Difference, computed: Sequence[Path], folder: Path) -> list[Path]:
    """Write the rows of a table without partitions whose slices were all added."""
    table = difference.table
    with session() as connection:
        slices = ", ".join(literal(each) for each in sorted(difference.changed))
        among = f"({', '.join(difference.columns)})"
        connection.execute(
            f"CREATE TEMP TABLE changed AS SELECT * FROM (VALUES {slices}) AS t{among}"
        )
        using = ", ".join(difference.columns)
        query = f"{scan(table, computed, table.column_names)} SEMI JOIN changed USING ({using})"
        return write_parquet(connection, query, table, folder)
