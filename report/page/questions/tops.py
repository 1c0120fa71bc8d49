"""The most played tracks, artists, albums and genres."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from report.page.questions.asking import ask
from report.page.questions.favourites import skip_rate

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods

Kind = Literal["tracks", "artists", "albums", "genres"]
# What is one thing of each kind in ``period_counts``, and where its name stands.
_GENRES = """(
    SELECT DISTINCT genre AS thing, genre AS name, NULL AS by, NULL AS track_id FROM period_counts
)"""
_THINGS: dict[Kind, tuple[str, str]] = {
    "tracks": ("track", "track_names"),
    "artists": ("artist", "artist_names"),
    "albums": ("album", "album_names"),
    "genres": ("genre", _GENRES),
}


FAR = 100


class Top(NamedTuple):
    """One thing with its ranks by both measures, and those of the period before.

    A rank before is None where it was not heard then, or where there is no period before. Ranks
    are shown so far that a rise of up to ``FAR`` places is; what lies beyond has the next one.
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
        return skip_rate(self.skips, self.known_skips)


class _Share(NamedTuple):
    share: float | None


def tops(listening: Listening, periods: Periods, kind: Kind, most: int) -> dict[str, list[Top]]:
    """Return what is among the first ``most`` of each period by plays or by minutes, by plays.

    What was only begun (no play of 30 s) has no rank. Of equals the one first heard comes first.
    """
    thing, names = _THINGS[kind]
    ranks = most + FAR + 1
    return ask(
        listening,
        Top,
        f"""
        WITH counted AS (
            SELECT
                period, {thing} AS thing,
                sum(plays)::BIGINT AS plays,
                sum(ms_played) / 60000.0 AS minutes,
                min(first_at) AS first_at,
                min(first) AS first,
                max(last) AS last,
                sum(skips)::BIGINT AS skips,
                sum(known_skips)::BIGINT AS known_skips
            FROM period_counts WHERE {thing} IS NOT NULL
            GROUP BY period, {thing} HAVING sum(plays) > 0
        ), edge AS (
            -- what has less than these has no rank that is shown
            SELECT period, list_min(max(plays, {ranks})) AS plays,
                list_min(max(minutes, {ranks})) AS minutes
            FROM counted GROUP BY period
        ), ranked AS (
            SELECT
                c.*,
                row_number() OVER (
                    PARTITION BY c.period ORDER BY c.plays DESC, first_at, thing
                ) AS by_plays,
                row_number() OVER (
                    PARTITION BY c.period
                    ORDER BY c.minutes DESC NULLS LAST, c.plays DESC, first_at, thing
                ) AS by_minutes
            FROM counted AS c JOIN edge AS e USING (period)
            WHERE c.plays >= e.plays OR c.minutes >= e.minutes
        ), shown AS (
            SELECT a.period, b.number AS before, r.* EXCLUDE (period)
            FROM ranked AS r
            JOIN asked AS a ON NOT a.is_before AND a.number = r.period
            LEFT JOIN asked AS b ON b.is_before AND b.period = a.period
            WHERE least(r.by_plays, r.by_minutes) <= {most}
        )
        SELECT
            s.period, n.name, n.by, n.track_id, s.plays, s.minutes, s.first, s.last, s.skips,
            s.known_skips, s.by_plays, s.by_minutes,
            if(c.thing IS NULL, NULL, least(coalesce(b.by_plays, {ranks}), {ranks})),
            if(c.thing IS NULL, NULL, least(coalesce(b.by_minutes, {ranks}), {ranks}))
        FROM shown AS s
        JOIN {names} AS n ON n.thing = s.thing
        LEFT JOIN counted AS c ON c.period = s.before AND c.thing = s.thing
        LEFT JOIN ranked AS b ON b.period = s.before AND b.thing = s.thing
        ORDER BY s.period, s.by_plays
        """,
        periods,
    )


def shares_with_genre(listening: Listening, periods: Periods) -> dict[str, float | None]:
    """Return the share of counted plays whose genre is known; None where there are no plays."""
    found = ask(
        listening,
        _Share,
        """
        SELECT period, coalesce(sum(plays) FILTER (genre IS NOT NULL), 0) / nullif(sum(plays), 0)
        FROM period_counts WHERE NOT is_before GROUP BY period
        """,
        periods,
    )
    return {key: rows[0].share if rows else None for key, rows in found.items()}
