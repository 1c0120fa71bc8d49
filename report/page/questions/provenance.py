"""Where the audio features of the plays come from, and which sources told of the plays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from report.page.questions.asking import IN_PERIOD, MINUTES, PLAYS, ask_once

if TYPE_CHECKING:
    from report.page.listening import Listening, Period

Grain = Literal["year", "month", "day"]


class FeatureCoverage(NamedTuple):
    """What was heard in one time with features from ``source``; without any it is 'none'."""

    first: date
    source: str
    plays: int
    minutes: float | None


class SourceGave(NamedTuple):
    """The plays that a source told of, those that no other did, and when."""

    source: str
    plays: int
    alone: int
    minutes: float | None
    first: date
    last: date


class MonthPlays(NamedTuple):
    """What was heard in a calendar month."""

    first: date
    plays: int
    minutes: float | None


def feature_coverage(listening: Listening, period: Period, grain: Grain) -> list[FeatureCoverage]:
    """Return what was heard by year, month or day, and by where the features come from."""
    return ask_once(
        listening,
        FeatureCoverage,
        f"""
        SELECT CAST(date_trunc('{grain}', local_date) AS DATE),
               CASE WHEN valence IS NULL THEN 'none' ELSE feature_source END,
               {PLAYS}, {MINUTES}
        FROM plays WHERE {IN_PERIOD} GROUP BY ALL ORDER BY ALL
        """,
        period,
    )


def sources(listening: Listening) -> list[SourceGave]:
    """Return what each source gave, the one with most plays first; plays of every length."""
    return ask_once(
        listening,
        SourceGave,
        f"""
        SELECT source, count(*), count_if(len(sources) = 1), {MINUTES},
               min(local_date), max(local_date)
        FROM (SELECT unnest(sources) AS source, sources, ms_played, local_date FROM plays)
        GROUP BY source ORDER BY 2 DESC, 1
        """,
    )


def months(listening: Listening) -> list[MonthPlays]:
    """Return what was heard in each calendar month that has a play."""
    return ask_once(
        listening,
        MonthPlays,
        f"""
        SELECT CAST(date_trunc('month', local_date) AS DATE), {PLAYS}, {MINUTES}
        FROM plays GROUP BY 1 ORDER BY 1
        """,
    )
