"""A lake of two small tables that grows by commits, and what is in it."""

from pathlib import Path
from typing import Any

from lake.provenance import Provenance
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.lakes import table_folders
from schemas.silver_schemas import TRACKS
from schemas.table import Table
from tests.lakes import row_counts, rows_of
from tests.report.small_lakes import at, track
from writers.delta_writer import publish
from writers.row_files import write_rows
from writers.table_files import WriteMode

Row = dict[str, Any]


def record(day: int, **others: Any) -> Row:
    """Return a record of bronze, played on a day of January 2026."""
    played_at = at(day)
    return {
        "user_id": "me",
        "record_id": f"record {day}",
        "source": "extended",
        "played_at": played_at,
        "date": played_at.date(),
        "played_month": f"{played_at:%Y-%m}",
        "media_type": "track",
        "track_name": f"Song {day}",
        "source_file": "endsong_0.json",
        "run_id": "run",
        "ingested_at": played_at,
        **others,
    }


def commit(
    data_dir: Path,
    table: Table,
    rows: list[Row],
    mode: WriteMode = "append",
    reads: dict[str, int] | None = None,
) -> int:
    """Commit rows to a table as a run does, and return the version."""
    staged = data_dir / ".scratch" / "test"
    files = write_rows(table, rows, staged)
    provenance = Provenance("run", table.full_name, reads or {}, {}, 1)
    return publish(table, table.path(data_dir), staged, files, provenance, mode=mode).version


def small_lake(data_dir: Path) -> Path:
    """Make a lake with two records and two tracks."""
    commit(data_dir, LISTENING_HISTORY, [record(1), record(2)])
    commit(data_dir, TRACKS, [track("One"), track("Two")])
    return data_dir


def grow(data_dir: Path, day: int) -> None:
    """Add a record, and compute the tracks again."""
    commit(data_dir, LISTENING_HISTORY, [record(day)])
    commit(data_dir, TRACKS, [track("One", plays=day), track("Two")], "overwrite")


def content(data_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of a lake."""
    return {name: rows_of(data_dir, name) for name in row_counts(data_dir)}


def data_files(data_dir: Path) -> list[Path]:
    """Return the data files on disk of a lake, those of no present version too."""
    return sorted(file for each in table_folders(data_dir) for file in each.rglob("*.parquet"))
