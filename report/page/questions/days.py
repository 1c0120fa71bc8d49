"""What each day, month and season held."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import prepare, run
from schemas.silver_schemas import LISTENING_COVERAGE, SEASONS

if TYPE_CHECKING:
    from report.page.listening import Listening, Period


class Day(NamedTuple):
    """A day that the sources tell of, with or without music."""

    local_date: date
    plays: int
    minutes: float | None


class Month(NamedTuple):
    """A month with a day that the sources cover: ``days`` of it are covered."""

    begins: date
    plays: int
    minutes: float | None
    days: int
    days_with_music: int


class Season(NamedTuple):
    """A season over the years: winter is December to February."""

    season: str
    plays: int
    minutes: float | None
    days: int

    @property
    def plays_a_day(self) -> float:
        """Plays on an average day that the sources tell of."""
        return self.plays / self.days

    @property
    def minutes_a_day(self) -> float | None:
        """Minutes on an average day that the sources tell of."""
        return None if self.minutes is None else self.minutes / self.days


class Streak(NamedTuple):
    """Days in a row, each with a counted play."""

    first: date
    last: date
    days: int


class Streaks(NamedTuple):
    """The longest run of days of a period, and the one that its last day ends, if there is one."""

    longest: Streak | None
    current: Streak | None


def days(listening: Listening) -> list[Day]:
    """Return the days that the sources cover, in order. Days they do not cover are left out."""
    prepare(listening)
    covered = ""
    if has_table(listening.connection, LISTENING_COVERAGE.full_name):
        covered = f"""
            UNION
            SELECT CAST(unnest(generate_series(first_date, last_date, INTERVAL 1 DAY)) AS DATE)
            FROM {LISTENING_COVERAGE.full_name} WHERE user_id = {literal(listening.user_id)}
        """
    found = run(
        listening,
        f"""
        WITH known_day AS (SELECT local_date FROM heard_days {covered})
        SELECT t.local_date, coalesce(h.plays, 0), h.minutes
        FROM known_day AS t LEFT JOIN heard_days AS h USING (local_date) ORDER BY t.local_date
        """,
    ).fetchall()
    return [Day(*row) for row in found]


def days_of(known_days: Sequence[Day], period: Period) -> Sequence[Day]:
    """Return those of the days, which are in order, that lie in the period."""
    begin = bisect_left(known_days, period.first, key=lambda day: day.local_date)
    return known_days[begin : bisect_right(known_days, period.last, key=lambda day: day.local_date)]


def covered_share(known_days: Sequence[Day], period: Period) -> float:
    """Return the share of the days of a period that the sources tell of."""
    return len(days_of(known_days, period)) / period.days


def months(known_days: Iterable[Day]) -> list[Month]:
    """Return the months of the days, which are in order."""
    return [
        Month(begins, *_sums(group), len(group), sum(day.plays > 0 for day in group))
        for begins, members in groupby(known_days, lambda day: day.local_date.replace(day=1))
        for group in (list(members),)
    ]


def seasons(known_days: Sequence[Day]) -> list[Season]:
    """Return the seasons of the days, from winter to autumn."""
    groups = {
        season: [day for day in known_days if day.local_date.month % 12 // 3 == number]
        for number, season in enumerate(SEASONS)
    }
    return [Season(name, *_sums(group), len(group)) for name, group in groups.items() if group]


def streaks(known_days: Iterable[Day]) -> Streaks:
    """Return the runs of days with music; of runs as long as each other the newer is taken."""
    found: list[Streak] = []
    end = None
    for day in known_days:
        end = day.local_date
        if not day.plays:
            continue
        if found and (end - found[-1].last).days == 1:
            found[-1] = Streak(found[-1].first, end, found[-1].days + 1)
        else:
            found.append(Streak(end, end, 1))
    return Streaks(
        longest=max(found, key=lambda run: (run.days, run.last), default=None),
        current=found[-1] if found and found[-1].last == end else None,
    )


def _sums(group: Sequence[Day]) -> tuple[int, float | None]:
    known = [day.minutes for day in group if day.minutes is not None]
    return sum(day.plays for day in group), sum(known) if known else None
