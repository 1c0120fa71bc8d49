"""Files → bronze: what is new in the exports and the catalogue, and what became of each record."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import cast

from deltalake import DeltaTable
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loaders.export_records import export_records
from loaders.kaggle_catalogue import fingerprint, read_catalogue
from loaders.privacy_export import Discovery, ExportKind, FileProblem, KnownFiles
from mappers.export_mapper import listening_history, parse_records, rejected_records
from mappers.kaggle_mapper import kaggle_tracks, parse_catalogue, rejected_catalogue_rows
from report.lake_reader import open_lake
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS
from schemas.table import Table
from writers.delta_writer import Provenance, Written
from writers.local_rows import local_frame
from writers.steps import Lake, StepResult

CATALOGUE_KIND = "catalogue"


@dataclass(frozen=True)
class SourceFile:
    """A file to import, as ``ops.imported_files`` knows it."""

    user_id: str
    name: str
    kind: str
    fingerprint: str


def import_exports(lake: Lake, discovery: Discovery, *, rebuild: bool) -> StepResult:
    """Land the records of every export file that was not imported before.

    Records that the lake holds already are not landed again, whatever file they come in. Broken
    files and records go to ``ops.rejected_records``.
    """
    began = _Stopwatch(LISTENING_HISTORY)
    known = set() if rebuild else _imported(lake.data_dir, LISTENING_HISTORY)
    found = {
        SourceFile(each.user_id, each.name, each.kind, each.fingerprint): each
        for each in discovery.files
    }
    new_files = {source: file for source, file in found.items() if source not in known}
    problems = _not_yet_known(lake, discovery.problems)
    if not new_files and not problems:
        return began.nothing_new()
    parsed = parse_records(export_records(lake.spark, list(new_files.values())), lake.now)
    parsed.persist(StorageLevel.DISK_ONLY)
    counts = _counted(parsed, month=F.date_format("played_at", "yyyy-MM"))
    rejected = _problem_rows(lake, problems)
    if counts.has_rejections:
        rejected = rejected.unionByName(rejected_records(parsed, lake.run_id, lake.now))
    if problems or counts.has_rejections or not REJECTED_RECORDS.exists(lake.data_dir):
        _keep_rejected(lake, rejected)
    written = lake.writer.append_new(
        LISTENING_HISTORY,
        listening_history(parsed, lake.run_id, lake.now),
        _provenance(lake, LISTENING_HISTORY),
        # A record's instant is part of what it is known by: it can stand in its own month only.
        among=F.col("played_month").isin(sorted(counts.months)),
    )
    parsed.unpersist()
    _record_import(lake, LISTENING_HISTORY, list(new_files), counts)
    return began.written(counts, written)


def known_exports(data_dir: Path) -> KnownFiles:
    """Give the export files that the lake in ``data_dir`` has taken in, with their kinds."""
    known = _imported(data_dir, LISTENING_HISTORY)
    return {(each.name, each.fingerprint): cast(ExportKind, each.kind) for each in known}


def import_catalogue(lake: Lake, path: Path, *, rebuild: bool) -> StepResult:
    """Land the rows of the catalogue that the lake does not hold yet.

    Raises CatalogueError where the file is no such catalogue or cannot be read.
    """
    began = _Stopwatch(KAGGLE_TRACKS)
    source = SourceFile(lake.settings.user_id, str(path), CATALOGUE_KIND, fingerprint(path))
    if not rebuild and source in _imported(lake.data_dir, KAGGLE_TRACKS):
        return began.nothing_new()
    parsed = parse_catalogue(read_catalogue(lake.spark, path))
    every_row = {"source_file": F.lit(source.name), "record": F.lit("")}
    counts = _counted(parsed.withColumns(every_row), month=F.lit(None))
    if counts.has_rejections:
        _keep_rejected(
            lake,
            rejected_catalogue_rows(parsed, source.name, source.user_id, lake.run_id, lake.now),
        )
    written = lake.writer.append_new(
        KAGGLE_TRACKS,
        kaggle_tracks(parsed, source.name, lake.run_id, lake.now),
        _provenance(lake, KAGGLE_TRACKS),
    )
    _record_import(lake, KAGGLE_TRACKS, [source], counts)
    return began.written(counts, written)


def note_problem(lake: Lake, problem: FileProblem) -> None:
    """Keep a file that could not be taken at all in ``ops.rejected_records``, once."""
    if new := _not_yet_known(lake, [problem]):
        _keep_rejected(lake, _problem_rows(lake, new))


@dataclass(frozen=True)
class _Counts:
    """How many records each file holds and how many were rejected; the months of the others."""

    read: dict[str, int]
    rejected: dict[str, int]
    months: frozenset[str]
    has_rejections: bool


def _counted(parsed: DataFrame, month: Column) -> _Counts:
    """Count by file; ``parsed`` has source_file, record and reject_reason.

    A damaged file ends with a row that has a reason and no record: kept, but no record read.
    """
    is_rejected = F.col("reject_reason").isNotNull()
    rows = (
        parsed.groupBy("source_file")
        .agg(
            F.count("record").alias("read"),
            F.count_if(F.col("record").isNotNull() & is_rejected).alias("rejected"),
            F.bool_or(is_rejected).alias("has_rejections"),
            F.collect_set(F.when(~is_rejected, month)).alias("months"),
        )
        .collect()
    )
    return _Counts(
        {row["source_file"]: row["read"] for row in rows},
        {row["source_file"]: row["rejected"] for row in rows},
        frozenset().union(*(row["months"] for row in rows)),
        any(row["has_rejections"] for row in rows),
    )


class _Stopwatch:
    def __init__(self, table: Table) -> None:
        self._step = table.full_name
        self._started_at = datetime.now(UTC)
        self._began = monotonic()

    def nothing_new(self) -> StepResult:
        return StepResult(
            self._step, "nothing_new", self._started_at, monotonic() - self._began, rows_out=0
        )

    def written(self, counts: _Counts, written: Written) -> StepResult:
        return StepResult(
            self._step,
            "written",
            self._started_at,
            monotonic() - self._began,
            rows_in=sum(counts.read.values()),
            rows_out=written.rows,
            rows_rejected=sum(counts.rejected.values()),
            version_written=written.version,
        )


def _provenance(lake: Lake, table: Table) -> Provenance:
    return Provenance(lake.run_id, table.full_name, {}, {}, 1)


def _imported(data_dir: Path, target: Table) -> set[SourceFile]:
    """Give the files whose records ``target`` holds; none where that table is gone."""
    if not (target.exists(data_dir) and IMPORTED_FILES.exists(data_dir)):
        return set()
    table = DeltaTable(str(IMPORTED_FILES.path(data_dir)))
    rows = table.to_pyarrow_table(columns=["user_id", "source_file", "kind", "fingerprint"])
    return {
        SourceFile(row["user_id"], row["source_file"], row["kind"], row["fingerprint"])
        for row in rows.to_pylist()
    }


def _record_import(
    lake: Lake, target: Table, sources: Sequence[SourceFile], counts: _Counts
) -> None:
    """Append the files of this run to ``ops.imported_files``."""
    with open_lake(lake.data_dir, [target]) as tables:
        kept = dict(
            tables.execute(
                f"SELECT source_file, count(*) FROM {target.full_name} WHERE run_id = ? GROUP BY 1",
                [lake.run_id],
            ).fetchall()
        )
    rows = []
    for each in sources:
        read, rejected = counts.read.get(each.name, 0), counts.rejected.get(each.name, 0)
        new = kept.get(each.name, 0)
        rows.append(
            {
                "user_id": each.user_id,
                "source_file": each.name,
                "fingerprint": each.fingerprint,
                "kind": each.kind,
                "records_read": read,
                "records_kept": new,
                "records_known": read - rejected - new,
                "records_rejected": rejected,
                "run_id": lake.run_id,
                "imported_at": lake.now,
            }
        )
    files = local_frame(lake.spark, rows, IMPORTED_FILES.schema)
    lake.writer.append(IMPORTED_FILES, files, _provenance(lake, IMPORTED_FILES))


def _keep_rejected(lake: Lake, rows: DataFrame) -> None:
    lake.writer.append_new(REJECTED_RECORDS, rows, _provenance(lake, REJECTED_RECORDS))


def _problem_id(problem: FileProblem) -> str:
    text = "|".join((problem.user_id, problem.name, problem.reason))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _not_yet_known(lake: Lake, problems: Sequence[FileProblem]) -> list[FileProblem]:
    """Leave out what earlier runs already kept, so that a bad file costs no session each run."""
    if not problems or not REJECTED_RECORDS.exists(lake.data_dir):
        return list(problems)
    table = DeltaTable(str(REJECTED_RECORDS.path(lake.data_dir)))
    known = set(table.to_pyarrow_table(columns=["rejected_id"])["rejected_id"].to_pylist())
    return [each for each in problems if _problem_id(each) not in known]


def _problem_rows(lake: Lake, problems: Sequence[FileProblem]) -> DataFrame:
    rows = [
        {
            "rejected_id": _problem_id(each),
            "user_id": each.user_id,
            "source_file": each.name,
            "reason": each.reason,
            "run_id": lake.run_id,
            "rejected_at": lake.now,
        }
        for each in problems
    ]
    return local_frame(lake.spark, rows, REJECTED_RECORDS.schema)
