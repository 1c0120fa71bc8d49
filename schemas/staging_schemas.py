"""Staging: records as read from files, before it is known which of them are new.

These tables are Parquet files of one run, in its scratch folder, and not part of the lake.
"""

from schemas.bronze_schemas import KAGGLE_TRACKS, LISTENING_HISTORY
from schemas.common_columns import USER_ID
from schemas.table import Table, column
from schemas.types import BIGINT, INTEGER, STRING

ONLY_FROM_API = ("told_at", "artist_id", "duration_ms", "context_type", "context_uri", "item")
_OF_LANDING = ("run_id", "ingested_at")
_REJECTION = (
    column("record", STRING, "the record as JSON, without personal fields"),
    column("reject_reason", STRING, "why it is rejected, as text; null where it is not"),
)

EXPORT_RECORDS = Table(
    layer="staging",
    name="export_records",
    description="The records of privacy exports, typed, with the reason where one is rejected.",
    columns=(
        *(
            each
            for each in LISTENING_HISTORY.columns
            if each.name not in {*ONLY_FROM_API, *_OF_LANDING}
        ),
        column("position", BIGINT, "place in the file, from 1"),
        column("flags_known", INTEGER, "how many of skipped, offline and incognito_mode it has"),
        *_REJECTION,
    ),
    key=("source_file", "position"),
)

CATALOGUE_ROWS = Table(
    layer="staging",
    name="catalogue_rows",
    description="The rows of the catalogue, typed, with the reason where one is rejected.",
    columns=(
        *(each for each in KAGGLE_TRACKS.columns if each.name not in {"source_file", *_OF_LANDING}),
        USER_ID,
        *_REJECTION,
    ),
    key=("track_id", "track_genre"),
)
