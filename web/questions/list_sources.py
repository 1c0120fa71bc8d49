"""Where the rows of each list come from.

Names are joined to the rows that are shown, so what a list is sorted by decides how: by a number,
its few rows are found first; by a name, all have to be named.
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.models import literal
from lake.reader import has_table
from report.page.listening import Listening, Period
from report.page.questions.asking import MINUTES, PLAYS
from report.page.questions.availability import favourites
from report.page.questions.favourites import (
    LEAST_KNOWN,
    LEAST_LOVED_DAYS,
    LEAST_LOVED_PLAYS,
    SILENT_DAYS,
    lower_end,
)
from schemas.recommendation_schemas import TRACK_RECOMMENDATIONS
from web.questions.made import make_days, make_names, make_sessions
from web.questions.things import Kind, number_in_heard, within


@dataclass(frozen=True)
class Source:
    """Rows as a SELECT; the name of the column ``thing`` is that of a ``kind``, None without names.

    ``words`` is the expression that a filter looks into where rows have no ``thing``.
    """

    rows: str
    kind: Kind | None = None
    words: str = ""


def things(listening: Listening, period: Period, kind: Kind, condition: str = "true") -> Source:
    """Return the tracks, artists, albums or genres with a counted play.

    ``condition`` is what a row of ``heard`` must meet.
    """
    make_names(listening)
    inner = {"track": (), "genre": ("track", "artist")}.get(kind, ("track",))
    counts = "".join(f"count(DISTINCT {each}) FILTER (is_counted) AS {each}s, " for each in inner)
    return Source(
        f"""
        SELECT {number_in_heard(kind)} AS thing, {counts}{PLAYS} AS plays, {MINUTES} AS minutes,
            min(local_date) FILTER (is_counted) AS first,
            max(local_date) FILTER (is_counted) AS last,
            if(count(skipped) >= {LEAST_KNOWN}, count(*) FILTER (skipped) / count(skipped), NULL)
                AS skipped
        FROM heard WHERE {kind} IS NOT NULL AND {within(period)} AND {condition}
        GROUP BY {kind} HAVING bool_or(is_counted)
        """,
        kind,
    )


def sessions(listening: Listening, period: Period) -> Source:
    """Return the sessions that began in a period."""
    make_names(listening)
    make_sessions(listening)
    return Source(
        f"""
        SELECT strftime(begun, '%Y-%m-%d %H:%M') AS begun, session_id, plays, minutes, tracks,
            artists, thing
        FROM session_rows WHERE {within(period)}
        """,
        "track",
    )


def days(listening: Listening, period: Period) -> Source:
    """Return the days with a counted play."""
    make_days(listening)
    return Source(
        f"""
        SELECT * EXCLUDE (local_date), local_date AS day, strftime(local_date, '%A') AS weekday
        FROM day_rows WHERE {within(period)}
        """,
        words="strftime(day, '%A %-d %B %Y %Y-%m-%d')",
    )


def plays(listening: Listening, period: Period) -> Source:
    """Return the plays, short ones too, by the clock on the wall."""
    make_names(listening)
    return Source(
        f"""
        SELECT make_timestamp_ms(epoch_ms(played_at) + utc_offset_minutes * 60000) AS ended,
            local_date, hash(track_key) AS thing, album_name AS album,
            ms_played / 60000.0 AS minutes, skipped, is_counted AS counted
        FROM plays WHERE {within(period)}
        """,
        "track",
    )


def recommendations(listening: Listening, _: Period) -> Source | None:
    """Return what to play by purpose; None where the lake has no such lists."""
    if not has_table(listening.connection, TRACK_RECOMMENDATIONS.full_name):
        return None
    make_names(listening)
    return Source(
        f"""
        SELECT r.purpose, r.rank, r.track_name AS track, r.track_key AS key,
            r.artist_name AS artist, a.artist_key, r.track_id, r.explanation AS why,
            r.valence AS brightness, r.energy
        FROM {TRACK_RECOMMENDATIONS.full_name} AS r
        LEFT JOIN (
            SELECT name, min(key) AS artist_key FROM names WHERE kind = 'artist' GROUP BY name
        ) AS a ON a.name = r.artist_name
        WHERE r.user_id = {literal(listening.user_id)} AND r.track_key IS NOT NULL
        """,
        words="concat_ws(' ', purpose, track, artist)",
    )


def skipped(listening: Listening, period: Period) -> Source:
    """Return the tracks skipped more than once, with the lower end of Wilson's interval."""
    make_names(listening)
    return Source(
        f"""
        WITH counted AS (
            SELECT track AS thing, count(*) FILTER (skipped) AS skips, count(skipped) AS plays
            FROM heard WHERE {within(period)} GROUP BY track
        )
        SELECT thing, skips, plays, skips / plays AS skipped,
            {lower_end("skips", "plays")} AS surely
        FROM counted WHERE skips > 1 AND plays >= {LEAST_KNOWN}
        """,
        "track",
    )


def rediscover(listening: Listening, _: Period) -> Source:
    """Return what was loved and fell silent, of the whole history."""
    make_names(listening)
    return Source(
        f"""
        WITH loved AS (
            SELECT track FROM heard GROUP BY track
            HAVING {PLAYS} >= {LEAST_LOVED_PLAYS}
                AND max(local_date) <= DATE '{listening.today}' - {SILENT_DAYS}
                AND count(*) FILTER (skipped) * 2 < count(*)
        )
        SELECT track AS thing, {PLAYS} AS plays, {MINUTES} AS minutes,
            count(DISTINCT local_date) FILTER (is_counted) AS days,
            min(local_date) FILTER (is_counted) AS first,
            max(local_date) FILTER (is_counted) AS last,
            DATE '{listening.today}' - max(local_date) FILTER (is_counted) AS silent
        FROM heard SEMI JOIN loved USING (track) GROUP BY track HAVING days >= {LEAST_LOVED_DAYS}
        """,
        "track",
    )


def unavailable(listening: Listening, _: Period) -> Source | None:
    """Return the favourites that cannot be played, with the ids under which they still can."""
    rows = favourites(listening)
    if rows is None:
        return None
    return Source(
        f"""
        SELECT track, if(was_played, track_key, NULL) AS key, artist, artist_key, plays, saved,
            since, checked, reason AS why, moved_to_track_id AS track_id
        FROM ({rows}) WHERE NOT is_available
        """,
        words="concat_ws(' ', track, artist)",
    )
