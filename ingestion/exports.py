"""Export files → bronze: their new records, and the result for each record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines import models
from engines.engine import TableRows
from incremental.lake import Lake
from incremental.results import StepResult, StepTimer
from ingestion.early_files import files_read_too_early
from ingestion.imported_files import (
    RecordCounts,
    SourceFile,
    import_result,
    imported_files,
    keep_problems,
    record_import,
)
from ingestion.kept_from import kept_from
from loaders.privacy_export import (
    Discovery,
    ExportFile,
    KnownFiles,
    read_records,
)
from mappers.export_mapper import export_rows
from mappers.whole_exports import whole_export_rows
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import REJECTED_RECORDS
from schemas.staging_schemas import EXPORT_RECORDS

if TYPE_CHECKING:
    import pyarrow as pa


# Smaller amounts are read in this process, which is quicker than starting others.
SMALL_BYTES = 16_000_000
# So few rows that they are still in the processor's cache when they become columns.
_ROWS_OF_A_BATCH = 1_000
_BATCHES_OF_A_ROW_GROUP = 20


def import_exports(lake: Lake, discovery: Discovery, *, rebuild: bool) -> StepResult:
    """Append the records of every export file that was not imported before.

    Records that the lake holds already are skipped, whatever file they come in, and so are those
    before the instant from which a person's records are kept. Broken files and records go to
    ``ops.rejected_records``.
    """
    timer = StepTimer(LISTENING_HISTORY.full_name)
    known = set() if rebuild else _known_files(lake.data_dir, lake.now)
    found = {
        SourceFile(each.user_id, each.name, each.kind, each.fingerprint): each
        for each in discovery.files
    }
    new_files = {source: file for source, file in found.items() if source not in known}
    rejected = keep_problems(lake, discovery.problems)
    if not new_files:
        return timer.result("written" if rejected else "nothing_new", rows_out=0)
    folder = lake.scratch / EXPORT_RECORDS.name
    counts = _stage(list(new_files.values()), folder, lake.now, kept_from(lake.data_dir))
    staged = tuple(sorted(folder.glob("*.parquet")))
    lake.engine.bind(TableRows(EXPORT_RECORDS, staged, frozenset(EXPORT_RECORDS.column_names)))
    parameters = {"run_id": lake.run_id, "now": lake.now.isoformat()}
    if counts.has_rejections or not REJECTED_RECORDS.exists(lake.data_dir):
        lake.bind(REJECTED_RECORDS)
        models.compute(lake.engine, "rejected_export_records", parameters)
        lake.append(REJECTED_RECORDS, "rejected_export_records", REJECTED_RECORDS.full_name)
    # A record's instant is part of its identity, so a duplicate is in the same month.
    lake.bind(LISTENING_HISTORY, partitions=counts.months)
    models.compute(lake.engine, "new_history_records", parameters)
    written = lake.append(LISTENING_HISTORY, "new_history_records", LISTENING_HISTORY.full_name)
    lake.engine.forget(["rejected_export_records", "new_history_records", EXPORT_RECORDS.full_name])
    record_import(lake, LISTENING_HISTORY, list(new_files), counts)
    return import_result(timer, counts, written)


def known_exports(data_dir: Path, now: datetime) -> KnownFiles:
    """Return the export files that need not be read again as of ``now``, UTC, with their kinds."""
    known = _known_files(data_dir, now)
    return {(each.name, each.fingerprint): each.kind for each in known}


def known_people(data_dir: Path) -> set[str]:
    """Return the people whose files the lake in ``data_dir`` has imported."""
    return {each.user_id for each in imported_files(data_dir, LISTENING_HISTORY)}


def _known_files(data_dir: Path, now: datetime) -> set[SourceFile]:
    early = files_read_too_early(data_dir, now)
    files = imported_files(data_dir, LISTENING_HISTORY)
    return {each for each in files if (each.user_id, each.name) not in early}


def _stage(
    files: Sequence[ExportFile], folder: Path, now: datetime, since: Mapping[str, datetime]
) -> RecordCounts:
    """Write the records of each file as one Parquet file, several files at a time.

    Of people in ``since`` those before that instant are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = RecordCounts()
    targets = [folder / f"{number:06}.parquet" for number in range(len(files))]
    if len(files) < 2 or sum(each.size for each in files) < SMALL_BYTES:
        for file, target in zip(files, targets, strict=True):
            counts.add(stage_file(file, target, now, since.get(file.user_id)))
        return counts
    # The largest first, so that no large file is left to one process at the end.
    work = sorted(zip(files, targets, strict=True), key=lambda pair: -pair[0].size)
    from engines.no_pandas import keep_pandas_out

    context = get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, initializer=keep_pandas_out) as pool:
        pending = [
            pool.submit(stage_file, file, target, now, since.get(file.user_id))
            for file, target in work
        ]
        for each in pending:
            counts.add(each.result())
    return counts


