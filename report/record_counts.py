"""What became of the records of each person: plays, and what is no play and why."""

from datetime import date
from typing import NamedTuple

import duckdb

from engines.models import literal
from lake.checks import IS_NAMED
from lake.reader import has_table
from schemas.bronze_schemas import IS_MUSIC, IS_SPOKEN, LISTENING_HISTORY
from schemas.ops_schemas import IMPOSSIBLE_PLAYS, REJECTED_RECORDS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS


class RecordCounts(NamedTuple):
    """All records of a person are nameless, spoken, told twice, impossible, or plays."""

    user_id: str
    records: int
    nameless: int
    spoken: int
    told_twice: int
    impossible: int
    plays: int
    tracks: int
    first: date | None
    last: date | None


def record_counts(lake: duckdb.DuckDBPyConnection) -> list[RecordCounts]:
    """Return what became of the records of each person; the lake must have plays."""
    impossible = "SELECT NULL AS user_id, 0 AS records WHERE false"
    if has_table(lake, REJECTED_RECORDS.full_name):
        impossible = (
            f"SELECT user_id, count(*) AS records FROM {REJECTED_RECORDS.full_name} "
            f"WHERE reason IN {literal(tuple(IMPOSSIBLE_PLAYS.values()))} GROUP BY user_id"
        )
    rows = lake.execute(
        f"""
        WITH told AS (
            SELECT user_id, count(*) AS records,
                   count_if({IS_MUSIC} AND {IS_NAMED}) AS music,
                   count_if(NOT {IS_SPOKEN}) - music AS nameless
            FROM {LISTENING_HISTORY.full_name} GROUP BY user_id
        ), impossible AS ({impossible}
        ), repeated AS (
            SELECT user_id, sum(len(sources) - 1)::bigint AS records
            FROM {LISTENING_WITH_FEATURES.full_name} GROUP BY user_id
        ), plays AS (
            -- a row a track: a tenth of what the plays themselves would be to read
            SELECT user_id, sum(plays)::bigint AS plays, count(*) AS tracks,
                   min(first_played_at)::DATE AS first, max(last_played_at)::DATE AS last
            FROM {TRACKS.full_name} GROUP BY user_id
        ), counted AS (
            SELECT user_id, told.records, nameless, coalesce(repeated.records, 0) AS told_twice,
                   coalesce(impossible.records, 0) AS impossible, coalesce(plays, 0) AS plays,
                   coalesce(tracks, 0) AS tracks, first, last
            FROM told LEFT JOIN repeated USING (user_id) LEFT JOIN impossible USING (user_id)
            LEFT JOIN plays USING (user_id)
        )
        -- What remains is spoken: called so, or as good as called so by another source.
        SELECT user_id, records, nameless,
               records - nameless - told_twice - impossible - plays AS spoken,
               told_twice, impossible, plays, tracks, first, last
        FROM counted ORDER BY user_id
        """
    ).fetchall()
    return [RecordCounts(*row) for row in rows]
