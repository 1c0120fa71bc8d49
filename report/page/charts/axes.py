"""What the charts have in common."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import ceil
from typing import Protocol

from report.page.parts import Measure, Option

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMATS = {"plays": "format:count", "minutes": "format:minutes"}
MEASURE_WORDS = {"plays": "plays", "minutes": "minutes heard"}

_MINUTES_OF_TWO_HOURS = 120
_MOST_LINES = 6
_MOST_LETTERS = 28


class Measured(Protocol):
    """A row with both measures."""

    @property
    def plays(self) -> int:
        """Counted plays."""

    @property
    def minutes(self) -> float | None:
        """Minutes heard, None where they are not known."""


def value(row: Measured, measure: Measure) -> float | None:
    """Return what a row has of the measure, minutes to a tenth."""
    if measure == "plays":
        return row.plays
    return None if row.minutes is None else round(row.minutes, 1)


def category_axis(labels: Sequence[str]) -> Option:
    """Return an axis of words."""
    return {"type": "category", "data": list(labels), "axisTick": {"show": False}}


def measure_axis(measure: Measure, high: float = 0) -> Option:
    """Return the axis of a measure, from zero to beyond ``high``; long times by whole hours."""
    axis: Option = {"type": "value", "axisLabel": {"formatter": FORMATS[measure]}}
    if measure == "minutes" and high > _MINUTES_OF_TWO_HOURS:
        steps = (60 * 10**power * part for power in range(6) for part in (1, 2, 5))
        axis["interval"] = step = next(step for step in steps if high / step <= _MOST_LINES)
        axis["max"] = step * ceil(high / step)
    return axis


def hover(form: str, trigger: str = "item") -> Option:
    """Return a tooltip that writes values by a named formatter."""
    return {"trigger": trigger, "valueFormatter": form}


def cut(name: str) -> str:
    """Return a name as a legend has room for it."""
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1].rstrip()}…"


def hour_label(hour: int) -> str:
    """Return an hour of the day as '18–19 h'."""
    return f"{hour}–{hour + 1} h"


def month_label(begins: date) -> str:
    """Return a month as 'Mar 2026'."""
    return f"{begins:%b %Y}"


def step_label(begins: date, grain: str) -> str:
    """Return the name of a week (its Monday), month or quarter."""
    if grain == "quarter":
        return f"{begins.year} Q{(begins.month + 2) // 3}"
    return month_label(begins) if grain == "month" else f"{begins.day} {begins:%b %Y}"


def steps_between(begins: Iterable[date], grain: str) -> list[date]:
    """Return every week, month or quarter from the first to the last of ``begins``."""
    known = sorted(set(begins))
    steps = known[:1]
    while steps and steps[-1] < known[-1]:
        at = steps[-1]
        if grain == "week":
            steps.append(at + timedelta(days=7))
            continue
        month = at.month - 1 + (3 if grain == "quarter" else 1)
        steps.append(date(at.year + month // 12, month % 12 + 1, 1))
    return steps


GRID: Option = {"left": 8, "right": 12, "top": 24, "bottom": 8, "containLabel": True}
