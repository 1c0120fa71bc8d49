"""Ops: what happened in runs, so that no failure goes unnoticed."""

from schemas.common_columns import USER_ID
from schemas.table import KEPT, LEFT_OUT, PSEUDONYM, Table, column
from schemas.types import BIGINT, DOUBLE, STRING, TIMESTAMP, mapping

REJECTED_RECORDS = Table(
    layer="ops",
    name="rejected_records",
    description="Rejected records and files, with the reason; kept so none is lost.",
    columns=(
        column(
            "rejected_id",
            STRING,
            "hash of what was rejected and why",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        USER_ID,
        column("source_file", STRING, "its file, zip members after '!'", in_export=LEFT_OUT),
        column("position", BIGINT, "place in the file, from 1; null for a whole file"),
        column(
            "reason", STRING, "why it was rejected, as text", nullable=False, in_export=LEFT_OUT
        ),
        column("record", STRING, "the record as JSON, without personal fields", in_export=LEFT_OUT),
        column("run_id", STRING, "run that first found it", nullable=False, in_export=KEPT),
        column("rejected_at", TIMESTAMP, "when it was first found, UTC", nullable=False),
    ),
    key=("rejected_id",),
)

IMPOSSIBLE_PLAYS = {
    "copy": "the same play stands there under another platform: it counts once",
    "overlap": "the same track was still playing: nobody hears it twice at once",
}
"""Reasons for records that stay in bronze but are not plays, by their kind in the model
``impossible_records``; each has its ``record_id`` in ``record``."""

IMPORTED_FILES = Table(
    layer="ops",
    name="imported_files",
    description="Every file that was imported, with the counts of its records.",
    columns=(
        USER_ID,
        column(
            "source_file",
            STRING,
            "the file, zip members after '!'",
            nullable=False,
            in_export=LEFT_OUT,
        ),
        column(
            "fingerprint",
            STRING,
            "size and checksum of a zip member, size and time of change of a loose file",
            nullable=False,
            in_export=LEFT_OUT,
        ),
        column(
            "kind", STRING, "extended, account, account_audiobook, … or catalogue", in_export=KEPT
        ),
        column("archive", STRING, "zip or folder that the file came in", in_export=LEFT_OUT),
        column(
            "series",
            STRING,
            "its name without years and number: streaming_history_audio …",
            in_export=LEFT_OUT,
        ),
        column("file_number", BIGINT, "its number in the series, from 0"),
        column("first_played_at", TIMESTAMP, "earliest play in it, UTC"),
        column("last_played_at", TIMESTAMP, "latest play in it, UTC"),
        column("records_read", BIGINT, "records in the file", nullable=False),
        column("records_kept", BIGINT, "records that were new to the lake", nullable=False),
        column(
            "records_known",
            BIGINT,
            "records that the lake or another file already held, or that were purged",
        ),
        column("records_rejected", BIGINT, "records in ops.rejected_records", nullable=False),
        column("run_id", STRING, "run that imported it", nullable=False, in_export=KEPT),
        column("imported_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("user_id", "source_file", "fingerprint", "run_id"),
)

PIPELINE_RUNS = Table(
    layer="ops",
    name="pipeline_runs",
    description="One row per step of every run: what it read, wrote and how long it took.",
    columns=(
        column("run_id", STRING, "the run", nullable=False, in_export=KEPT),
        column(
            "step",
            STRING,
            "the step, named after the table it writes",
            nullable=False,
            in_export=KEPT,
        ),
        column("status", STRING, "written, nothing_new or failed", nullable=False, in_export=KEPT),
        column("started_at", TIMESTAMP, "UTC", nullable=False),
        column("seconds", DOUBLE, "how long it took", nullable=False),
        column("rows_in", BIGINT, "records read, where they come from files"),
        column("rows_out", BIGINT, "rows written"),
        column("rows_rejected", BIGINT, "records rejected, where they come from files"),
        column(
            "versions_read", mapping(STRING, STRING), "input tables and versions", in_export=KEPT
        ),
        column("version_written", BIGINT, "version of the step's own table after it"),
        column(
            "made_from",
            STRING,
            "JSON: input versions, settings, transform version",
            in_export=LEFT_OUT,
        ),
        column("error", STRING, "the error in one line, where it failed", in_export=LEFT_OUT),
        column("engine", STRING, "the engine that computed: duckdb or spark", in_export=KEPT),
        column(
            "engine_version", STRING, "its version; null where nothing was computed", in_export=KEPT
        ),
        column(
            "engine_settings",
            mapping(STRING, STRING),
            "its settings, such as memory",
            in_export=KEPT,
        ),
        column(
            "soundlake_version",
            STRING,
            "release that ran; null before it was recorded",
            in_export=LEFT_OUT,
        ),
    ),
    key=("run_id", "step"),
)

PLAY_GAPS = Table(
    layer="ops",
    name="play_gaps",
    description="Times in which plays may have been lost: the API was not polled in time, it did "
    "not answer, or a file of an export is missing.",
    columns=(
        USER_ID,
        column(
            "gap_id",
            STRING,
            "hash of source, kind and what was lost",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column(
            "source",
            STRING,
            "whose plays may be lost: api or extended",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "kind",
            STRING,
            "window_full: more plays than the API shows; outage: it showed none for long; "
            "missing_file: the numbers of an export's files skip one",
            nullable=False,
            in_export=KEPT,
        ),
        column("lost_from", TIMESTAMP, "last play known before, UTC; null: all before lost_until"),
        column("lost_until", TIMESTAMP, "first play known after, UTC", nullable=False),
        column("detected_at", TIMESTAMP, "when it was seen, UTC", nullable=False),
        column(
            "missing_files",
            STRING,
            "names of the files that are missing, as far as known",
            in_export=LEFT_OUT,
        ),
        column("closed_at", TIMESTAMP, "when an export covered it, UTC; null: still open"),
        column(
            "closed_by", STRING, "the export that covered it: extended or account", in_export=KEPT
        ),
        column("run_id", STRING, "run that saw it", nullable=False, in_export=KEPT),
    ),
    key=("user_id", "gap_id"),
    checks={
        "kind_known": "kind in ('window_full', 'outage', 'missing_file')",
        "from_before_until": "lost_from is null or lost_from <= lost_until",
    },
)

CHECKS = Table(
    layer="ops",
    name="checks",
    description="The checks that each run made of the rows that it changed.",
    columns=(
        column("run_id", STRING, "run that checked", nullable=False, in_export=KEPT),
        column("table_name", STRING, "table that was checked", nullable=False, in_export=KEPT),
        column("check_name", STRING, "what must hold", nullable=False, in_export=KEPT),
        column("status", STRING, "ok or failed", nullable=False, in_export=KEPT),
        column("failures", BIGINT, "rows, people or months that fail it"),
        column(
            "example", STRING, "the first of them, as text; null where it holds", in_export=LEFT_OUT
        ),
        column("people", BIGINT, "people whose rows were checked; null: everybody"),
        column("version", BIGINT, "version of the table that was checked", nullable=False),
        column("seconds", DOUBLE, "how long it took", nullable=False),
        column("checked_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("run_id", "table_name", "check_name"),
    checks={"status_known": "status in ('ok', 'failed')"},
)

LOGS = Table(
    layer="ops",
    name="logs",
    description="What each run logged, its first 5,000 lines; kept for 90 days.",
    columns=(
        column("run_id", STRING, "the run", nullable=False, in_export=KEPT),
        column("line_number", BIGINT, "its place in the run, from 1", nullable=False),
        column("logged_at", TIMESTAMP, "UTC", nullable=False),
        column("level", STRING, "INFO, WARNING, ERROR or CRITICAL", nullable=False, in_export=KEPT),
        column(
            "logger",
            STRING,
            "who logged it; steps: how a step ended, and the notes of the summary",
            nullable=False,
            in_export=KEPT,
        ),
        column("message", STRING, "the line; never a secret", nullable=False, in_export=LEFT_OUT),
    ),
    key=("run_id", "line_number"),
)

TABLES = (REJECTED_RECORDS, IMPORTED_FILES, PIPELINE_RUNS, CHECKS, PLAY_GAPS, LOGS)
