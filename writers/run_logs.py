"""The log lines of runs: appended at the end of a run, removed after 90 days.

The lake's lock must be held.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.run_id import new_run_id
from engines.models import literal
from engines.scratch_database import session
from lake.stored_rows import rows_query
from schemas.ops_schemas import LOGS
from writers.staged_rows import commit_query, commit_rows

KEPT_DAYS = 90


def append_logs(data_dir: Path, run_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append the lines of a run to ``ops.logs`` in one commit; none makes none."""
    if not rows:
        return
    commit_rows(LOGS, data_dir, rows, run_id, "append")


def remove_old_logs(data_dir: Path, now: datetime) -> int:
    """Remove the lines older than 90 days in one commit; return how many, none makes none."""
    if not LOGS.exists(data_dir):
        return 0
    standing = rows_query(LOGS, data_dir)
    since = literal((now - timedelta(days=KEPT_DAYS)).isoformat())
    with session() as connection:
        ((old,),) = connection.execute(
            f"SELECT count(*) FROM ({standing}) WHERE logged_at < {since}::TIMESTAMPTZ"
        ).fetchall()
        if not old:
            return 0
        kept = f"SELECT * FROM ({standing}) WHERE logged_at >= {since}::TIMESTAMPTZ"
        commit_query(connection, kept, LOGS, data_dir, new_run_id(now))
    return int(old)
