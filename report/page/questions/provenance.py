"""Where the audio features of the plays come from, and which sources reported the plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from report.page.questions.asking import MINUTES, PLAYS, make_once, prepare, run

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
    """The plays that a source reported, those that no other did, and when."""

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


def feature_days(listening: Listening) -> list[FeatureCoverage]:
    """Return what was heard on each day, by where the features come from."""
    make_once(
        listening,
        "feature_days",
        f"""
        SELECT local_date, CASE WHEN valence IS NULL THEN 'none' ELSE feature_source END AS source,
               {PLAYS} AS plays, {MINUTES} AS minutes
        FROM plays GROUP BY ALL
        """,
    )
    found = run(listening, "FROM feature_days ORDER BY local_date, source").fetchall()
    return [FeatureCoverage(*row) for row in found]


def feature_coverage(
    days: Sequence[FeatureCoverage], period: Period, grain: Grain
) -> list[FeatureCoverage]:
    """Return what the days of a period add up to by year, month or day, and by source."""
    plays: Counter[tuple[date, str]] = Counter()
    minutes: dict[tuple[date, str], float] = {}
    for day in days:
        if period.first <= day.first <= period.last:
            key = (_BEGIN_OF[grain](day.first), day.source)
            plays[key] += day.plays
            if day.minutes is not None:
                minutes[key] = minutes.get(key, 0) + day.minutes
    return [FeatureCoverage(*key, plays[key], minutes.get(key)) for key in sorted(plays)]


def sources(listening: Listening) -> list[SourceGave]:
    """Return what each source gave, the one with most plays first; plays of every length."""
    make_once(
        listening,
        "source_plays",
        f"""
        SELECT source, count(*) AS plays, count_if(len(sources) = 1) AS alone,
               {MINUTES} AS minutes, min(local_date) AS first, max(local_date) AS last
        FROM (SELECT unnest(sources) AS source, sources, ms_played, local_date FROM plays)
        GROUP BY source
        """,
    )
    found = run(listening, "FROM source_plays ORDER BY plays DESC, source").fetchall()
    return [SourceGave(*row) for row in found]


def months(listening: Listening) -> list[MonthPlays]:
    """Return what was heard in each calendar month that has a play."""
    prepare(listening)
    found = run(
        listening,
        """
        SELECT date_trunc('month', local_date)::DATE, sum(plays)::BIGINT, sum(minutes)
        FROM heard_days GROUP BY 1 ORDER BY 1
        """,
    ).fetchall()
    return [MonthPlays(*row) for row in found]


_BEGIN_OF: Mapping[Grain, Callable[[date], date]] = {
    "year": lambda day: day.replace(month=1, day=1),
    "month": lambda day: day.replace(day=1),
    "day": lambda day: day,
}
