"""Files that were read too early: by a clock that was behind, for which plays lay in the future.

A machine without a battery for its clock starts in the past. What it rejects then is read again
once the clock says that it is no longer in the future.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from engines.models import literal
from engines.scratch_database import session
from lake.stored_rows import rows_query
from mappers.values import CLOCK_TOLERANCE, IN_THE_FUTURE, instant
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS


def files_read_too_early(data_dir: Path, now: datetime) -> set[tuple[str, str]]:
    """Return the files, as person and name, of which a record seemed to lie in the future.

    That is as of their last import; as of ``now``, UTC, it is past.
    """
    if not (IMPORTED_FILES.exists(data_dir) and REJECTED_RECORDS.exists(data_dir)):
        return set()
    rejected, imported = (rows_query(each, data_dir) for each in (REJECTED_RECORDS, IMPORTED_FILES))
    with session() as connection:
        found = connection.execute(
            f"SELECT user_id, source_file, record, max(imported_at) "
            f"FROM ({rejected} WHERE reason = {literal(IN_THE_FUTURE)}) "
            f"JOIN ({imported}) USING (user_id, source_file) GROUP BY ALL"
        ).fetchall()
    return {
        (user_id, source_file)
        for user_id, source_file, record, imported_at in found
        if (at := _played_at(record)) is not None
        and imported_at.astimezone(UTC) + CLOCK_TOLERANCE < at <= now + CLOCK_TOLERANCE
    }


def _played_at(record: str | None) -> datetime | None:
    """Return when a record of an export says that it was played."""
    try:
        fields = json.loads(record or "")
    except ValueError:
        return None
    return instant(fields.get("ts") or fields.get("endTime")) if isinstance(fields, dict) else None
