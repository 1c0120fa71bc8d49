"""What a lake holds, as a count and a digest a table, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from engines.engine import SPILL_FOLDER
from lake.commit_log import newest_version
from lake.logged_files import logged_files
from lake.reader import has_table, open_lake
from lake.replacement import REPLACEMENT_FILE
from lake.verification import Verification
from schemas import ALL_TABLES
from schemas.ops_schemas import CHECKS, IMPORTED_FILES, LOGS, PIPELINE_RUNS
from schemas.table import Table
from writers.lake_lock import SCRATCH_FOLDER

Digest = Mapping[str, tuple[int, str]]
"""By table how many rows it has, and the sum of their hashes; a table without rows is left out."""

_RECORDS_OF_RUNS = (PIPELINE_RUNS, CHECKS, LOGS)
COMPARED = tuple(each for each in ALL_TABLES if each not in _RECORDS_OF_RUNS)
# Which run brought a row and when, and how many rows of a file an earlier, killed run had kept.
_OF_RUNS = {
    "run_id",
    "ingested_at",
    "imported_at",
    "fetched_at",
    "rejected_at",
    "detected_at",
    "closed_at",
    "first_seen",
    "last_seen",
    "removed_at",
    "excluded_at",
    "answered_at",
    "records_kept",
    "records_known",
}


def digest(lake: Path) -> Digest:
    """Return the digest of every table that has rows, less what tells runs apart."""
    found: dict[str, tuple[int, str]] = {}
    with open_lake(lake) as tables:
        for table in COMPARED:
            if has_table(tables, table.full_name):
                ((rows, hashes),) = tables.execute(
                    "SELECT count(*), sum(hash(compared)::HUGEINT)::VARCHAR "
                    f"FROM ({_compared(table)}) AS compared"
                ).fetchall()
                if rows:
                    found[table.full_name] = (rows, hashes)
    return found


def differences(one: Path, other: Path) -> Iterator[str]:
    """Yield a line for each table of which two lakes hold different rows, with one of them."""
    with open_lake(one) as left, open_lake(other) as right:
        for table in COMPARED:
            rows = [_rows(each, table) for each in (left, right)]
            only = [rows[0] - rows[1], rows[1] - rows[0]]
            if any(only) or rows[0] != rows[1]:
                shown = next((next(iter(each)) for each in only if each), "")
                yield (
                    f"{table.full_name}: {len(only[0])} rows only in {one}, "
                    f"{len(only[1])} only in {other}, such as {shown}"
                )


def row_counts_of_versions(lake: Path) -> dict[str, set[int]]:
    """Return by table how many rows each of its versions had, as its log says."""
    return {
        table.full_name: {
            sum(each.rows or 0 for each in logged_files(table.path(lake), version))
            for version in range((newest_version(table.path(lake)) or 0) + 1)
        }
        for table in COMPARED
        if table.exists(lake) and table is not IMPORTED_FILES
    }


def unsound(lake: Path) -> list[str]:
    """Return what ``main.py verify`` finds wrong with a lake, and files that nothing needs."""
    found = [each for _, stage in Verification(lake).stages() for each in stage]
    left = [*(lake / SCRATCH_FOLDER).rglob("*"), *lake.rglob(".unfinished-*")]
    left += [each for each in (lake / REPLACEMENT_FILE, lake / SPILL_FOLDER) if each.exists()]
    return found + [f"{each} is left" for each in left]


def broken_keys(tables: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Return how many rows of a table share their key with another."""
    key = ", ".join(table.key)
    ((rows, keys),) = tables.execute(
        f"SELECT count(*), count(DISTINCT row({key})) FROM {table.full_name}"
    ).fetchall()
    return int(rows) - int(keys)


def _compared(table: Table) -> str:
    """Return the query for what is compared of a table."""
    columns = ", ".join(each for each in table.column_names if each not in _OF_RUNS)
    # A run that was ended may have recorded a file already that the next one reads again.
    distinct = "DISTINCT " if table is IMPORTED_FILES else ""
    return f"SELECT {distinct}{columns} FROM {table.full_name}"


def _rows(tables: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    if not has_table(tables, table.full_name):
        return set()
    return {repr(each) for each in tables.execute(_compared(table)).fetchall()}
