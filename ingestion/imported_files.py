"""What imports of files share: which files were imported, with the counts of their records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engines.models import literal
from engines.scratch_database import session
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.rejected_records import keep_rejections
from lake.reader import open_lake
from lake.stored_rows import rows_query
from loaders.file_series import place_in_series
from loaders.privacy_export import FileProblem
from schemas.ops_schemas import IMPORTED_FILES
from schemas.table import Table
from writers.delta_writer import Written
from writers.row_ids import hash_of


@dataclass(frozen=True)
class SourceFile:
    """A file to import, as ``ops.imported_files`` knows it."""

    user_id: str
    name: str
    kind: str
    fingerprint: str


@dataclass
class RecordCounts:
    """How many records each file holds and how many were rejected; months and spans of the others.

    A row about damage has a reason and no record: it is kept, but is not counted as read.
    """

    read: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)
    spans: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    has_rejections: bool = False

    def add(self, other: "RecordCounts") -> None:
        self.read |= other.read
        self.rejected |= other.rejected
        self.months |= other.months
        self.spans |= other.spans
        self.has_rejections |= other.has_rejections


def imported_files(data_dir: Path, target: Table) -> set[SourceFile]:
    """Return the files whose records ``target`` holds; none where that table was removed."""
    if not (target.exists(data_dir) and IMPORTED_FILES.exists(data_dir)):
        return set()
    with session() as connection:
        files = connection.execute(
            "SELECT user_id, source_file, kind, fingerprint "
            f"FROM ({rows_query(IMPORTED_FILES, data_dir)})"
        ).fetchall()
    return {SourceFile(*each) for each in files}


def record_import(
    lake: Lake, target: Table, sources: Sequence[SourceFile], counts: RecordCounts
) -> None:
    """Append the files of this run to ``ops.imported_files``."""
    with open_lake(lake.data_dir, [target]) as tables:
        kept = dict(
            tables.execute(
                f"SELECT source_file, count(*) FROM {target.full_name} "
                f"WHERE run_id = {literal(lake.run_id)} GROUP BY 1"
            ).fetchall()
        )
    rows = []
    for each in sources:
        read, rejected = counts.read.get(each.name, 0), counts.rejected.get(each.name, 0)
        new = kept.get(each.name, 0)
        place = place_in_series(each.name)
        first, last = counts.spans.get(each.name, (None, None))
        rows.append(
            {
                "user_id": each.user_id,
                "source_file": each.name,
                "fingerprint": each.fingerprint,
                "kind": each.kind,
                "archive": place.archive,
                "series": place.series,
                "file_number": place.number,
                "first_played_at": first,
                "last_played_at": last,
                "records_read": read,
                "records_kept": new,
                "records_known": read - rejected - new,
                "records_rejected": rejected,
                "run_id": lake.run_id,
                "imported_at": lake.now,
            }
        )
    lake.append_rows(IMPORTED_FILES, rows, IMPORTED_FILES.full_name, new_only=False)


def import_result(timer: StepTimer, counts: RecordCounts, written: Written) -> StepResult:
    return timer.result(
        "written",
        rows_in=sum(counts.read.values()),
        rows_out=written.rows,
        rows_rejected=sum(counts.rejected.values()),
        version_written=written.version,
    )


def keep_problems(lake: Lake, problems: Iterable[FileProblem]) -> int:
    """Record files that could not be read at all, each once, and return how many are new."""
    return keep_rejections(lake, _as_rejections(problems))


def _as_rejections(problems: Iterable[FileProblem]) -> list[dict[str, Any]]:
    return [
        {
            "rejected_id": hash_of("|".join((each.user_id, each.name, each.reason))),
            "user_id": each.user_id,
            "source_file": each.name,
            "reason": each.reason,
        }
        for each in problems
    ]