def stage_file(
    file: ExportFile, target: Path, now: datetime, since: datetime | None
) -> RecordCounts:
    """Write the records of a file as one Parquet file of ``staging.export_records``; count them.

    Those before ``since`` are left out.
    """
    # Arrow takes a while to import, and most commands read no file.
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow.parquet import ParquetWriter

    from engines.arrow import arrow_schema

    schema = arrow_schema(EXPORT_RECORDS.columns)
    records = read_records(file)
    with ParquetWriter(target, schema, compression="lz4") as writer:
        if isinstance(records, list):
            rows = whole_export_rows(records, file.user_id, file.name, file.kind, now)
            if rows is not None:
                kept = rows if since is None else rows.filter(pc.field("played_at") >= since)
                writer.write_table(kept)
                return _counts(rows, kept, file.name, since)
        counts = RecordCounts({file.name: 0}, {file.name: 0})
        numbered = enumerate(records, start=1)
        each_alone = export_rows(numbered, file.user_id, file.name, file.kind, now)
        batches = _batches(_counted(each_alone, file.name, counts, since), schema)
        while group := list(islice(batches, _BATCHES_OF_A_ROW_GROUP)):
            writer.write_table(pa.Table.from_batches(group, schema))
    return counts


def _counts(rows: "pa.Table", kept: "pa.Table", name: str, since: datetime | None) -> RecordCounts:
    """Return the counts of a file of which no record is rejected."""
    import pyarrow.compute as pc

    span = pc.min_max(rows["played_at"]).as_py()
    return RecordCounts(
        read={name: rows.num_rows},
        rejected={name: 0},
        months=set(pc.unique(kept["played_month"]).to_pylist()),
        spans={name: (_not_before(span["min"], since), _not_before(span["max"], since))},
    )


def _not_before(at: datetime, since: datetime | None) -> datetime:
    """Return an instant, that since which records are kept where it is before that.

    A file of earlier records is not missing, and says nothing of when they were.
    """
    return at if since is None else max(at, since)


def _batches(rows: Iterator[dict[str, Any]], schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    while chunk := list(islice(rows, _ROWS_OF_A_BATCH)):
        columns = [pa.array([row.get(each.name) for row in chunk], each.type) for each in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _counted(
    rows: Iterable[dict[str, Any]], name: str, counts: RecordCounts, since: datetime | None
) -> Iterator[dict[str, Any]]:
    for row in rows:
        is_record, is_rejected = "record" in row, row["reject_reason"] is not None
        played_at = row.get("played_at")
        counts.read[name] += is_record
        if is_record and not is_rejected:
            at = _not_before(row["played_at"], since)
            first, last = counts.spans.get(name, (at, at))
            counts.spans[name] = (min(first, at), max(last, at))
        # Where its time cannot be read, it may be of one that was purged.
        if since is not None and is_record and (played_at is None or played_at < since):
            continue
        counts.rejected[name] += is_record and is_rejected
        counts.has_rejections |= is_rejected
        if not is_rejected:
            counts.months.add(row["played_month"])
        yield row
