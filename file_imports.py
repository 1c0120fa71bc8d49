"""Files → bronze: what is new in the exports and the catalogue, and what became of each record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from loaders.export_records import export_records
from loaders.kaggle_catalogue import fingerprint, read_catalogue
from loaders.privacy_export import Discovery, ExportKind, FileProblem, KnownFiles
from mappers.export_mapper import listening_history, parse_records, rejected_records
from mappers.kaggle_mapper import kaggle_tracks, parse_catalogue, rejected_catalogue_rows
from rejections import keep_rejections, new_rejections, rejections_frame
from report.lake_reader import open_lake
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS
from schemas.table import Table
from writers.delta_writer import Written
from writers.local_rows import local_frame
from writers.row_ids import hash_of
from writers.steps import Lake, StepResult, Stopwatch

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
    watch = Stopwatch(LISTENING_HISTORY.full_name)
    known = set() if rebuild else _imported(lake.data_dir, LISTENING_HISTORY)
    found = {
        SourceFile(each.user_id, each.name, each.kind, each.fingerprint): each
        for each in discovery.files
    }
    new_files = {source: file for source, file in found.items() if source not in known}
    problems = new_rejections(lake.data_dir, _as_rejections(discovery.problems))
    if not new_files and not problems:
        return watch.result("nothing_new", rows_out=0)
    parsed = parse_records(export_records(lake.spark, list(new_files.values())), lake.now)
    parsed.persist(StorageLevel.DISK_ONLY)
    counts = _counted(parsed, month=F.date_format("played_at", "yyyy-MM"))
    rejected = rejections_frame(lake, problems)
    if counts.has_rejections:
        rejected = rejected.unionByName(rejected_records(parsed, lake.run_id, lake.now))
    if problems or counts.has_rejections or not REJECTED_RECORDS.exists(lake.data_dir):
        keep_rejections(lake, rejected)
    written = lake.writer.append_new(
        LISTENING_HISTORY,
        listening_history(parsed, lake.run_id, lake.now),
        lake.provenance(LISTENING_HISTORY.full_name),
        # A record's instant is part of what it is known by: it can stand in its own month only.
        among=F.col("played_month").isin(sorted(counts.months)),
    )
    parsed.unpersist()
    _record_import(lake, LISTENING_HISTORY, list(new_files), counts)
    return _written(watch, counts, written)


def known_exports(data_dir: Path) -> KnownFiles:
    """Give the export files that the lake in ``data_dir`` has taken in, with their kinds."""
    known = _imported(data_dir, LISTENING_HISTORY)
    return {(each.name, each.fingerprint): cast(ExportKind, each.kind) for each in known}


def import_catalogue(lake: Lake, path: Path, *, rebuild: bool) -> StepResult:
    """Land the rows of the catalogue that the lake does not hold yet.

    Raises CatalogueError where the file is no such catalogue or cannot be read.
    """
    watch = Stopwatch(KAGGLE_TRACKS.full_name)
    source = SourceFile(lake.settings.user_id, str(path), CATALOGUE_KIND, fingerprint(path))
    if not rebuild and source in _imported(lake.data_dir, KAGGLE_TRACKS):
        return watch.result("nothing_new", rows_out=0)
    parsed = parse_catalogue(read_catalogue(lake.spark, path))
    every_row = {"source_file": F.lit(source.name), "record": F.lit("")}
    counts = _counted(parsed.withColumns(every_row), month=F.lit(None))
    if counts.has_rejections:
        keep_rejections(
            lake,
            rejected_catalogue_rows(parsed, source.name, source.user_id, lake.run_id, lake.now),
        )
    written = lake.writer.append_new(
        KAGGLE_TRACKS,
        kaggle_tracks(parsed, source.name, lake.run_id, lake.now),
        lake.provenance(KAGGLE_TRACKS.full_name),
    )
    _record_import(lake, KAGGLE_TRACKS, [source], counts)
    return _written(watch, counts, written)


def note_problem(lake: Lake, problem: FileProblem) -> None:
    """Keep a file that could not be taken at all in ``ops.rejected_records``, once."""
    if new := new_rejections(lake.data_dir, _as_rejections([problem])):
        keep_rejections(lake, rejections_frame(lake, new))


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


def _written(watch: Stopwatch, counts: _Counts, written: Written) -> StepResult:
    return watch.result(
        "written",
        rows_in=sum(counts.read.values()),
        rows_out=written.rows,
        rows_rejected=sum(counts.rejected.values()),
        version_written=written.version,
    )


def _imported(data_dir: Path, target: Table) -> set[SourceFile]:
    """Give the files whose records ``target`` holds; none where that table is gone."""
    if not (target.exists(data_dir) and IMPORTED_FILES.exists(data_dir)):
        return set()
    with open_lake(data_dir, [IMPORTED_FILES]) as lake:
        files = lake.execute(
            f"SELECT user_id, source_file, kind, fingerprint FROM {IMPORTED_FILES.full_name}"
        ).fetchall()
    return {SourceFile(*each) for each in files}


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
    lake.writer.append(IMPORTED_FILES, files, lake.provenance(IMPORTED_FILES.full_name))


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
