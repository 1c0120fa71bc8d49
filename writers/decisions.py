"""What a person decides on the page, committed at once and without an engine.

The commit names the person, so that the next run recomputes what the decision affects for this
person alone. Each function takes the lake's lock: it raises LakeBusyError while a run holds it, and
LakeUnwritableError.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

from config.run_id import new_run_id
from engines.parquet import scan
from engines.scratch_database import session
from lake.provenance import Provenance
from lake.table_rows import table_rows
from schemas.decision_schemas import EXCLUDED_KINDS, EXCLUSION_SOURCES, EXCLUSIONS
from schemas.table import Table
from writers.delta_writer import publish
from writers.lake_lock import SCRATCH_FOLDER, lake_lock
from writers.row_files import write_rows

Row = Mapping[str, Any]


def exclude(
    data_dir: Path,
    user_id: str,
    kind: str,
    item_key: str,
    name: str | None,
    now: datetime,
    *,
    source: str = "page",
) -> bool:
    """Exclude an artist, track, album or show from a person's statistics.

    ``item_key`` is the artist_key, the track_key, or what ``lake.decisions.album_key`` or
    ``show_key`` returns; ``name`` is shown. Returns whether it was not excluded yet. Raises
    ValueError for an unknown kind or source.
    """
    if kind not in EXCLUDED_KINDS or source not in EXCLUSION_SOURCES or not item_key:
        raise ValueError(f"cannot exclude {kind} {item_key!r} by {source}")
    row = {
        "user_id": user_id,
        "kind": kind,
        "item_key": item_key,
        "name": name,
        "source": source,
        "excluded_at": now,
    }
    return _put(data_dir, EXCLUSIONS, row, now)


def include_again(data_dir: Path, user_id: str, kind: str, item_key: str, now: datetime) -> bool:
    """Count again what a person excluded; return whether it was excluded."""
    row = {"user_id": user_id, "kind": kind, "item_key": item_key}
    return _remove(data_dir, EXCLUSIONS, row, now)


def _put(data_dir: Path, table: Table, row: Row, now: datetime) -> bool:
    """Add a row; of one with its key that is there, the older stays."""

    def added(rows: list[Row]) -> list[Row]:
        return rows if any(_same_key(table, row, each) for each in rows) else [*rows, row]

    return _change(data_dir, table, str(row["user_id"]), now, added)


def _remove(data_dir: Path, table: Table, row: Row, now: datetime) -> bool:
    def rest(rows: list[Row]) -> list[Row]:
        return [each for each in rows if not _same_key(table, row, each)]

    return _change(data_dir, table, str(row["user_id"]), now, rest)


def _change(
    data_dir: Path,
    table: Table,
    user_id: str,
    now: datetime,
    change: Callable[[list[Row]], list[Row]],
) -> bool:
    """Replace the rows of a small table by changed ones in one commit, none where they are equal.

    Returns whether they differed.
    """
    with lake_lock(data_dir):
        rows = _rows(table, data_dir)
        changed = change(rows)
        if changed == rows:
            return False
        run_id = new_run_id(now)
        staged = data_dir / SCRATCH_FOLDER / run_id
        staged.mkdir(parents=True, exist_ok=True)
        try:
            files = write_rows(table, changed, staged)
            provenance = Provenance(run_id, table.full_name, {}, {}, 1, affected={user_id: ()})
            path = table.path(data_dir)
            publish(table, path, staged, files, provenance, mode="overwrite")
        finally:
            rmtree(staged, ignore_errors=True)
    return True


def _rows(table: Table, data_dir: Path) -> list[Row]:
    rows = table_rows(table, data_dir)
    with session() as connection:
        found = connection.execute(scan(table, rows.files, rows.columns)).to_arrow_table()
    return list(found.to_pylist())


def _same_key(table: Table, one: Row, other: Row) -> bool:
    return all(one[name] == other[name] for name in table.key)
