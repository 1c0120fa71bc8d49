"""Statistics of one person's plays: totals, favourites, sources, and errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import duckdb

from engines.models import literal
from lake.decisions import LeftOut, left_out
from lake.reader import has_table
from schemas.ops_schemas import PIPELINE_RUNS, REJECTED_RECORDS
from schemas.silver_schemas import COUNTS, LISTENING_COVERAGE, LISTENING_WITH_FEATURES, TRACKS

STATISTICS_TABLES = (
    TRACKS,
    LISTENING_WITH_FEATURES,
    LISTENING_COVERAGE,
    REJECTED_RECORDS,
    PIPELINE_RUNS,
)
"""All that ``statistics`` reads; to open only these is quicker."""

TOP = 10


class Totals(NamedTuple):
    """All plays; ``counted`` are those of 30 s and more, ``first`` and ``last`` local dates.

    In ``hours`` a play without listening time, such as those of the API, counts with its track's
    length. ``untimed`` are those plays, ``unknown`` those of them whose track's length is not known
    either.
    """

    plays: int
    counted: int
    hours: float
    untimed: int
    unknown: int
    tracks: int
    artists: int
    first: date
    last: date


class TopTrack(NamedTuple):
    """A track and its counted plays."""

    track: str | None
    artist: str | None
    plays: int
    hours: float


class TopArtist(NamedTuple):
    """An artist, the counted plays and the tracks of theirs that were ever played."""

    artist: str
    plays: int
    hours: float
    tracks: int


class SourcePlays(NamedTuple):
    """The plays in a source, and those that no other source has."""

    source: str
    plays: int
    alone: int
    first: date
    last: date


class Rejections(NamedTuple):
    """The number of records, or whole files, rejected for one reason."""

    reason: str
    records: int


class UnknownTime(NamedTuple):
    """Local dates, both included, that no source covers, between others that some do."""

    first: date
    last: date


class FailedStep(NamedTuple):
    """A step whose last run failed: how often since its last success, and the last error."""

    step: str
    times: int
    last_at: datetime
    error: str | None


@dataclass(frozen=True)
class Statistics:
    """What ``stats`` shows of one person; failed steps are those without a success since.

    ``left_out`` plays are in none of the other numbers.
    """

    totals: Totals
    tracks: Sequence[TopTrack]
    artists: Sequence[TopArtist]
    sources: Sequence[SourcePlays]
    rejections: Sequence[Rejections]
    failures: Sequence[FailedStep]
    unknown: Sequence[UnknownTime]
    left_out: LeftOut


def people(lake: duckdb.DuckDBPyConnection) -> list[str]:
    """List those of whom the lake holds plays that count, in the order of their names."""
    if not has_table(lake, TRACKS.full_name):
        return []
    found = lake.execute("SELECT DISTINCT user_id FROM silver.tracks ORDER BY 1").fetchall()
    return [user_id for (user_id,) in found]


def statistics(lake: duckdb.DuckDBPyConnection, user_id: str) -> Statistics:
    """Count the plays of ``user_id``, one of ``people``."""
    lake.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE plays AS
        SELECT track_key, sources, local_date, is_counted,
               coalesce(ms_played, duration_ms) AS heard_ms, ms_played IS NULL AS is_untimed
        FROM silver.listening_with_features
        WHERE user_id = {literal(user_id)} AND {COUNTS}
        """
    )
    (totals,) = _rows(
        lake,
        f"""
        SELECT count(*), count_if(is_counted), coalesce(sum(heard_ms), 0) / 3.6e6,
               count_if(is_untimed), count_if(heard_ms IS NULL), count(DISTINCT track_key),
               (SELECT count(DISTINCT artist_key) FROM silver.tracks
                WHERE user_id = {literal(user_id)}),
               min(local_date), max(local_date)
        FROM plays
        """,
    )
    return Statistics(
        totals=Totals(*totals),
        tracks=[TopTrack(*row) for row in _top_tracks(lake, user_id)],
        artists=[TopArtist(*row) for row in _top_artists(lake, user_id)],
        sources=[SourcePlays(*row) for row in _sources(lake)],
        rejections=rejections(lake, user_id),
        failures=[FailedStep(*row) for row in _failures(lake)],
        unknown=unknown_times(lake, user_id),
        left_out=left_out(lake, user_id),
    )


