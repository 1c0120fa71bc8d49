"""What a page shows, as its address says: whose listening, of when, measured and compared how."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query

from report.page.listening import Listening, Period, a_year_before
from report.page.parts import Measure

Compare = Literal["before", "year", "none"]
COMPARISONS: dict[Compare, str] = {
    "before": "the time before",
    "year": "a year before",
    "none": "nothing",
}
WHOLE = "all"
_DAY = r"\d{4}-\d{2}-\d{2}"
_PERIOD = rf"all|last_12_months|last_28_days|\d{{4}}(-\d{{2}})?|{_DAY}(\.\.{_DAY})?"

# Repeated in messages, which are one line.
ONE_LINE = "^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"


class WrongChoiceError(ValueError):
    """What the address asks for is not there; the message is one line."""


@dataclass(frozen=True)
class Choice:
    """The choice that every address holds. ``user`` None: that of the setting ``USER_ID``."""

    user: str | None = None
    period: str = WHOLE
    measure: Measure = "plays"
    compare: Compare = "before"

    def query(self, **changes: Any) -> str:
        """Return it, with ``changes``, as the query of an address; what is usual is left out.

        Names that a choice does not have are added.
        """
        own = {name: changes.pop(name) for name in tuple(changes) if name in _USUAL}
        values = replace(self, **own).differences()
        values |= {name: value for name, value in changes.items() if value not in (None, "")}
        return f"?{urlencode(values)}" if values else ""

    def differences(self) -> dict[str, Any]:
        """Return what of it is not what is usual."""
        return {name: value for name, value in vars(self).items() if value != _USUAL[name]}


_USUAL = vars(Choice())


def choice(
    user: Annotated[
        str | None,
        Query(
            max_length=64,
            pattern=ONE_LINE,
            description="Whose listening; else that of USER_ID",
        ),
    ] = None,
    period: Annotated[
        str,
        Query(
            pattern=rf"^({_PERIOD})$",
            description="`all`, `last_12_months`, `last_28_days`, `2024`, `2024-03`, `2024-03-01`, "
            "or `2024-03-01..2024-03-14`",
        ),
    ] = WHOLE,
    measure: Annotated[Measure, Query(description="What is added up")] = "plays",
    compare: Annotated[Compare, Query(description="What numbers are compared with")] = "before",
) -> Choice:
    """Read a choice from the query of an address."""
    return Choice(user or None, period, measure, compare)


def period_of(chosen: Choice, listening: Listening) -> Period:
    """Return the period chosen, within what the lake has; its id is ``all`` or ``span``.

    Raises WrongChoiceError where it is no time, or the lake has none of it.
    """
    whole = listening.periods[0]
    known = {each.id: each for each in listening.periods}
    if chosen.period == WHOLE:
        return whole
    if chosen.period in ("last_12_months", "last_28_days"):
        span = known.get(chosen.period)
        if span is None:  # there is less than that
            return whole
        first, last, label = span.first, span.last, span.label
    else:
        first, last, label = _span(chosen.period)
    if last < whole.first or first > whole.last:
        raise WrongChoiceError(
            f"no plays from {first} to {last}: the lake has {whole.first} to {whole.last}"
        )
    last = min(last, whole.last)
    return Period("span", label, first, last, _before(first, last, chosen.compare, whole))


def _before(first: date, last: date, compare: Compare, whole: Period) -> Period | None:
    # What lies before all plays is nothing to compare with, and maybe no date.
    if compare == "none" or first <= whole.first:
        return None
    if compare == "year":
        begin, end = a_year_before(first), a_year_before(last)
        label = "a year before"
    else:
        days = (last - first).days + 1
        begin, end = first - timedelta(days=days), first - timedelta(days=1)
        label = f"the {days} days before" if days > 1 else "the day before"
    return None if end < whole.first else Period("before", label, begin, end)


def _span(text: str) -> tuple[date, date, str]:
    begin, _, end = text.partition("..")
    try:
        first, last = _days(begin)
        if end:
            last = _days(end)[1]
    except ValueError:
        raise WrongChoiceError(f"{text} is no time: write 2024, 2024-03 or 2024-03-01") from None
    if last < first:
        raise WrongChoiceError(f"{text} ends before it begins")
    return first, last, _label(text, first, last)


def _days(text: str) -> tuple[date, date]:
    parts = [int(each) for each in re.findall(r"\d+", text)]
    match parts:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case _:
            return date(*parts), date(*parts)


def _label(text: str, first: date, last: date) -> str:
    if ".." in text:
        return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    return {4: text, 7: f"{first:%B %Y}"}.get(len(text), f"{first.day} {first:%B %Y}")
