"""The wellbeing indicators of one person: every indicator in every period, with its status.

The NumPy half of ``gold.wellbeing_indicators``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from gold.indicators.indicator_days import DaySums
from gold.indicators.indicator_results import Result, changes, values
from gold.indicators.period_results import measure
from gold.statistics.feature_shares import SOURCE_OF_SHARE
from schemas.statuses import OK
from silver.names.exact_numbers import DECIMALS

WINDOW_DAYS = 56
WINDOWS = 52
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Period:
    """A span of local days since 1970-01-01, both ends inclusive."""

    kind: str
    name: str
    first: int
    last: int


def person_indicators(user_id: str, days: DaySums) -> list[dict[str, Any]]:
    """Return the rows of ``WELLBEING_INDICATORS`` of one person.

    ``days`` are all days with counted plays. Periods without any have no rows. The rolling windows
    end on the last day and on every Sunday before it, 52 of them at most.
    """
    first, last = int(days.day[0]), int(days.day[-1])

    # A rolling window is also the one before of the window eight weeks later.
    @lru_cache(maxsize=WINDOW_DAYS // 7 + 2)
    def measured(start: int, end: int) -> tuple[Result, ...]:
        return measure(user_id, days.between(start, end), f"{start} {end}")

    rows: list[dict[str, Any]] = []
    for period in periods(first, last):
        results = measured(period.first, period.last)
        if not results:
            continue
        before: tuple[Result, ...] = ()
        if period.kind != "all_time" and any(each.status == OK for each in results):
            before = measured(period.first - WINDOW_DAYS, period.first - 1)
        rows += _rows(user_id, period, results, before)
    return rows


def periods(first: int, last: int) -> Iterator[Period]:
    """Yield all periods of a history from day ``first`` to day ``last``."""
    yield Period("all_time", "all", first, last)
    month = _date(first).replace(day=1)
    while _number(month) <= last:
        next_month = (month + timedelta(days=31)).replace(day=1)
        yield Period("month", f"{month:%Y-%m}", _number(month), _number(next_month) - 1)
        month = next_month
    newest_sunday = last - (last + 4) % 7
    sundays = range(newest_sunday - 7 * (WINDOWS - 1), newest_sunday + 1, 7)
    for end in sorted({last, *(each for each in sundays if each >= first)}):
        yield Period("weeks_8", _date(end).isoformat(), end - WINDOW_DAYS + 1, end)


def _rows(
    user_id: str, period: Period, results: Sequence[Result], before: Sequence[Result]
) -> Iterator[dict[str, Any]]:
    """Yield a row a result; ``before`` are those of the weeks before the period, if any."""
    of_period = {
        "user_id": user_id,
        "period_kind": period.kind,
        "period": period.name,
        "period_start": _date(period.first),
        "period_end": _date(period.last),
    }
    changed = changes(results, before) if before else [None] * len(results)
    for place, (result, value, change) in enumerate(
        zip(results, values(results), changed, strict=True)
    ):
        numbers: dict[str, float] = {}
        if result.shares is not None:
            numbers |= zip(SOURCE_OF_SHARE, result.shares, strict=True)
        if value is not None:
            numbers |= {"value": value.value, "ci_low": value.low, "ci_high": value.high}
        if change is not None:
            numbers |= {
                "baseline_value": before[place].shown_value,
                "change": change.value,
                "change_ci_low": change.low,
                "change_ci_high": change.high,
            }
        yield of_period | {
            "indicator": result.indicator.name,
            "unit": result.indicator.unit,
            "n_plays": result.n_plays,
            "n_days": result.n_days,
            "status": result.status,
            "reason": result.reason,
            **{name: round(number, DECIMALS) for name, number in numbers.items()},
        }


def _date(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _number(day: date) -> int:
    return (day - _EPOCH).days
