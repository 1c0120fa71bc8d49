"""Compares two lakes: whether they hold the same silver and gold tables, row for row.

``python -m tests.compare_lakes ONE OTHER`` with the folders of two lakes prints a line a table and
ends with 1 where one is missing, empty or different. Neither layer holds anything that tells runs
apart, so every column counts. Without a sign-in nothing says which tracks can be played: that table
may be empty.
"""

import sys
from pathlib import Path

from lake.reader import has_table, open_lake
from schemas import ALL_TABLES
from schemas.availability_schemas import TRACK_AVAILABILITY

COMPARED = tuple(table.full_name for table in ALL_TABLES if table.layer in ("silver", "gold"))


def differences(one: Path, other: Path) -> dict[str, str | None]:
    """Return of each compared table what differs between two lakes, in words; None: nothing."""
    found: dict[str, str | None] = {}
    with open_lake(one) as left, open_lake(other) as right:
        for name in COMPARED:
            if not (has_table(left, name) and has_table(right, name)):
                found[name] = "missing"
                continue
            left.register("theirs", right.sql(f"FROM {name}").to_arrow_table())
            rows, only_left, only_right = (
                left.sql(f"SELECT count(*) FROM ({rows})").fetchall()[0][0]
                for rows in (
                    f"FROM {name}",
                    f"FROM {name} EXCEPT ALL FROM theirs",
                    f"FROM theirs EXCEPT ALL FROM {name}",
                )
            )
            if only_left or only_right:
                found[name] = f"{only_left} rows in the one only, {only_right} in the other only"
            else:
                may_be_empty = name == TRACK_AVAILABILITY.full_name
                found[name] = None if rows or may_be_empty else "empty"
    return found


def main() -> int:
    found = differences(*map(Path, sys.argv[1:3]))
    for name, difference in found.items():
        print(f"{name}: {difference or 'the same'}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
