"""The most played tracks, artists, albums and genres."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask
from report.page.questions.genres import GENRED_PLAYS, prepare_genres

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span

Kind = Literal["tracks", "artists", "albums", "genres"]
# What is one thing of each kind, and what it is called: its name and whose it is.
_KEYS = {
    "tracks": "track_key",
    "artists": "artist_key",
    "albums": "artist_key || '|' || album_name",
    "genres": "genre",
}
_NAMES = {
    "tracks": ("track_name", "artist_name", "track_id"),
    "artists": ("artist_name", "NULL", "NULL"),
    "albums": ("album_name", "artist_name", "NULL"),
    "genres": ("genre", "NULL", "NULL"),
}


class Top(NamedTuple):
    """One thing with its ranks by both measures, and those of the period before.

    A rank before is None where it was not heard then, or where there is no period before.
    """

    name: str | None
    by: str | None
    track_id: str | None
    plays: int
    minutes: float | None
    first: date
    last: date
    skips: int
    known_skips: int
    rank_by_plays: int
    rank_by_minutes: int
    before_by_plays: int | None
    before_by_minutes: int | None

    @property
    def skip_rate(self) -> float | None:
        """Share of the plays that were skipped, of those where it is known; at least five."""
        return self.skips / self.known_skips if self.known_skips >= 5 else None


def tops(
    listening: Listening, span: Span, before: Span | None, kind: Kind, limit: int
) -> list[Top]:
    """Return what is among the first ``limit`` by plays or by minutes, in the order of plays.

    What was only begun (no play of 30 s) has no rank. Of equals the one first heard comes first.
    """
    if kind == "genres":
        prepare_genres(listening)
    earlier = before or span
    name, by, track_id = _NAMES[kind]
    source = GENRED_PLAYS if kind == "genres" else "plays"
    return ask(
        listening,
        Top,
        f"""
        WITH period AS (
            SELECT
                {_KEYS[kind]} AS thing, {PLAYS} AS plays, {MINUTES} AS minutes,
                min(played_at) FILTER (is_counted) AS first_at,
                min(local_date) FILTER (is_counted) AS first,
                max(local_date) FILTER (is_counted) AS last,
                count(*) FILTER (skipped) AS skips,
                count(skipped) AS known_skips
            FROM {source} WHERE {IN_PERIOD} AND {_KEYS[kind]} IS NOT NULL
            GROUP BY thing HAVING plays > 0
        ), ranked AS (
            SELECT
                *,
                row_number() OVER (ORDER BY plays DESC, first_at, thing) AS by_plays,
                row_number() OVER (ORDER BY minutes DESC NULLS LAST, plays DESC, first_at, thing)
                    AS by_minutes
            FROM period
        ), shown AS (
            SELECT * FROM ranked WHERE by_plays <= $limit OR by_minutes <= $limit
        ), earlier AS (
            SELECT
                {_KEYS[kind]} AS thing, {PLAYS} AS plays, {MINUTES} AS minutes,
                min(played_at) FILTER (is_counted) AS first_at
            FROM {source}
            WHERE $compares AND local_date BETWEEN $before_first AND $before_last
                AND {_KEYS[kind]} IS NOT NULL
            GROUP BY thing HAVING plays > 0
        ), earlier_ranked AS (
            SELECT
                thing,
                row_number() OVER (ORDER BY plays DESC, first_at, thing) AS by_plays,
                row_number() OVER (ORDER BY minutes DESC NULLS LAST, plays DESC, first_at, thing)
                    AS by_minutes
            FROM earlier
        ), called AS (
            SELECT
                {_KEYS[kind]} AS thing,
                max({name}) AS name, max({by}) AS by, min({track_id}) AS track_id
            FROM {source} WHERE {IN_PERIOD} AND {_KEYS[kind]} IN (SELECT thing FROM shown)
            GROUP BY thing
        )
        SELECT
            c.name, c.by, c.track_id, s.plays, s.minutes, s.first, s.last, s.skips, s.known_skips,
            s.by_plays, s.by_minutes, e.by_plays, e.by_minutes
        FROM shown AS s
        JOIN called AS c USING (thing)
        LEFT JOIN earlier_ranked AS e USING (thing)
        ORDER BY s.by_plays
        """,
        span,
        limit=limit,
        compares=before is not None,
        before_first=earlier.first,
        before_last=earlier.last,
    )
