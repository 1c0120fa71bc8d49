"""Which year and month a recap is of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from report.page.listening import Period

if TYPE_CHECKING:
    from report.page.listening import Listening


def last_full_year(listening: Listening) -> Period | None:
    """Return the last calendar year that is over, None where the plays do not reach as far."""
    first = date(listening.today.year, 1, 1)
    if (listening.today.month, listening.today.day) != (12, 31):
        first = date(first.year - 1, 1, 1)
    last = date(first.year, 12, 31)
    begin = listening.periods[0].first
    if last < begin:
        return None
    before = None
    if date(first.year - 1, 1, 1) >= begin.replace(day=1):
        before = Period(
            "year_before", str(first.year - 1), date(first.year - 1, 1, 1), first - timedelta(1)
        )
    return Period("recap_year", str(first.year), first, last, before)


def last_full_month(listening: Listening) -> Period | None:
    """Return the last calendar month that is over, None where the plays do not reach as far."""
    after = listening.today + timedelta(1)
    last = after.replace(day=1) - timedelta(1)
    first = last.replace(day=1)
    begin = listening.periods[0].first
    if last < begin:
        return None
    before = None
    last_before = first - timedelta(1)
    if last_before.replace(day=1) >= begin:
        before = Period(
            "month_before", f"{last_before:%B}", last_before.replace(day=1), last_before
        )
    return Period("recap_month", f"{first:%B %Y}", first, last, before)
