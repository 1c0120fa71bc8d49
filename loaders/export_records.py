"""Reads the records of privacy exports in parallel, a file a task, into one DataFrame."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType

from loaders.privacy_export import ExportFile, UnreadableRecordsError, read_records

RECORDS = StructType(
    [
        StructField("user_id", StringType(), False),
        StructField("source_file", StringType(), False),
        StructField("kind", StringType(), False),
        StructField("position", LongType(), True),
        StructField("record", StringType(), True),
        StructField("problem", StringType(), True),
    ]
)
"""Columns of what was read: a row a record, and a row with ``problem`` for a damaged file."""

_FILES = "user_id string, path string, member string, kind string, fingerprint string"
_ARROW_RECORDS = pa.schema(
    [(each.name, pa.int64() if each.name == "position" else pa.string()) for each in RECORDS]
)
_BATCH_ROWS = 4_000
_MOST_TASKS = 512
# Files that together are smaller are read on the spot: quicker than a worker starts.
SMALL_BYTES = 4_000_000


def export_records(spark: SparkSession, files: Sequence[ExportFile]) -> DataFrame:
    """Give the records of ``files`` with the columns of ``RECORDS``.

    The workers read them in parallel, unless there is little to read.
    ``record`` is JSON text less personal fields, ``position`` counts from 1 in its file. A file
    that is damaged ends with one row that has a ``problem`` and the position where it broke.
    The workers must see the files under the same path as the driver does.
    """
    if sum(each.size for each in files) < SMALL_BYTES:
        batches = (batch for each in files for batch in _read_file(each))
        return spark.createDataFrame(pa.Table.from_batches(batches, _ARROW_RECORDS), RECORDS)
    rows = [
        (each.user_id, str(each.path), each.member, each.kind, each.fingerprint) for each in files
    ]
    tasks = spark.sparkContext.parallelize(rows, max(1, min(len(rows), _MOST_TASKS)))
    return spark.createDataFrame(tasks, _FILES).mapInArrow(_read_files, RECORDS)


def _read_files(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for row in batch.to_pylist():
            yield from _read_file(ExportFile(**{**row, "path": Path(row["path"])}))


def _read_file(file: ExportFile) -> Iterator[pa.RecordBatch]:
    rows = _rows(file)
    while chunk := list(islice(rows, _BATCH_ROWS)):
        yield pa.RecordBatch.from_pylist(chunk, schema=_ARROW_RECORDS)


def _rows(file: ExportFile) -> Iterator[dict[str, object]]:
    head = {"user_id": file.user_id, "source_file": file.name, "kind": file.kind}
    try:
        for position, record in read_records(file):
            yield {**head, "position": position, "record": record}
    except UnreadableRecordsError as error:
        problem = f"{error} (after record {error.records_read})"
        yield {**head, "position": error.records_read + 1, "problem": problem}
