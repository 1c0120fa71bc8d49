"""How often to poll the Web API so that none of a person's plays falls out of its window."""

from dataclasses import dataclass
from datetime import date

import duckdb

from engines.models import literal
from schemas.play_sources import API
from schemas.shared_numbers import COUNTED_MS

DAYS_LOOKED_AT = 90
INTERVALS = (0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24)
"""Hours that may be recommended."""

PLAYS_AIMED_AT = 40
_BUSIEST_SHARE = 0.01


@dataclass(frozen=True)
class ListeningRate:
    """How fast the plays came in the 90 days that end with the last of them, ``until``.

    ``busiest_hours`` is the time in which 40 plays came at the busiest: the first percentile over
    all runs of 40. ``days_at_risk`` is, for hours between two polls of the API, the number of days
    on which a play can be pushed out of the window by 50 others before the next poll.
    """

    until: date
    busiest_hours: float
    days_at_risk: dict[float, int]

    @property
    def recommended_hours(self) -> float:
        """The greatest of ``INTERVALS`` in which hardly ever more than 40 plays come."""
        return max((each for each in INTERVALS if each <= self.busiest_hours), default=INTERVALS[0])


def listening_rate(
    lake: duckdb.DuckDBPyConnection, user_id: str, present_hours: float
) -> ListeningRate | None:
    """Analyse the plays of ``user_id`` that the API would show, which are those of 30 s and more.

    ``days_at_risk`` is counted for ``INTERVALS`` and ``present_hours``. None where there are too
    few plays to say. ``silver.listening_with_features`` must be there.
    """
    # Written in, not passed: with the first parameter DuckDB loads pandas, which takes a second.
    # Excluded plays too: the API shows them.
    found = lake.execute(
        f"""
        WITH heard AS (
            SELECT played_at, local_date FROM silver.listening_with_features
            WHERE user_id = {literal(user_id)} AND coalesce(ms_played >= {COUNTED_MS}, true)
        ), recent AS (
            SELECT * FROM heard
            WHERE played_at > (SELECT max(played_at) FROM heard) - to_days({DAYS_LOOKED_AT})
        ), runs AS (
            SELECT
                epoch(played_at - lag(played_at, {PLAYS_AIMED_AT}) OVER in_order) / 3600
                    AS aimed_hours,
                epoch(played_at - lag(played_at, {API.window}) OVER in_order) / 3600
                    AS window_hours,
                lag(local_date, {API.window}) OVER in_order AS pushed_out_on,
                local_date
            FROM recent WINDOW in_order AS (ORDER BY played_at)
        )
        SELECT max(local_date), quantile_cont(aimed_hours, {_BUSIEST_SHARE}),
               list((window_hours, pushed_out_on))
                   FILTER (window_hours < {max(*INTERVALS, present_hours)})
        FROM runs
        """
    ).fetchone()
    if found is None or found[1] is None:
        return None
    until, busiest_hours, pushed_out = found
    days_at_risk = {
        interval: len({day for hours, day in pushed_out or () if hours < interval})
        for interval in {*INTERVALS, present_hours}
    }
    return ListeningRate(until, busiest_hours, days_at_risk)