def unknown_times(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[UnknownTime]:
    """Return the times that no source of a person covers, the earliest first."""
    if not has_table(lake, LISTENING_COVERAGE.full_name):
        return []
    found = _rows(
        lake,
        f"""
        WITH span AS (
            SELECT max(last_date) OVER (
                ORDER BY first_date, last_date ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW
            ) AS reached, first_date
            FROM {LISTENING_COVERAGE.full_name} WHERE user_id = {literal(user_id)}
        )
        SELECT (reached + 1)::DATE, (first_date - 1)::DATE FROM span
        WHERE first_date - reached > 1 ORDER BY 1
        """,
    )
    return [UnknownTime(*row) for row in found]


def rejections(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[Rejections]:
    """Return why records of a person were not taken, the most frequent reason first."""
    if not has_table(lake, REJECTED_RECORDS.full_name):
        return []
    found = _rows(
        lake,
        f"""
        SELECT reason, count(*) FROM ops.rejected_records WHERE user_id = {literal(user_id)}
        GROUP BY reason ORDER BY 2 DESC, 1
        """,
    )
    return [Rejections(*row) for row in found]


def days_with_plays(lake: duckdb.DuckDBPyConnection, user_id: str, since: date) -> int:
    """Count the local dates from ``since`` on which ``user_id`` has plays."""
    if not has_table(lake, LISTENING_WITH_FEATURES.full_name):
        return 0
    ((days,),) = _rows(
        lake,
        f"""
        SELECT count(DISTINCT local_date) FROM silver.listening_with_features
        WHERE user_id = {literal(user_id)} AND local_date >= {literal(since.isoformat())}::DATE
        """,
    )
    return int(days)


def _rows(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return lake.execute(sql).fetchall()


_HEARD = """
    WITH heard AS (
        SELECT track_key, count_if(is_counted) AS plays, coalesce(sum(heard_ms), 0) AS ms
        FROM plays GROUP BY track_key
    )
"""


def _top_tracks(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[tuple[Any, ...]]:
    return _rows(
        lake,
        f"""
        {_HEARD}
        SELECT track_name, artist_name, heard.plays, ms / 3.6e6
        FROM silver.tracks JOIN heard USING (track_key)
        WHERE user_id = {literal(user_id)} AND heard.plays > 0
        ORDER BY heard.plays DESC, ms DESC, track_name, artist_name LIMIT {TOP}
        """,
    )


def _top_artists(lake: duckdb.DuckDBPyConnection, user_id: str) -> list[tuple[Any, ...]]:
    return _rows(
        lake,
        f"""
        {_HEARD}
        SELECT arg_max(artist_name, (heard.plays, ms, artist_name)), sum(heard.plays)::bigint,
               sum(ms) / 3.6e6, count(*)
        FROM silver.tracks JOIN heard USING (track_key)
        WHERE user_id = {literal(user_id)} AND artist_key IS NOT NULL
        GROUP BY artist_key HAVING sum(heard.plays) > 0
        ORDER BY 2 DESC, 3 DESC, 1 LIMIT {TOP}
        """,
    )


def _sources(lake: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return _rows(
        lake,
        """
        SELECT source, count(*), count_if(len(sources) = 1), min(local_date), max(local_date)
        FROM (SELECT unnest(sources) AS source, sources, local_date FROM plays)
        GROUP BY source ORDER BY 2 DESC, 1
        """,
    )


def _failures(lake: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    if not has_table(lake, PIPELINE_RUNS.full_name):
        return []
    return _rows(
        lake,
        """
        WITH since AS (
            SELECT *, max(started_at) FILTER (status <> 'failed') OVER (PARTITION BY step) AS sound
            FROM ops.pipeline_runs
        )
        SELECT step, count(*), max(started_at), arg_max(error, started_at) FROM since
        WHERE status = 'failed' AND (sound IS NULL OR started_at > sound)
        GROUP BY step ORDER BY 3 DESC, 1
        """,
    )
