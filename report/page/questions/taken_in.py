"""What was read from files, what was not, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import run
from schemas.bronze_schemas import IS_SPOKEN, LISTENING_HISTORY
from schemas.ops_schemas import IMPORTED_FILES, IMPOSSIBLE_PLAYS, REJECTED_RECORDS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS

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


class NotPlays(NamedTuple):
    """Records that are kept but count as no play of music of their own, None where not known."""

    spoken: int
    duplicates: int | None
    untitled: int | None


def files_read(listening: Listening) -> list[FilesRead]:
    """Return what was read, the kind with most records first."""
    if not has_table(listening.connection, IMPORTED_FILES.full_name):
        return []
    found = run(
        listening,
        f"""
        WITH newest AS (
            SELECT * FROM {IMPORTED_FILES.full_name} WHERE user_id = {literal(listening.user_id)}
            QUALIFY imported_at = max(imported_at) OVER (PARTITION BY source_file)
        )
        SELECT coalesce(kind, 'other'), count(*), sum(records_read)::bigint,
               sum(records_kept)::bigint, coalesce(sum(records_known), 0)::bigint,
               sum(records_rejected)::bigint
        FROM newest GROUP BY 1 ORDER BY 3 DESC, 1
        """,
    ).fetchall()
    return [FilesRead(*row) for row in found]


def rejected(listening: Listening) -> list[Rejected]:
    """Return what was not taken, the most frequent reason first."""
    if not has_table(listening.connection, REJECTED_RECORDS.full_name):
        return []
    found = run(
        listening,
        f"""
        SELECT reason, count(*), min_by(source_file, (source_file, position)),
               min_by(position, (source_file, position))
        FROM {REJECTED_RECORDS.full_name} WHERE user_id = {literal(listening.user_id)}
        GROUP BY reason ORDER BY 2 DESC, 1
        """,
    ).fetchall()
    return [Rejected(*row) for row in found]


def not_plays(listening: Listening) -> NotPlays | None:
    """Return which records are no plays of their own; None where the lake has no records.

    What stands in no class of its own follows from the sums over the whole lake: of a page that is
    limited to some dates it is not known.
    """
    connection = listening.connection
    if not all(has_table(connection, each.full_name) for each in (LISTENING_HISTORY, TRACKS)):
        return None
    ((records, spoken),) = run(
        listening,
        f"""
        SELECT count(*), count_if({IS_SPOKEN}) FROM {LISTENING_HISTORY.full_name}
        WHERE user_id = {literal(listening.user_id)}
        """,
    ).fetchall()
    ((plays, reported),) = run(
        listening, "SELECT count(*), coalesce(sum(len(sources)), 0)::bigint FROM plays"
    ).fetchall()
    ((all_plays,),) = run(
        listening,
        f"SELECT coalesce(sum(plays), 0)::bigint FROM {TRACKS.full_name} "
        f"WHERE user_id = {literal(listening.user_id)}",
    ).fetchall()
    if plays != all_plays:
        return NotPlays(spoken, None, None)
    excluded = duplicates_excluded = 0
    if listening.excluded:
        ((excluded, duplicates_excluded),) = run(
            listening,
            f"SELECT count(*), sum(len(sources))::bigint FROM {LISTENING_WITH_FEATURES.full_name} "
            f"WHERE user_id = {literal(listening.user_id)} AND is_excluded",
        ).fetchall()
    impossible = sum(
        each.records for each in rejected(listening) if each.reason in IMPOSSIBLE_PLAYS.values()
    )
    reported += duplicates_excluded
    return NotPlays(
        spoken, reported - plays - excluded, max(records - reported - spoken - impossible, 0)
    )
