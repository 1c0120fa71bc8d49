"""What a thing consists of, and what it stands beside: its tops, its neighbours, its sound."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.listening import Listening, Period
from report.page.questions.asking import MINUTES, PLAYS, run
from report.page.questions.favourites import skip_rate
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.silver_schemas import TRACKS
from web.questions.made import Named, make_sessions, make_turns, named
from web.questions.things import Kind, Thing, within

Side = Literal["before", "after"]


class Part(NamedTuple):
    """One track, album or artist of a thing, with its rank there by both measures."""

    kind: Kind
    named: Named
    plays: int
    minutes: float | None
    first: date
    last: date
    skips: int
    known_skips: int
    by_plays: int
    by_minutes: int

    @property
    def skip_rate(self) -> float | None:
        """Share of the plays that were skipped, of those where it is known; at least five."""
        return skip_rate(self.skips, self.known_skips)


class Neighbour(NamedTuple):
    """What came directly before or after, how often, and as a share of all that came there."""

    kind: Kind
    named: Named
    times: int
    share: float


class Companion(NamedTuple):
    """An artist of the same sessions: in how many, and how many times as often as by chance."""

    named: Named
    sessions: int
    share: float
    times_chance: float


class Features(NamedTuple):
    """How a track sounds, where that is known from, and the kind of sound it belongs to."""

    valence: float | None
    energy: float | None
    danceability: float | None
    acousticness: float | None
    instrumentalness: float | None
    tempo: float | None
    duration_ms: int | None
    source: str | None
    donor_level: str | None
    cluster: str | None


def parts(
    listening: Listening, thing: Thing, period: Period, kind: Kind, most: int = 50
) -> list[Part]:
    """Return what is among the first ``most`` by plays or by minutes, by plays."""
    found = run(
        listening,
        f"""
        WITH counted AS (
            SELECT {kind} AS thing, {PLAYS} AS plays, {MINUTES} AS minutes,
                min(played_at) FILTER (is_counted) AS first_at,
                min(local_date) FILTER (is_counted) AS first,
                max(local_date) FILTER (is_counted) AS last,
                count(*) FILTER (skipped) AS skips, count(skipped) AS known_skips
            FROM heard WHERE {thing.is_it} AND {within(period)} AND {kind} IS NOT NULL
            GROUP BY {kind} HAVING bool_or(is_counted)
        ), placed AS (
            SELECT *,
                row_number() OVER (ORDER BY plays DESC, first_at, thing) AS by_plays,
                row_number() OVER (
                    ORDER BY minutes DESC NULLS LAST, plays DESC, first_at, thing
                ) AS by_minutes
            FROM counted
        )
        SELECT * EXCLUDE (first_at) FROM placed
        WHERE least(by_plays, by_minutes) <= {most} ORDER BY by_plays
        """,
    ).fetchall()
    names = named(listening, kind, [row[0] for row in found])
    return [Part(kind, names[number], *row) for number, *row in found]


def neighbours(
    listening: Listening, thing: Thing, period: Period, side: Side, most: int = 10
) -> list[Neighbour]:
    """Return what others of its kind came directly before or after it twice or more often."""
    make_turns(listening)
    other = f"{thing.kind}_{side}"
    found = run(
        listening,
        f"""
        SELECT {other}, count(*) AS times, count(*) / sum(count(*)) OVER ()
        FROM turns WHERE {thing.is_it} AND {other} <> {thing.number} AND {within(period)}
        GROUP BY {other} QUALIFY times > 1 ORDER BY times DESC, {other} LIMIT {most}
        """,
    ).fetchall()
    names = named(listening, thing.kind, [row[0] for row in found])
    return [Neighbour(thing.kind, names[number], *row) for number, *row in found]


def companions(
    listening: Listening, thing: Thing, period: Period, most: int = 10
) -> list[Companion]:
    """Return the other artists of its sessions, two shared sessions at least.

    By chance an artist would be in as large a share of them as of all sessions.
    """
    make_turns(listening)
    make_sessions(listening)
    own = literal(thing.key if thing.kind == "artist" else thing.artist_key)
    found = run(
        listening,
        f"""
        WITH mine AS (
            SELECT DISTINCT session FROM turns WHERE {thing.is_it} AND {within(period)}
        ), together AS (
            SELECT artist, count(*) AS sessions FROM session_artists SEMI JOIN mine USING (session)
            WHERE artist IS DISTINCT FROM hash({own})
            GROUP BY artist HAVING count(*) > 1 ORDER BY sessions DESC, artist LIMIT {most}
        ), alone AS (
            SELECT artist, count(*) AS sessions
            FROM session_artists SEMI JOIN together USING (artist)
            WHERE {within(period)} GROUP BY artist
        ), whole AS (
            SELECT count(*) AS sessions, (SELECT count(*) FROM mine) AS mine
            FROM session_rows WHERE {within(period)}
        )
        SELECT artist, t.sessions, t.sessions / w.mine,
            t.sessions / w.mine / (a.sessions / w.sessions)
        FROM together AS t JOIN alone AS a USING (artist), whole AS w
        ORDER BY t.sessions DESC, artist
        """,
    ).fetchall()
    names = named(listening, "artist", [row[0] for row in found])
    return [Companion(names[number], *row) for number, *row in found]


def features(listening: Listening, thing: Thing) -> Features | None:
    """Return how a track sounds; None where the lake does not have it."""
    if not has_table(listening.connection, TRACKS.full_name):
        return None
    mine = f"user_id = {literal(listening.user_id)} AND track_key = {literal(thing.key)}"
    cluster = "NULL"
    if has_table(listening.connection, MOOD_CLUSTERS.full_name):
        cluster = f"(SELECT any_value(label) FROM {MOOD_CLUSTERS.full_name} WHERE {mine})"
    found: tuple[Any, ...] | None = run(
        listening,
        f"""
        SELECT valence, energy, danceability, acousticness, instrumentalness, tempo, duration_ms,
            feature_source, feature_donor_level, {cluster}
        FROM {TRACKS.full_name} WHERE {mine} LIMIT 1
        """,
    ).fetchone()
    return None if found is None else Features(*found)
