"""What was read from files, what was not, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lake.reader import has_table
from report.record_counts import RecordCounts, record_counts
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, REJECTED_RECORDS

if TYPE_CHECKING:
    from report.page.listening import Listening


class FilesRead(NamedTuple):
    """The files of one kind, and what became of their records; of each file its last import."""

    kind: str
    files: int
    records_read: int
    records_kept: int
    records_known: int
    records_rejected: int


class Rejected(NamedTuple):
    """What was not taken for one reason: how much, and the first of it."""

    reason: str
    records: int
    file: str | None
    position: int | None


def files_read(listening: Listening) -> list[FilesRead]:
    """Return what was read, the kind with most records first."""
    if not has_table(listening.connection, IMPORTED_FILES.full_name):
        return []
    found = listening.connection.execute(
        f"""
        WITH newest AS (
            SELECT * FROM {IMPORTED_FILES.full_name} WHERE user_id = ?
            QUALIFY imported_at = max(imported_at) OVER (PARTITION BY source_file)
        )
        SELECT coalesce(kind, 'other'), count(*), sum(records_read)::bigint,
               sum(records_kept)::bigint, coalesce(sum(records_known), 0)::bigint,
               sum(records_rejected)::bigint
        FROM newest GROUP BY 1 ORDER BY 3 DESC, 1
        """,
        [listening.user_id],
    ).fetchall()
    return [FilesRead(*row) for row in found]


def rejected(listening: Listening) -> list[Rejected]:
    """Return what was not taken, the most frequent reason first."""
    if not has_table(listening.connection, REJECTED_RECORDS.full_name):
        return []
    found = listening.connection.execute(
        f"""
        SELECT reason, count(*), min_by(source_file, (source_file, position)),
               min_by(position, (source_file, position))
        FROM {REJECTED_RECORDS.full_name} WHERE user_id = ? GROUP BY reason ORDER BY 2 DESC, 1
        """,
        [listening.user_id],
    ).fetchall()
    return [Rejected(*row) for row in found]


def record_kinds(listening: Listening) -> RecordCounts | None:
    """Return what became of the person's records; None where the lake has none."""
    if not has_table(listening.connection, LISTENING_HISTORY.full_name):
        return None
    of_all = record_counts(listening.connection)
    return next((each for each in of_all if each.user_id == listening.user_id), None)
