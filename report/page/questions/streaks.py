"""Days in a row with music, and the longest silence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from report.page.questions.asking import IN_PERIOD, ask

if TYPE_CHECKING:
    from report.page.listening import Listening
    from report.page.questions.asking import Span


class Run(NamedTuple):
    """Days in a row, each with a counted play."""

    first: date
    last: date
    days: int


class Streaks(NamedTuple):
    """The longest run of days of a period, and the one that its last day ends, if there is one."""

    longest: Run | None
    current: Run | None


def streaks(listening: Listening, span: Span) -> Streaks:
    """Return the runs of days with music; of runs as long as each other the newer is taken."""
    runs = ask(
        listening,
        Run,
        f"""
        WITH day AS (
            SELECT DISTINCT local_date FROM plays WHERE {IN_PERIOD} AND is_counted
        ), numbered AS (
            -- Days in a row are as far from their own number.
            SELECT local_date, local_date - CAST(row_number() OVER (ORDER BY local_date) AS INTEGER)
                AS island
            FROM day
        )
        SELECT min(local_date), max(local_date) AS last, count(*) AS days
        FROM numbered GROUP BY island ORDER BY days DESC, last DESC
        """,
        span,
    )
    # What the data does not tell of, after its last day, ends no run.
    end = min(span.last, listening.today)
    return Streaks(
        longest=runs[0] if runs else None,
        current=next((run for run in runs if run.last == end), None),
    )
