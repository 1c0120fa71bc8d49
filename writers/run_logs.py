"""The log lines of runs: appended at the end of a run, removed after 90 days.

The lake's lock must be held.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.run_id import new_run_id
from engines.models import literal
from engines.parquet import scan, write_parquet
from engines.scratch_database import session
from lake.provenance import Provenance
from lake.table_rows import table_rows
from schemas.ops_schemas import LOGS
from writers.delta_writer import publish
from writers.staged_rows import commit_rows, staging

KEPT_DAYS = 90


def append_logs(data_dir: Path, run_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append the lines of a run to ``ops.logs`` in one commit; none makes none."""
    if not rows:
        return
    commit_rows(LOGS, data_dir, rows, _provenance(run_id), mode="append")


def remove_old_logs(data_dir: Path, now: datetime) -> int:
    """Remove the lines older than 90 days in one commit; return how many, none makes none."""
    if not LOGS.exists(data_dir):
        return 0
    rows = table_rows(LOGS, data_dir)
    standing = scan(LOGS, rows.files, rows.columns)
    since = literal((now - timedelta(days=KEPT_DAYS)).isoformat())
    run_id = new_run_id(now)
    with session() as connection:
        ((old,),) = connection.execute(
            f"SELECT count(*) FROM ({standing}) WHERE logged_at < {since}::TIMESTAMPTZ"
        ).fetchall()
        if not old:
            return 0
        kept = f"SELECT * FROM ({standing}) WHERE logged_at >= {since}::TIMESTAMPTZ"
        with staging(data_dir, run_id) as staged:
            files = write_parquet(connection, kept, LOGS, staged)
            path = LOGS.path(data_dir)
            publish(LOGS, path, staged, files, _provenance(run_id), mode="overwrite")
    return int(old)


def _provenance(run_id: str) -> Provenance:
    return Provenance(run_id, LOGS.full_name, {}, {}, 1)
