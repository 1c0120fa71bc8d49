"""The most played tracks, artists, albums and genres."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from report.page.questions.asking import ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Periods

Kind = Literal["tracks", "artists", "albums", "genres"]
# What is one thing of each kind in ``period_counts``, and where its name stands.
_GENRES = (
    """(SELECT DISTINCT genre AS thing, genre AS name, NULL AS by, NULL AS track_id FROM heard)"""
)
_THINGS: dict[Kind, tuple[str, str]] = {
    "tracks": ("track", "track_names"),
    "artists": ("artist", "artist_names"),
    "albums": ("album", "album_names"),
    "genres": ("genre", _GENRES),
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


class _Share(NamedTuple):
    share: float | None


def tops(listening: Listening, periods: Periods, kind: Kind, most: int) -> dict[str, list[Top]]:
    """Return what is among the first ``most`` of each period by plays or by minutes, by plays.

    What was only begun (no play of 30 s) has no rank. Of equals the one first heard comes first.
    """
    thing, names = _THINGS[kind]
    return ask(
        listening,
        Top,
        f"""
        WITH counted AS (
            SELECT
                period, is_before, {thing} AS thing,
                sum(plays)::BIGINT AS plays,
                sum(ms_played) / 60000.0 AS minutes,
                min(first_at) AS first_at,
                min(first) AS first,
                max(last) AS last,
                sum(skips)::BIGINT AS skips,
                sum(known_skips)::BIGINT AS known_skips
            FROM period_counts WHERE {thing} IS NOT NULL
            GROUP BY period, is_before, {thing} HAVING sum(plays) > 0
        ), ranked AS (
            SELECT
                *,
                row_number() OVER (
                    PARTITION BY period, is_before ORDER BY plays DESC, first_at, thing
                ) AS by_plays,
                row_number() OVER (
                    PARTITION BY period, is_before
                    ORDER BY minutes DESC NULLS LAST, plays DESC, first_at, thing
                ) AS by_minutes
            FROM counted
        )
        SELECT
            r.period, n.name, n.by, n.track_id, r.plays, r.minutes, r.first, r.last, r.skips,
            r.known_skips, r.by_plays, r.by_minutes, b.by_plays, b.by_minutes
        FROM ranked AS r
        JOIN {names} AS n ON n.thing = r.thing
        LEFT JOIN ranked AS b ON b.is_before AND b.period = r.period AND b.thing = r.thing
        WHERE NOT r.is_before AND least(r.by_plays, r.by_minutes) <= {most}
        ORDER BY r.period, r.by_plays
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
