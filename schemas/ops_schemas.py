"""Ops: what happened, so that nothing goes wrong unseen."""

from pyspark.sql.types import (
    DoubleType,
    LongType,
    MapType,
    StringType,
    TimestampType,
)

from schemas.common_columns import USER_ID
from schemas.table import Table, column

REJECTED_RECORDS = Table(
    layer="ops",
    name="rejected_records",
    description="Records and files that were not taken, with the reason; kept so none is lost.",
    columns=(
        column("rejected_id", StringType(), "hash of what was rejected and why", nullable=False),
        USER_ID,
        column("source_file", StringType(), "file it stood in, zip members after '!'"),
        column("position", LongType(), "place in the file, from 1; null for a whole file"),
        column("reason", StringType(), "why it was not taken, in words", nullable=False),
        column("record", StringType(), "the record as JSON, less personal fields"),
        column("run_id", StringType(), "run that met it first", nullable=False),
        column("rejected_at", TimestampType(), "when it was met first, UTC", nullable=False),
    ),
    key=("rejected_id",),
)

IMPORTED_FILES = Table(
    layer="ops",
    name="imported_files",
    description="Every file that was imported, and what became of its records.",
    columns=(
        USER_ID,
        column("source_file", StringType(), "the file, zip members after '!'", nullable=False),
        column(
            "fingerprint",
            StringType(),
            "size and checksum of a zip member, size and time of change of a loose file",
            nullable=False,
        ),
        column("kind", StringType(), "extended, extended_video, account, … or catalogue"),
        column("records_read", LongType(), "records in the file", nullable=False),
        column("records_kept", LongType(), "records that were new to the lake", nullable=False),
        column("records_known", LongType(), "records that the lake or another file already held"),
        column("records_rejected", LongType(), "records in ops.rejected_records", nullable=False),
        column("run_id", StringType(), "run that imported it", nullable=False),
        column("imported_at", TimestampType(), "UTC", nullable=False),
    ),
    key=("user_id", "source_file", "fingerprint", "run_id"),
)

PIPELINE_RUNS = Table(
    layer="ops",
    name="pipeline_runs",
    description="One row per step of every run: what it read, wrote and how long it took.",
    columns=(
        column("run_id", StringType(), "the run", nullable=False),
        column("step", StringType(), "the step, named after the table it writes", nullable=False),
        column("status", StringType(), "written, nothing_new or failed", nullable=False),
        column("started_at", TimestampType(), "UTC", nullable=False),
        column("seconds", DoubleType(), "how long it took", nullable=False),
        column("rows_in", LongType(), "records read, where they come from files"),
        column("rows_out", LongType(), "rows written"),
        column("rows_rejected", LongType(), "records rejected, where they come from files"),
        column("versions_read", MapType(StringType(), StringType()), "input tables and versions"),
        column("version_written", LongType(), "version of the step's own table after it"),
        column("made_from", StringType(), "JSON: input versions, settings, transform version"),
        column("error", StringType(), "the error in one line, where it failed"),
    ),
    key=("run_id", "step"),
)

PLAY_GAPS = Table(
    layer="ops",
    name="play_gaps",
    description="Times in which plays may have been lost, because nobody asked the API soon enough "
    "or it did not answer.",
    columns=(
        USER_ID,
        column("gap_id", StringType(), "hash of source, kind and lost_from", nullable=False),
        column("source", StringType(), "who may have kept plays back: api", nullable=False),
        column(
            "kind",
            StringType(),
            "window_full: more plays than the API shows; outage: it showed none for long",
            nullable=False,
        ),
        column("lost_from", TimestampType(), "last play known before, UTC", nullable=False),
        column("lost_until", TimestampType(), "first play known after, UTC", nullable=False),
        column("detected_at", TimestampType(), "when it was seen, UTC", nullable=False),
        column("closed_at", TimestampType(), "when an export covered it, UTC; null: still open"),
        column("closed_by", StringType(), "the export that covered it: extended or account"),
        column("run_id", StringType(), "run that saw it", nullable=False),
    ),
    key=("user_id", "gap_id"),
    checks={
        "kind_known": "kind in ('window_full', 'outage')",
        "from_before_until": "lost_from <= lost_until",
    },
)

TABLES = (REJECTED_RECORDS, IMPORTED_FILES, PIPELINE_RUNS, PLAY_GAPS)
