"""When music is heard: hours, days, months and seasons."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.axes import WEEKDAYS, hour_label, month_label, value
from report.page.charts.when import (
    DAYS_OF_ONE_CALENDAR,
    calendar_chart,
    clock_chart,
    months_chart,
    season_value,
    seasons_chart,
    week_chart,
)
from report.page.listening import Listening, Period
from report.page.parts import Block, Column, Format, Measure, Numbers, Section, View
from report.page.questions.days import Day, Month, Season, days, days_of, months, seasons
from report.page.questions.hours import Hour, WeekHour, hours, week_hours
from report.page.sections.choices import NO_TIMES, by_choice, too_few
from report.page.sections.overview import day_or_month
from report.page.sections.sessions import session_blocks
from report.page.words import plural

# Fewer plays show who happened to be at home, not when a person listens.
LEAST_PLAYS_OF_A_PATTERN = 30
_LEAST_DAYS = 7
_HEARD: dict[Measure, Column] = {
    "plays": Column("Plays", "count"),
    "minutes": Column("Heard", "minutes"),
}


def section(listening: Listening) -> Section:
    """Return the hours of the week and day, the calendar, months, seasons and sessions."""
    weeks = week_hours(listening, listening.periods)
    covered = days(listening)
    of_period = {period.id: days_of(covered, period) for period in listening.periods}
    return Section(
        id="when",
        title="When",
        lead=f"By the clock on the wall in {listening.timezone}. A play stands where it ended.",
        blocks=(
            Block(
                id="week",
                title="When in the week?",
                views=by_choice(weeks, listening, week_view),
                label="Heat map of weekdays by hours",
                height=300,
            ),
            Block(
                id="clock",
                title="At what time of day?",
                views=by_choice(
                    {key: hours(week) for key, week in weeks.items()}, listening, _clock
                ),
                label="Clock of 24 hours, midnight at the top",
                height=300,
            ),
            Block(
                id="calendar",
                title="Which days had music?",
                views=by_choice(
                    of_period,
                    listening,
                    lambda rows, _, measure: _calendar(rows, measure, listening.redact),
                ),
                note="A day without a cell is one that no source tells of; it need not have been "
                "silent. The darkest shade stands for the fullest days.",
                label="Calendar, a cell a day; over several years, a cell a week",
                height=260,
                is_wide=True,
            ),
            Block(
                id="months",
                title="How does it go from month to month?",
                views=by_choice(
                    {
                        period.id: (months(of_period[period.id]), _year_before(covered, period))
                        for period in listening.periods
                    },
                    listening,
                    _months,
                ),
                label="Bars of months",
                is_wide=True,
            ),
            Block(
                id="seasons",
                title="Which season has most music?",
                views=by_choice(
                    {key: seasons(found) for key, found in of_period.items()}, listening, _seasons
                ),
                note="An average day of each season, of the days that the sources tell of. Winter "
                "is December to February.",
                label="Bars of the four seasons",
            ),
            *session_blocks(listening),
        ),
    )


def missing(rows: Sequence[Hour | WeekHour | Day | Month], measure: Measure) -> View | None:
    """Return what stands in place of a pattern that is not known; None where it can."""
    plays = sum(row.plays for row in rows)
    if plays < LEAST_PLAYS_OF_A_PATTERN:
        return too_few(
            f"{plural(plays, 'play')} of 30 seconds and more in this period; "
            f"{LEAST_PLAYS_OF_A_PATTERN} are needed to show when you listen."
        )
    if measure == "minutes" and all(row.minutes is None for row in rows):
        return too_few(NO_TIMES)
    return None


def in_words(amount: float | None, measure: Measure) -> str:
    """Return '45 plays' or '3 h 20 min'."""
    if amount is None:
        return words.NOTHING
    return plural(amount, "play") if measure == "plays" else words.minutes(amount)


def week_view(rows: Sequence[WeekHour], period: Period, measure: Measure) -> View:
    """Return the heat map of the week; ``period`` says nothing here."""
    if (absent := missing(rows, measure)) is not None:
        return absent
    fullest = max(rows, key=lambda row: value(row, measure) or 0)
    return View(
        option=week_chart(rows, measure),
        table=Numbers(
            (Column("Hour"), *(Column(day[:3], _HEARD[measure].format) for day in WEEKDAYS)),
            [
                (hour_label(hour), *(value(rows[day * 24 + hour], measure) for day in range(7)))
                for hour in range(24)
            ],
        ),
        sentence=f"The fullest hour is {WEEKDAYS[fullest.weekday - 1]} "
        f"{hour_label(fullest.hour)}, with {in_words(value(fullest, measure), measure)}.",
    )


def _clock(rows: Sequence[Hour], period: Period, measure: Measure) -> View:
    if (absent := missing(rows, measure)) is not None:
        return absent
    amounts = [value(row, measure) or 0 for row in rows]
    begins = max(range(24), key=lambda hour: sum(amounts[(hour + i) % 24] for i in range(8)))
    share = sum(amounts[(begins + i) % 24] for i in range(8)) / sum(amounts)
    return View(
        option=clock_chart(rows, measure),
        table=Numbers(
            (Column("Hour"), _HEARD[measure], Column("Share", "percent")),
            [
                (hour_label(row.hour), amount, amount / sum(amounts))
                for row, amount in zip(rows, amounts, strict=True)
            ],
        ),
        sentence=f"{words.percent(share)} lies in the eight hours from {begins} h to "
        f"{(begins + 8) % 24} h; most of all from {hour_label(amounts.index(max(amounts)))}.",
    )


def _calendar(rows: Sequence[Day], measure: Measure, redact: bool) -> View:
    if not any(row.plays for row in rows):
        return too_few("No play of 30 seconds or more in this period.")
    if len(rows) < _LEAST_DAYS:
        return too_few(f"A calendar needs {_LEAST_DAYS} days that are known.")
    if measure == "minutes" and all(row.minutes is None for row in rows):
        return too_few(NO_TIMES)
    fullest = max(rows, key=lambda row: value(row, measure) or 0)
    silent = sum(not row.plays for row in rows)
    # Days of many years would be most of the page; each year has its own.
    table = _years_table if len(rows) > DAYS_OF_ONE_CALENDAR else _days_table
    return View(
        option=calendar_chart(rows, measure),
        table=table(rows, measure),
        sentence=f"The fullest day was {_the_day(fullest, redact)}, with "
        f"{in_words(value(fullest, measure), measure)}. {words.count(silent)} of "
        f"{words.count(len(rows))} known days were without music.",
    )


def _the_day(row: Day, redact: bool) -> str:
    if redact:
        return f"one in {day_or_month(row.local_date, redact)}"
    return f"{row.local_date:%A} {words.day(row.local_date)}"


def _days_table(rows: Sequence[Day], measure: Measure) -> Numbers:
    """Return a line a month with a column a day; days that are not known are left empty."""
    form = _HEARD[measure].format
    lines: dict[str, list[float | None]] = {}
    for row in rows:
        line = lines.setdefault(month_label(row.local_date), [None] * 31)
        line[row.local_date.day - 1] = value(row, measure) or 0
    return Numbers(
        (Column("Month", names="month"), *(Column(str(day), form) for day in range(1, 32))),
        [(month, *line) for month, line in lines.items()],
    )


def _years_table(rows: Sequence[Day], measure: Measure) -> Numbers:
    years = sorted({row.local_date.year for row in rows})
    by_year = {year: [row for row in rows if row.local_date.year == year] for year in years}
    return Numbers(
        (
            Column("Year"),
            _HEARD[measure],
            Column("Days with music", "count"),
            Column("Days known", "count"),
        ),
        [
            (
                str(year),
                sum(value(row, measure) or 0 for row in of_year),
                sum(row.plays > 0 for row in of_year),
                len(of_year),
            )
            for year, of_year in by_year.items()
        ],
    )


def _year_before(covered: Sequence[Day], period: Period) -> list[Month]:
    """Return the months of the year before a calendar year."""
    if not period.id.isdigit() or period.before is None:
        return []
    return months(days_of(covered, period.before))


def _months(
    rows: tuple[Sequence[Month], Sequence[Month]], period: Period, measure: Measure
) -> View:
    now, before = rows
    if (absent := missing(now, measure)) is not None:
        return absent
    if len(now) < 3:
        return too_few("The period has too few months to compare.")
    fullest = max(now, key=lambda row: value(row, measure) or 0)
    earlier = {row.begins.month: row for row in before}
    heard = _HEARD[measure]
    columns = [Column("Month", names="month"), heard]
    if before:
        columns.append(Column(f"{before[0].begins.year}", heard.format))
    columns += [Column("Days with music", "count"), Column("Days known", "count")]
    return View(
        option=months_chart(now, before, measure),
        table=Numbers(
            tuple(columns),
            [
                (
                    month_label(row.begins),
                    value(row, measure),
                    *(
                        [value(earlier[row.begins.month], measure)]
                        if row.begins.month in earlier
                        else [None] * bool(before)
                    ),
                    row.days_with_music,
                    row.days,
                )
                for row in now
            ],
        ),
        sentence=f"The fullest month was {fullest.begins:%B %Y}, with "
        f"{in_words(value(fullest, measure), measure)}.",
    )


def _seasons(rows: Sequence[Season], period: Period, measure: Measure) -> View:
    if len(rows) < 4 or min(row.days for row in rows) < 28:
        return too_few("The period does not have 28 known days of each season.")
    if measure == "minutes" and any(row.minutes is None for row in rows):
        return too_few(NO_TIMES)
    ordered = sorted(rows, key=lambda row: season_value(row, measure) or 0)
    least, most = ordered[0], ordered[-1]
    form: Format = "number" if measure == "plays" else "minutes"
    return View(
        option=seasons_chart(rows, measure),
        table=Numbers(
            (
                Column("Season"),
                Column("A day", form),
                _HEARD[measure],
                Column("Days known", "count"),
            ),
            [
                (row.season, season_value(row, measure), value(row, measure), row.days)
                for row in rows
            ],
        ),
        sentence=f"All four are alike, with about {_a_day(most, measure)}."
        if _a_day(most, measure) == _a_day(least, measure)
        else f"{most.season.capitalize()} has most, {_a_day(most, measure)}; {least.season} "
        f"least, {_a_day(least, measure)}.",
    )


def _a_day(row: Season, measure: Measure) -> str:
    return f"{in_words(season_value(row, measure), measure)} a day"
