"""Where the audio features of the plays come from, and which sources told of the plays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from report.page.listening import Listening, Period

Grain = Literal["year", "month", "day"]


class FeatureCoverage(NamedTuple):
    """What was heard in one time with features from ``source``; without any it is 'none'."""

    first: date
    source: str
    plays: int
    minutes: float


class SourceGave(NamedTuple):
    """The plays that a source told of, those that no other did, and when."""

    source: str
    plays: int
    alone: int
    minutes: float
    first: date
    last: date


class MonthPlays(NamedTuple):
    """What was heard in a calendar month."""

    first: date
    plays: int
    minutes: float


def feature_coverage(listening: Listening, period: Period, grain: Grain) -> list[FeatureCoverage]:
    """Return what was heard by year, month or day, and by where the features come from."""
    found = listening.connection.execute(
        f"""
        SELECT CAST(date_trunc('{grain}', local_date) AS DATE),
               CASE WHEN valence IS NULL THEN 'none' ELSE feature_source END,
               count_if(is_counted), coalesce(sum(minutes), 0)
        FROM plays WHERE local_date BETWEEN $first AND $last GROUP BY ALL ORDER BY ALL
        """,
        {"first": period.first, "last": period.last},
    ).fetchall()
    return [FeatureCoverage(*row) for row in found]


def sources(listening: Listening) -> list[SourceGave]:
    """Return what each source gave, the one with most plays first; plays of every length."""
    found = listening.connection.execute(
        """
        SELECT source, count(*), count_if(len(sources) = 1), coalesce(sum(minutes), 0),
               min(local_date), max(local_date)
        FROM (SELECT unnest(sources) AS source, sources, minutes, local_date FROM plays)
        GROUP BY source ORDER BY 2 DESC, 1
        """
    ).fetchall()
    return [SourceGave(*row) for row in found]


def months(listening: Listening) -> list[MonthPlays]:
    """Return what was heard in each calendar month that has a play."""
    found = listening.connection.execute(
        """
        SELECT CAST(date_trunc('month', local_date) AS DATE), count_if(is_counted),
               coalesce(sum(minutes), 0)
        FROM plays GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    return [MonthPlays(*row) for row in found]
