"""Files → bronze: what is new in the exports and the catalogue, and what became of each record."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from deltalake import DeltaTable
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from loaders.export_records import export_records
from loaders.kaggle_catalogue import fingerprint, read_catalogue
from loaders.privacy_export import Discovery, FileProblem
from mappers.export_mapper import listening_history, parse_records, rejected_records
from mappers.kaggle_mapper import kaggle_tracks, parse_catalogue, rejected_catalogue_rows
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS
from schemas.table import Table
from writers.delta_writer import Provenance
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
    known = set() if rebuild else _imported(lake, LISTENING_HISTORY)
    new_files = [
        each
        for each in discovery.files
        if SourceFile(each.user_id, each.name, each.kind, each.fingerprint) not in known
    ]
    problems = _not_yet_known(lake, discovery.problems)
    if not new_files and not problems:
        return began.nothing_new()
    parsed = parse_records(export_records(lake.spark, new_files), lake.now)
    parsed.persist(StorageLevel.DISK_ONLY)
    rejected = rejected_records(parsed, lake.run_id, lake.now).unionByName(
        _problem_rows(lake, problems)
    )
    lake.writer.append_new(REJECTED_RECORDS, rejected, _provenance(lake, REJECTED_RECORDS))
    written = lake.writer.append_new(
        LISTENING_HISTORY,
        listening_history(parsed, lake.run_id, lake.now),
        _provenance(lake, LISTENING_HISTORY),
    )
    counts = parsed.groupBy("user_id", "source_file").agg(
        F.count("record").alias("records_read"),
        F.count_if(F.col("record").isNotNull() & F.col("reject_reason").isNotNull()).alias(
            "records_rejected"
        ),
    )
    sources = [
        SourceFile(each.user_id, each.name, each.kind, each.fingerprint) for each in new_files
    ]
    read, refused = _record_import(lake, LISTENING_HISTORY, sources, counts)
    parsed.unpersist()
    return began.written(read, written.rows, refused, written.version)


def import_catalogue(lake: Lake, path: Path, *, rebuild: bool) -> StepResult:
    """Land the rows of the catalogue that the lake does not hold yet.

    Raises CatalogueError where the file is no such catalogue or cannot be read.
    """
    began = _Stopwatch(KAGGLE_TRACKS)
    source = SourceFile(lake.settings.user_id, str(path), CATALOGUE_KIND, fingerprint(path))
    if not rebuild and source in _imported(lake, KAGGLE_TRACKS):
        return began.nothing_new()
    parsed = parse_catalogue(read_catalogue(lake.spark, path))
    rejected = rejected_catalogue_rows(parsed, source.name, source.user_id, lake.run_id, lake.now)
    lake.writer.append_new(REJECTED_RECORDS, rejected, _provenance(lake, REJECTED_RECORDS))
    written = lake.writer.append_new(
        KAGGLE_TRACKS,
        kaggle_tracks(parsed, source.name, lake.run_id, lake.now),
        _provenance(lake, KAGGLE_TRACKS),
    )
    counts = parsed.groupBy(
        F.lit(source.user_id).alias("user_id"), F.lit(source.name).alias("source_file")
    ).agg(F.count("*").alias("records_read"), F.count("reject_reason").alias("records_rejected"))
    read, refused = _record_import(lake, KAGGLE_TRACKS, [source], counts)
    return began.written(read, written.rows, refused, written.version)


def note_problem(lake: Lake, problem: FileProblem) -> None:
    """Keep a file that could not be taken at all in ``ops.rejected_records``, once."""
    if new := _not_yet_known(lake, [problem]):
        lake.writer.append_new(
            REJECTED_RECORDS, _problem_rows(lake, new), _provenance(lake, REJECTED_RECORDS)
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

    def written(self, read: int, kept: int, rejected: int, version: int) -> StepResult:
        seconds = monotonic() - self._began
        return StepResult(
            self._step,
            "written",
            self._started_at,
            seconds,
            rows_in=read,
            rows_out=kept,
            rows_rejected=rejected,
            version_written=version,
        )


def _provenance(lake: Lake, table: Table) -> Provenance:
    return Provenance(lake.run_id, table.full_name, {}, {}, 1)


def _imported(lake: Lake, target: Table) -> set[SourceFile]:
    """Give the files whose records ``target`` holds; none where that table is gone."""
    if not (target.exists(lake.data_dir) and IMPORTED_FILES.exists(lake.data_dir)):
        return set()
    table = DeltaTable(str(IMPORTED_FILES.path(lake.data_dir)))
    rows = table.to_pyarrow_table(columns=["user_id", "source_file", "kind", "fingerprint"])
    return {
        SourceFile(row["user_id"], row["source_file"], row["kind"], row["fingerprint"])
        for row in rows.to_pylist()
    }


def _record_import(
    lake: Lake, target: Table, sources: Sequence[SourceFile], counts: DataFrame
) -> tuple[int, int]:
    """Append the files of this run to ``ops.imported_files``; give records read and rejected."""
    kept = (
        lake.read(target)
        .where(F.col("run_id") == lake.run_id)
        .groupBy("source_file")
        .agg(F.count("*").alias("records_kept"))
    )
    files = lake.spark.createDataFrame(
        [(each.user_id, each.name, each.kind, each.fingerprint) for each in sources],
        "user_id string, source_file string, kind string, fingerprint string",
    )
    zero = F.lit(0)
    rows = (
        files.join(counts, on=["user_id", "source_file"], how="left")
        .join(kept, on="source_file", how="left")
        .select(
            *files.columns,
            *(
                F.coalesce(name, zero).alias(name)
                for name in ("records_read", "records_kept", "records_rejected")
            ),
            F.lit(lake.run_id).alias("run_id"),
            F.lit(lake.now).cast("timestamp").alias("imported_at"),
        )
        .withColumn(
            "records_known",
            F.col("records_read") - F.col("records_kept") - F.col("records_rejected"),
        )
    )
    lake.writer.append_new(IMPORTED_FILES, rows, _provenance(lake, IMPORTED_FILES))
    table = DeltaTable(str(IMPORTED_FILES.path(lake.data_dir))).to_pyarrow_table(
        columns=["source_file", "records_read", "records_rejected"],
        filters=[("run_id", "=", lake.run_id)],
    )
    names = {each.name for each in sources}
    mine = [row for row in table.to_pylist() if row["source_file"] in names]
    return sum(row["records_read"] for row in mine), sum(row["records_rejected"] for row in mine)


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
        (
            _problem_id(each),
            each.user_id,
            each.name,
            None,
            each.reason,
            None,
            lake.run_id,
            lake.now,
        )
        for each in problems
    ]
    return lake.spark.createDataFrame(rows, REJECTED_RECORDS.schema)
