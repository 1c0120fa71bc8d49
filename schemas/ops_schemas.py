"""Ops: what happened, so that nothing goes wrong unseen."""

from schemas.common_columns import USER_ID
from schemas.table import Table, column
from schemas.types import BIGINT, DOUBLE, STRING, TIMESTAMP, mapping

REJECTED_RECORDS = Table(
    layer="ops",
    name="rejected_records",
    description="Records and files that were not taken, with the reason; kept so none is lost.",
    columns=(
        column("rejected_id", STRING, "hash of what was rejected and why", nullable=False),
        USER_ID,
        column("source_file", STRING, "file it stood in, zip members after '!'"),
        column("position", BIGINT, "place in the file, from 1; null for a whole file"),
        column("reason", STRING, "why it was not taken, in words", nullable=False),
        column("record", STRING, "the record as JSON, less personal fields"),
        column("run_id", STRING, "run that met it first", nullable=False),
        column("rejected_at", TIMESTAMP, "when it was met first, UTC", nullable=False),
    ),
    key=("rejected_id",),
)

IMPOSSIBLE_PLAYS = {
    "copy": "the same play stands there under another platform: it counts once",
    "overlap": "the same track was still playing: nobody hears it twice at once",
}
"""Reasons for records that stay in bronze and are no plays, by their kind in the model
``impossible_records``; each has its ``record_id`` in ``record``."""

IMPORTED_FILES = Table(
    layer="ops",
    name="imported_files",
    description="Every file that was imported, and what became of its records.",
    columns=(
        USER_ID,
        column("source_file", STRING, "the file, zip members after '!'", nullable=False),
        column(
            "fingerprint",
            STRING,
            "size and checksum of a zip member, size and time of change of a loose file",
            nullable=False,
        ),
        column("kind", STRING, "extended, account, account_audiobook, … or catalogue"),
        column("archive", STRING, "zip or folder that the file came in"),
        column("series", STRING, "its name less years and number: streaming_history_audio …"),
        column("file_number", BIGINT, "its number in the series, from 0"),
        column("first_played_at", TIMESTAMP, "earliest play that it tells of, UTC"),
        column("last_played_at", TIMESTAMP, "latest play that it tells of, UTC"),
        column("records_read", BIGINT, "records in the file", nullable=False),
        column("records_kept", BIGINT, "records that were new to the lake", nullable=False),
        column("records_known", BIGINT, "records that the lake or another file already held"),
        column("records_rejected", BIGINT, "records in ops.rejected_records", nullable=False),
        column("run_id", STRING, "run that imported it", nullable=False),
        column("imported_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("user_id", "source_file", "fingerprint", "run_id"),
)

PIPELINE_RUNS = Table(
    layer="ops",
    name="pipeline_runs",
    description="One row per step of every run: what it read, wrote and how long it took.",
    columns=(
        column("run_id", STRING, "the run", nullable=False),
        column("step", STRING, "the step, named after the table it writes", nullable=False),
        column("status", STRING, "written, nothing_new or failed", nullable=False),
        column("started_at", TIMESTAMP, "UTC", nullable=False),
        column("seconds", DOUBLE, "how long it took", nullable=False),
        column("rows_in", BIGINT, "records read, where they come from files"),
        column("rows_out", BIGINT, "rows written"),
        column("rows_rejected", BIGINT, "records rejected, where they come from files"),
        column("versions_read", mapping(STRING, STRING), "input tables and versions"),
        column("version_written", BIGINT, "version of the step's own table after it"),
        column("made_from", STRING, "JSON: input versions, settings, transform version"),
        column("error", STRING, "the error in one line, where it failed"),
        column("engine", STRING, "what computed: duckdb or spark"),
        column("engine_version", STRING, "its version; null where nothing was computed"),
        column("engine_settings", mapping(STRING, STRING), "its settings, such as memory"),
        column("soundlake_version", STRING, "release that ran; null before it was recorded"),
    ),
    key=("run_id", "step"),
)

PLAY_GAPS = Table(
    layer="ops",
    name="play_gaps",
    description="Times in which plays may have been lost: nobody asked the API soon enough, it did "
    "not answer, or a file of an export is missing.",
    columns=(
        USER_ID,
        column("gap_id", STRING, "hash of source, kind and what was lost", nullable=False),
        column("source", STRING, "whose plays may be lost: api or extended", nullable=False),
        column(
            "kind",
            STRING,
            "window_full: more plays than the API shows; outage: it showed none for long; "
            "missing_file: the numbers of an export's files leave one out",
            nullable=False,
        ),
        column("lost_from", TIMESTAMP, "last play known before, UTC; null: all before lost_until"),
        column("lost_until", TIMESTAMP, "first play known after, UTC", nullable=False),
        column("detected_at", TIMESTAMP, "when it was seen, UTC", nullable=False),
        column("missing_files", STRING, "names of the files that are missing, as far as known"),
        column("closed_at", TIMESTAMP, "when an export covered it, UTC; null: still open"),
        column("closed_by", STRING, "the export that covered it: extended or account"),
        column("run_id", STRING, "run that saw it", nullable=False),
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
    description="What each run proved of the rows that it changed.",
    columns=(
        column("run_id", STRING, "run that looked", nullable=False),
        column("table_name", STRING, "table that was looked at", nullable=False),
        column("check_name", STRING, "what must hold", nullable=False),
        column("status", STRING, "ok or failed", nullable=False),
        column("failures", BIGINT, "rows, people or months of which it does not hold"),
        column("example", STRING, "the first of them, in words; null where it holds"),
        column("people", BIGINT, "people whose rows were looked at; null: everybody"),
        column("version", BIGINT, "version of the table that was looked at", nullable=False),
        column("seconds", DOUBLE, "how long it took", nullable=False),
        column("checked_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("run_id", "table_name", "check_name"),
    checks={"status_known": "status in ('ok', 'failed')"},
)

TABLES = (REJECTED_RECORDS, IMPORTED_FILES, PIPELINE_RUNS, CHECKS, PLAY_GAPS)
