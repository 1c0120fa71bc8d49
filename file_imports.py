"""Files → bronze: what is new in the exports and the catalogue, and what became of each record."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engines import models
from engines.engine import TableRows
from engines.parquet import scan, write_parquet
from engines.scratch_database import session
from incremental.lake import Lake
from incremental.results import StepResult, Stopwatch
from loaders.file_series import place_in_series
from loaders.kaggle_catalogue import catalogue_query, fingerprint, read_errors_named
from loaders.privacy_export import (
    Discovery,
    ExportFile,
    ExportKind,
    FileProblem,
    KnownFiles,
    read_records,
)
from mappers.export_mapper import export_rows
from mappers.kaggle_mapper import catalogue_rows
from rejections import keep_rejections
from report.lake_reader import open_lake
from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS
from schemas.staging_schemas import CATALOGUE_ROWS, EXPORT_RECORDS
from schemas.table import Table
from writers.delta_writer import Written
from writers.row_ids import hash_of

if TYPE_CHECKING:
    import pyarrow as pa

CATALOGUE_KIND = "catalogue"
# Files that together are smaller are read on the spot: quicker than a process starts.
SMALL_BYTES = 16_000_000
# So few rows that they are still in the processor's cache when they become columns.
_ROWS_OF_A_BATCH = 1_000
_BATCHES_OF_A_ROW_GROUP = 20


@dataclass(frozen=True)
class SourceFile:
    """A file to import, as ``ops.imported_files`` knows it."""

    user_id: str
    name: str
    kind: str
    fingerprint: str


@dataclass
class _Counts:
    """How many records each file holds and how many were rejected; months and spans of the others.

    A row that tells of a damage has a reason and no record: kept, but no record read.
    """

    read: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)
    spans: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    has_rejections: bool = False

    def add(self, other: "_Counts") -> None:
        self.read |= other.read
        self.rejected |= other.rejected
        self.months |= other.months
        self.spans |= other.spans
        self.has_rejections |= other.has_rejections


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
    rejected = keep_rejections(lake, _as_rejections(discovery.problems))
    if not new_files:
        return watch.result("written" if rejected else "nothing_new", rows_out=0)
    folder = lake.scratch / EXPORT_RECORDS.name
    counts = _stage(list(new_files.values()), folder, lake.now)
    staged = tuple(sorted(folder.glob("*.parquet")))
    lake.engine.bind(TableRows(EXPORT_RECORDS, staged, frozenset(EXPORT_RECORDS.column_names)))
    parameters = {"run_id": lake.run_id, "now": lake.now.isoformat()}
    if counts.has_rejections or not REJECTED_RECORDS.exists(lake.data_dir):
        lake.bind(REJECTED_RECORDS)
        models.compute(lake.engine, "rejected_export_records", parameters)
        lake.append(REJECTED_RECORDS, "rejected_export_records", REJECTED_RECORDS.full_name)
    # A record's instant is part of what it is known by: it can stand in its own month only.
    lake.bind(LISTENING_HISTORY, partitions=counts.months)
    models.compute(lake.engine, "new_history_records", parameters)
    written = lake.append(LISTENING_HISTORY, "new_history_records", LISTENING_HISTORY.full_name)
    lake.engine.forget(["rejected_export_records", "new_history_records", EXPORT_RECORDS.full_name])
    _record_import(lake, LISTENING_HISTORY, list(new_files), counts)
    return _written(watch, counts, written)


def known_exports(data_dir: Path) -> KnownFiles:
    """Return the export files that the lake in ``data_dir`` has imported, with their kinds."""
    known = _imported(data_dir, LISTENING_HISTORY)
    return {(each.name, each.fingerprint): cast(ExportKind, each.kind) for each in known}


def known_people(data_dir: Path) -> set[str]:
    """Return the people of whom the lake in ``data_dir`` has imported files."""
    return {each.user_id for each in _imported(data_dir, LISTENING_HISTORY)}


def import_catalogue(lake: Lake, path: Path, *, rebuild: bool) -> StepResult:
    """Land the rows of the catalogue that the lake does not hold yet.

    Raises CatalogueError where the file is no such catalogue or cannot be read.
    """
    watch = Stopwatch(KAGGLE_TRACKS.full_name)
    source = SourceFile(lake.settings.user_id, str(path), CATALOGUE_KIND, fingerprint(path))
    if not rebuild and source in _imported(lake.data_dir, KAGGLE_TRACKS):
        return watch.result("nothing_new", rows_out=0)
    staged, counts = _stage_catalogue(path, source, lake.scratch / CATALOGUE_ROWS.name)
    lake.engine.bind(TableRows(CATALOGUE_ROWS, staged, frozenset(CATALOGUE_ROWS.column_names)))
    parameters = {
        "run_id": lake.run_id,
        "now": lake.now.isoformat(),
        "source_file": source.name,
    }
    if counts.has_rejections:
        lake.bind(REJECTED_RECORDS)
        models.compute(lake.engine, "rejected_catalogue_rows", parameters)
        lake.append(REJECTED_RECORDS, "rejected_catalogue_rows", REJECTED_RECORDS.full_name)
    lake.bind(KAGGLE_TRACKS)
    models.compute(lake.engine, "new_catalogue_rows", parameters)
    written = lake.append(KAGGLE_TRACKS, "new_catalogue_rows", KAGGLE_TRACKS.full_name)
    lake.engine.forget(["rejected_catalogue_rows", "new_catalogue_rows", CATALOGUE_ROWS.full_name])
    _record_import(lake, KAGGLE_TRACKS, [source], counts)
    return _written(watch, counts, written)


def note_problem(lake: Lake, problem: FileProblem) -> None:
    """Keep a file that could not be taken at all in ``ops.rejected_records``, once."""
    keep_rejections(lake, _as_rejections([problem]))


def _stage(files: Sequence[ExportFile], folder: Path, now: datetime) -> _Counts:
    """Write the records of each file as one Parquet file, several files at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = _Counts()
    targets = [folder / f"{number:06}.parquet" for number in range(len(files))]
    if len(files) < 2 or sum(each.size for each in files) < SMALL_BYTES:
        for file, target in zip(files, targets, strict=True):
            counts.add(_stage_file(file, target, now))
        return counts
    # The largest first, so that none is left to a single process at the end.
    work = sorted(zip(files, targets, strict=True), key=lambda pair: -pair[0].size)
    context = get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=_prepare_process) as pool:
        pending = [pool.submit(_stage_file, file, target, now) for file, target in work]
        for each in pending:
            counts.add(each.result())
    return counts


