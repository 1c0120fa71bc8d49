"""How the sound changes: over the hours of the day, from day to day and month to month."""

from report.page.charts.mood_days import (
    calendar_chart,
    calendar_height,
    months_chart,
    months_height,
)
from report.page.charts.mood_hours import hours_chart, hours_height
from report.page.listening import Listening, Period
from report.page.parts import Block, Column, Numbers, View
from report.page.questions.mood import HourSound, Sound, mood_days, mood_hours, mood_months
from report.page.questions.published import BRIGHTEST_HOUR, DARKEST_HOUR, SOURCE
from report.page.sections.answers import without_answer
from report.page.sections.choices import by_period, too_few
from report.page.words import plural

_FEW_DAYS = 62
_HOURS_NEEDED = 8
_SOUND_COLUMNS = (
    Column("Plays", "count"),
    Column("Brightness", "number"),
    Column("Energy", "number"),
    Column("Synthetic", "percent"),
    Column("Status"),
)
_TOLD = {
    "ok": "",
    "withheld": "withheld: mostly synthetic features",
    "too_few_data": "too few plays",
}


def time_blocks(listening: Listening) -> tuple[Block, ...]:
    """Return the hours and the calendar."""
    periods = listening.periods
    days, of_month = mood_days(listening), mood_months(listening, periods)
    years = periods[0].last.year - periods[0].first.year + 1
    height = max(calendar_height(), months_height(years))
    return (
        Block(
            id="mood-hours",
            title="How does the sound change over the day?",
            views=by_period(
                mood_hours(listening, periods), listening, lambda rows, _: _hours(rows)
            ),
            note="Line: your mean by hour; band: its 95% interval, days taken as clusters. "
            f"Grey: where the extremes lie in {SOURCE}. Of that "
            "curve nothing but the extremes is known here.",
            label="Mean brightness and energy by local hour",
            height=hours_height(),
        ),
        Block(
            id="mood-calendar",
            title="Which days sounded brighter, which more energetic?",
            views=by_period(
                of_month, listening, lambda rows, period: _calendar(days, rows, period, height)
            ),
            note="Colours run from the lowest to the highest twentieth of what is shown. "
            "Hatched: withheld, as most features are synthetic. Pale: too few plays to say. "
            "Empty: no music, or a time that no source tells of.",
            label="Brightness and energy of each day or month",
            height=height,
            is_wide=True,
        ),
    )


def _calendar(days: list[Sound], of_month: list[Sound], period: Period, height: int) -> View:
    is_whole = period.id == "all"
    in_period = [each for each in days if period.first <= each.first <= period.last]
    cells = of_month if is_whole else in_period
    shown = [each for each in cells if each.status == "ok"]
    if not shown:
        return _none_known(cells, "month" if is_whole else "day")
    brightest = max(shown, key=lambda each: each.valence or 0)
    darkest = min(shown, key=lambda each: each.valence or 0)
    by_month = is_whole or period.days > _FEW_DAYS
    listed = of_month if by_month else cells
    form = "%B %Y" if is_whole else "%-d %B %Y"
    return View(
        option=months_chart(cells)
        if is_whole
        else calendar_chart(cells, period.first, period.last, height),
        sentence=f"Brightest: {brightest.first:{form}}. Darkest: {darkest.first:{form}}."
        if len(shown) > 1
        else "",
        table=Numbers(
            (
                Column("Month", names="month") if by_month else Column("Day", "date"),
                *_SOUND_COLUMNS,
            ),
            [
                (
                    f"{each.first:%b %Y}" if by_month else each.first,
                    each.n,
                    each.valence if each.status == "ok" else None,
                    each.energy if each.status == "ok" else None,
                    each.synthetic_share,
                    _TOLD[each.status],
                )
                for each in listed
            ],
        ),
    )


def _none_known(cells: list[Sound] | list[HourSound], unit: str) -> View:
    withheld = sum(each.status == "withheld" for each in cells)
    if withheld:
        return without_answer(
            "withheld",
            f"no {unit} could be told: on {withheld} of {len(cells)} most features are synthetic",
        )
    return too_few(f"No {unit} of this period has enough plays with audio features.")


def _hours(hours: list[HourSound]) -> View:
    shown = [each for each in hours if each.status == "ok"]
    if len(shown) < _HOURS_NEEDED:
        if any(each.status == "withheld" for each in hours):
            return _none_known(hours, "hour") if not shown else _few_hours(len(shown))
        return _few_hours(len(shown))
    darkest = min(shown, key=lambda each: each.valence or 0)
    brightest = max(shown, key=lambda each: each.valence or 0)
    apart = (brightest.valence or 0) - (darkest.valence or 0)
    published = BRIGHTEST_HOUR.valence - DARKEST_HOUR.valence
    return View(
        option=hours_chart(hours),
        sentence=f"Your music is darkest at {darkest.hour} and brightest at {brightest.hour} "
        f"o'clock, {apart:.3f} apart on a scale of 1. Of a million people together: darkest at "
        f"{DARKEST_HOUR.hour}, brightest at {BRIGHTEST_HOUR.hour}, {published:.3f} apart. One "
        "person's extremes lie farther apart by chance alone.",
        table=Numbers(
            (
                Column("Hour"),
                *_SOUND_COLUMNS[:2],
                Column("± (95%)", "number"),
                _SOUND_COLUMNS[2],
                Column("± (95%)", "number"),
                *_SOUND_COLUMNS[3:],
            ),
            [_hour_row(each) for each in hours],
        ),
    )


def _hour_row(hour: HourSound) -> tuple[object, ...]:
    has_answer = hour.status == "ok"
    return (
        f"{hour.hour}:00",
        hour.n,
        hour.valence if has_answer else None,
        1.96 * hour.valence_error if has_answer and hour.valence_error is not None else None,
        hour.energy if has_answer else None,
        1.96 * hour.energy_error if has_answer and hour.energy_error is not None else None,
        hour.synthetic_share,
        _TOLD[hour.status],
    )


def _few_hours(shown: int) -> View:
    return too_few(
        f"{plural(shown, 'hour')} of the day with 100 plays on 14 days; {_HOURS_NEEDED} needed. "
        "A longer period may tell more."
    )
