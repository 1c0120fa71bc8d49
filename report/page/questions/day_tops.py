"""What was played most on each day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import prepare, run

if TYPE_CHECKING:
    from report.page.listening import Listening


class DayTop(NamedTuple):
    """A track among the most played of a day."""

    local_date: date
    track_name: str | None
    artist_name: str | None
    plays: int


def day_tops(listening: Listening, most: int = 5) -> list[DayTop]:
    """Return the first ``most`` tracks of each day, in the order of days and of plays.

    Of equals the one heard first that day comes first.
    """
    prepare(listening)
    found = run(
        listening,
        f"""
        WITH counted AS (
            SELECT local_date, track, count(*) AS plays, min(played_at) AS first_at
            FROM heard WHERE is_counted GROUP BY local_date, track
        ), placed AS (
            SELECT *, row_number() OVER (
                PARTITION BY local_date ORDER BY plays DESC, first_at, track) AS place
            FROM counted
        )
        SELECT p.local_date, n.name, n.by, p.plays
        FROM placed AS p JOIN track_names AS n ON n.thing = p.track
        WHERE p.place <= {most} ORDER BY p.local_date, p.place
        """,
    ).fetchall()
    return [DayTop(*row) for row in found]