def _prepare_process() -> None:
    from engines.arrow import keep_pandas_out

    keep_pandas_out()


def _stage_file(file: ExportFile, target: Path, now: datetime) -> _Counts:
    # Arrow takes a while to import, and most commands read no file.
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    from engines.arrow import arrow_schema

    schema = arrow_schema(EXPORT_RECORDS.columns)
    counts = _Counts({file.name: 0}, {file.name: 0})
    rows = export_rows(read_records(file), file.user_id, file.name, file.kind, now)
    batches = _batches(_counted(rows, file.name, counts), schema)
    with ParquetWriter(target, schema, compression="lz4") as writer:
        while group := list(islice(batches, _BATCHES_OF_A_ROW_GROUP)):
            writer.write_table(pa.Table.from_batches(group, schema))
    return counts


def _batches(rows: Iterator[dict[str, Any]], schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    while chunk := list(islice(rows, _ROWS_OF_A_BATCH)):
        columns = [pa.array([row.get(each.name) for row in chunk], each.type) for each in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _counted(
    rows: Iterable[dict[str, Any]], name: str, counts: _Counts
) -> Iterator[dict[str, Any]]:
    for row in rows:
        is_record, is_rejected = "record" in row, row["reject_reason"] is not None
        counts.read[name] += is_record
        counts.rejected[name] += is_record and is_rejected
        counts.has_rejections |= is_rejected
        if not is_rejected:
            counts.months.add(row["played_month"])
            played_at = row["played_at"]
            first, last = counts.spans.get(name, (played_at, played_at))
            counts.spans[name] = (min(first, played_at), max(last, played_at))
        yield row


def _stage_catalogue(
    path: Path, source: SourceFile, folder: Path
) -> tuple[tuple[Path, ...], _Counts]:
    """Write the rows of the catalogue as a Parquet file and count them."""
    query = catalogue_rows(catalogue_query(path), source.user_id)
    names = ", ".join(CATALOGUE_ROWS.column_names)
    with session() as connection:
        with read_errors_named(path):
            files = write_parquet(
                connection, f"SELECT {names} FROM ({query})", CATALOGUE_ROWS, folder
            )
        ((read, rejected),) = connection.execute(
            "SELECT count(*), count(reject_reason) "
            f"FROM ({scan(CATALOGUE_ROWS, files, CATALOGUE_ROWS.column_names)})"
        ).fetchall()
    counts = _Counts({source.name: read}, {source.name: rejected}, has_rejections=rejected > 0)
    return tuple(files), counts


def _written(watch: Stopwatch, counts: _Counts, written: Written) -> StepResult:
    return watch.result(
        "written",
        rows_in=sum(counts.read.values()),
        rows_out=written.rows,
        rows_rejected=sum(counts.rejected.values()),
        version_written=written.version,
    )


def _imported(data_dir: Path, target: Table) -> set[SourceFile]:
    """Return the files whose records ``target`` holds; none where that table is gone."""
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
                f"SELECT source_file, count(*) FROM {target.full_name} "
                f"WHERE run_id = {models.literal(lake.run_id)} GROUP BY 1"
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
