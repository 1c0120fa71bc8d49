"""What could not be taken, kept in ``ops.rejected_records``: each once, whoever brought it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engines.models import literal
from incremental.lake import Lake
from report.lake_reader import open_lake
from schemas.ops_schemas import REJECTED_RECORDS


def keep_rejections(lake: Lake, rows: Iterable[dict[str, Any]]) -> int:
    """Append those rows that are not kept yet, and return how many that are.

    ``rows`` have the columns of ``ops.rejected_records`` less when and by which run.
    """
    new = _not_kept_yet(lake.data_dir, list(rows))
    if new:
        of_run = {"run_id": lake.run_id, "rejected_at": lake.now}
        rows_of_run = [{**row, **of_run} for row in new]
        lake.append_rows(REJECTED_RECORDS, rows_of_run, REJECTED_RECORDS.full_name)
    return len(new)


def _not_kept_yet(data_dir: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what earlier runs kept, so that a bad file that stays costs no commit each run."""
    if not rows or not REJECTED_RECORDS.exists(data_dir):
        return rows
    ids = literal(tuple(sorted({row["rejected_id"] for row in rows})))
    with open_lake(data_dir, [REJECTED_RECORDS]) as tables:
        known = tables.execute(
            f"SELECT rejected_id FROM {REJECTED_RECORDS.full_name} WHERE rejected_id IN {ids}"
        ).fetchall()
    return [row for row in rows if (row["rejected_id"],) not in known]
