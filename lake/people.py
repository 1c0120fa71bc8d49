"""The people of a lake, and how many rows of each table are about one of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engines.models import literal
from lake.reader import open_lake
from schemas import ALL_TABLES
from schemas.table import Table

ABOUT_PEOPLE = tuple(each for each in ALL_TABLES if "user_id" in each.column_names)
"""The tables in which every row is about one person."""


def people_of(data_dir: Path) -> list[str]:
    """Return everybody of whom a table of the lake has a row, in order."""
    tables = [each for each in ABOUT_PEOPLE if each.exists(data_dir)]
    if not tables:
        return []
    named = " UNION ".join(f"SELECT DISTINCT user_id FROM {each.full_name}" for each in tables)
    with open_lake(data_dir, tables) as lake:
        return [person for (person,) in lake.execute(f"{named} ORDER BY 1").fetchall()]


def rows_about(
    data_dir: Path, user_id: str, tables: Iterable[Table] = ABOUT_PEOPLE, where: str = "true"
) -> Mapping[Table, int]:
    """Return by table how many rows, ``where`` a condition holds, are about a person.

    Tables without any are left out.
    """
    found: dict[Table, int] = {}
    there = [each for each in tables if each.exists(data_dir)]
    with open_lake(data_dir, there) as lake:
        for table in there:
            ((rows,),) = lake.execute(
                f"SELECT count(*) FROM {table.full_name} "
                f"WHERE user_id = {literal(user_id)} AND ({where})"
            ).fetchall()
            if rows:
                found[table] = rows
    return found
