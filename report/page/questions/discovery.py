"""What is new and what is played again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, ask, run
from report.page.questions.over_time import grain

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span


class Discovery(NamedTuple):
    """New things of a period, and how few tracks make half of its plays."""

    plays: int
    tracks: int
    new_tracks: int
    new_artists: int
    plays_of_new_tracks: int
    tracks_of_half: int
    played_once: int


class DiscoveryStep(NamedTuple):
    """New things of one week, month or quarter."""

    begins: date
    plays: int
    tracks: int
    new_tracks: int
    new_artists: int


def discovery(listening: Listening, span: Span) -> Discovery:
    """Return what the period brought; new is what was never heard before in the whole history."""
    _prepare(listening)
    return ask(
        listening,
        Discovery,
        f"""
        WITH heard AS (
            SELECT track_key, count(*) AS plays
            FROM plays WHERE {IN_PERIOD} AND is_counted GROUP BY track_key
        ), placed AS (
            SELECT h.*, t.first >= $first AS is_new,
                sum(h.plays) OVER (ORDER BY h.plays DESC, track_key) - h.plays AS plays_before,
                sum(h.plays) OVER () AS all_plays
            FROM heard AS h JOIN first_of_tracks AS t USING (track_key)
        )
        SELECT
            coalesce(sum(plays), 0)::BIGINT, count(*), count(*) FILTER (is_new),
            (SELECT count(*) FROM first_of_artists WHERE first BETWEEN $first AND $last),
            coalesce(sum(plays) FILTER (is_new), 0)::BIGINT,
            count(*) FILTER (plays_before * 2 < all_plays),
            count(*) FILTER (plays = 1)
        FROM placed
        """,
        span,
    )[0]


def discovery_steps(listening: Listening, span: Span) -> list[DiscoveryStep]:
    """Return the new tracks and artists of each week, month or quarter."""
    _prepare(listening)
    step = f"date_trunc('{grain(span)}', %s)::DATE"
    return ask(
        listening,
        DiscoveryStep,
        f"""
        WITH heard AS (
            SELECT {step % "local_date"} AS begins, count(*) AS plays,
                count(DISTINCT track_key) AS tracks
            FROM plays WHERE {IN_PERIOD} AND is_counted GROUP BY begins
        ), track AS (
            SELECT {step % "first"} AS begins, count(*) AS new
            FROM first_of_tracks WHERE first BETWEEN $first AND $last GROUP BY begins
        ), artist AS (
            SELECT {step % "first"} AS begins, count(*) AS new
            FROM first_of_artists WHERE first BETWEEN $first AND $last GROUP BY begins
        )
        SELECT h.begins, h.plays, h.tracks, coalesce(t.new, 0), coalesce(a.new, 0)
        FROM heard AS h LEFT JOIN track AS t USING (begins) LEFT JOIN artist AS a USING (begins)
        ORDER BY h.begins
        """,
        span,
    )


def _prepare(listening: Listening) -> None:
    """Make the tables of when each track and artist was first heard for 30 s and more."""
    for thing in ("track", "artist"):
        run(
            listening,
            f"""
            CREATE TEMP TABLE IF NOT EXISTS first_of_{thing}s AS
            SELECT {thing}_key, min(local_date) AS first
            FROM plays WHERE is_counted AND {thing}_key IS NOT NULL GROUP BY {thing}_key
            """,
        )
