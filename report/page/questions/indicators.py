"""The wellbeing indicators: the newest eight weeks, all of the past, and the weeks between."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from engines.models import literal
from lake.reader import has_table
from report.page.questions.asking import run
from report.plain_words import INDICATORS
from schemas.indicator_schemas import WELLBEING_INDICATORS

if TYPE_CHECKING:
    from report.page.listening import Listening

_ORDER = {name: place for place, name in enumerate(INDICATORS)}


class Value(NamedTuple):
    """An indicator in one period, or why there is none; the baseline is the 8 weeks before."""

    value: float | None
    low: float | None
    high: float | None
    baseline: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    n_plays: int
    n_days: int
    synthetic_share: float | None
    status: str
    reason: str | None

    @property
    def has_changed(self) -> bool:
        """Whether the change is more than chance."""
        if self.change_low is None or self.change_high is None:
            return False
        return self.change_low > 0 or self.change_high < 0


class Indicator(NamedTuple):
    """One indicator: the newest eight weeks and all of the past; None where there is no row."""

    name: str
    unit: str
    until: date | None
    newest: Value | None
    all_time: Value | None


class WeekValue(NamedTuple):
    """An indicator of the eight weeks that end on a day."""

    until: date
    value: float | None
    low: float | None
    high: float | None


_VALUE = """
    value, ci_low, ci_high, baseline_value, change, change_ci_low, change_ci_high,
    n_plays, n_days, synthetic_share, status, reason
"""


def indicators(listening: Listening) -> list[Indicator]:
    """Return every indicator that the lake has of the person, in the order of reading."""
    if not has_table(listening.connection, WELLBEING_INDICATORS.full_name):
        return []
    found = run(
        listening,
        f"""
        SELECT indicator, unit, period_kind, period_end, {_VALUE}
        FROM {WELLBEING_INDICATORS.full_name}
        WHERE user_id = {literal(listening.user_id)} AND period_kind IN ('all_time', 'weeks_8')
        QUALIFY period_end = max(period_end) OVER (PARTITION BY period_kind)
        """,
    ).fetchall()
    shown: dict[str, Indicator] = {}
    for name, unit, kind, until, *value in found:
        known = shown.get(name, Indicator(name, unit, None, None, None))
        shown[name] = (
            known._replace(all_time=Value(*value))
            if kind == "all_time"
            else known._replace(newest=Value(*value), until=until)
        )
    return sorted(shown.values(), key=lambda each: (_ORDER.get(each.name, len(_ORDER)), each.name))


def indicator_weeks(listening: Listening) -> dict[str, list[WeekValue]]:
    """Return each indicator's values of eight weeks, by the day they end; unknown ones as None."""
    if not has_table(listening.connection, WELLBEING_INDICATORS.full_name):
        return {}
    found = run(
        listening,
        f"""
        SELECT indicator, period_end, value, ci_low, ci_high FROM {WELLBEING_INDICATORS.full_name}
        WHERE user_id = {literal(listening.user_id)} AND period_kind = 'weeks_8' ORDER BY period_end
        """,
    ).fetchall()
    weeks: dict[str, list[WeekValue]] = {}
    for name, *value in found:
        weeks.setdefault(name, []).append(WeekValue(*value))
    return weeks
