"""Rejected records, kept in ``ops.rejected_records``: each once, from whatever source."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engines.models import literal
from incremental.lake import Lake
from lake.reader import open_lake
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import IMPOSSIBLE_PLAYS, REJECTED_RECORDS
from writers.row_ids import hash_of

_SHOWN = (
    "record_id",
    "played_at",
    "ms_played",
    "track_name",
    "artist_name",
    "track_id",
    "platform",
    "reason_end",
)


def keep_rejections(lake: Lake, rows: Iterable[dict[str, Any]]) -> int:
    """Append the rows that are not kept yet, and return their number.

    ``rows`` have the columns of ``ops.rejected_records`` except time and run.
    """
    new = _not_kept_yet(lake.data_dir, list(rows))
    if new:
        of_run = {"run_id": lake.run_id, "rejected_at": lake.now}
        rows_of_run = [{**row, **of_run} for row in new]
        lake.append_rows(REJECTED_RECORDS, rows_of_run, REJECTED_RECORDS.full_name)
    return len(new)


def keep_impossible_plays(lake: Lake) -> None:
    """Record the records that silver leaves out as impossible plays, each once.

    The model ``impossible_records`` must be known to the engine. Such records are few.
    """
    shown = ", ".join(f"h.{name}" for name in _SHOWN)
    found = lake.engine.fetch(
        f"SELECT h.user_id, h.source_file, i.kind, i.kept_id, {shown} FROM impossible_records AS i "
        f"JOIN {LISTENING_HISTORY.full_name} AS h "
        "ON h.user_id = i.user_id AND h.record_id = i.record_id"
    )
    rows = []
    for user_id, source_file, kind, kept_id, *values in found:
        record = dict(zip(_SHOWN, values, strict=True)) | {"counted_as": kept_id}
        reason = IMPOSSIBLE_PLAYS[kind]
        rows.append(
            {
                "rejected_id": hash_of("|".join((user_id, record["record_id"], reason))),
                "user_id": user_id,
                "source_file": source_file,
                "reason": reason,
                "record": json.dumps(record, ensure_ascii=False, default=str),
            }
        )
    keep_rejections(lake, sorted(rows, key=lambda row: row["rejected_id"]))


def _not_kept_yet(data_dir: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what earlier runs kept, so that a bad file does not cause a commit in every run."""
    if not rows or not REJECTED_RECORDS.exists(data_dir):
        return rows
    ids = literal(tuple(sorted({row["rejected_id"] for row in rows})))
    with open_lake(data_dir, [REJECTED_RECORDS]) as tables:
        known = tables.execute(
            f"SELECT rejected_id FROM {REJECTED_RECORDS.full_name} WHERE rejected_id IN {ids}"
        ).fetchall()
    return [row for row in rows if (row["rejected_id"],) not in known]
