"""Upkeep of the lake: small files joined, files that no table needs any more deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lake.delta_tables import is_misread, open_table
from schemas import ALL_TABLES
from schemas.table import Table
from writers.table_files import record_checksums

KEPT_HOURS = 7 * 24
"""How long files stay that only older versions of a table need."""


@dataclass(frozen=True)
class Maintained:
    """What upkeep made of one table: its files and bytes on disk before and after."""

    table: Table
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int


def maintain(data_dir: Path) -> Iterator[Maintained]:
    """Compact and clean up one table after the other; the lake's lock must be held.

    Compaction changes no row, so no step has anything to do after it. Files whose checksum the log
    lacks, such as the joined ones, are recorded. A lake in a folder that
    delta-rs takes for another is left as it is: see ``lake.delta_tables``.
    """
    if is_misread(data_dir):
        return
    for table in ALL_TABLES:
        if table.exists(data_dir):
            path = table.path(data_dir)
            files_before, bytes_before = _on_disk(path)
            delta = open_table(path)
            delta.optimize.compact()
            delta.vacuum(KEPT_HOURS, dry_run=False, enforce_retention_duration=False)
            record_checksums(path)
            files_after, bytes_after = _on_disk(path)
            yield Maintained(table, files_before, files_after, bytes_before, bytes_after)


def _on_disk(path: Path) -> tuple[int, int]:
    sizes = [each.stat().st_size for each in path.rglob("*.parquet")]
    return len(sizes), sum(sizes)
