"""Charts of when music is heard."""

from collections.abc import Sequence
from datetime import date

from report.page import words
from report.page.charts.axes import (
    FORMATS,
    GRID,
    MEASURE_WORDS,
    WEEKDAYS,
    category_axis,
    hover,
    measure_axis,
    month_label,
    steps_between,
    value,
)
from report.page.parts import Measure, Option
from report.page.questions.days import Day, Month, Season
from report.page.questions.hours import Hour, WeekHour
from report.page.questions.sessions import SessionLength

DAYS_OF_ONE_CALENDAR = 366
_HOURS = [f"{hour}:00" for hour in range(24)]


def week_chart(rows: Sequence[WeekHour], measure: Measure) -> Option:
    """Return the heat map of weekdays by hours, Monday at the top: a series a weekday."""
    values = [value(row, measure) or 0 for row in rows]
    return {
        "tooltip": hover(FORMATS[measure]),
        "grid": {**GRID, "bottom": 44},
        "xAxis": category_axis(_HOURS),
        "yAxis": {**category_axis([day[:3] for day in WEEKDAYS]), "inverse": True},
        "visualMap": _shades(values, measure),
        "series": [
            {
                "type": "heatmap",
                "name": weekday,
                "data": [[hour, day, values[24 * day + hour]] for hour in range(24)],
            }
            for day, weekday in enumerate(WEEKDAYS)
        ],
    }


def clock_chart(rows: Sequence[Hour], measure: Measure) -> Option:
    """Return the day as a clock of 24 hours, midnight at the top."""
    return {
        "tooltip": hover(FORMATS[measure]),
        "polar": {"radius": ["16%", "72%"]},
        "angleAxis": {
            **category_axis(_HOURS),
            "startAngle": 90,
            "axisLabel": {"color": "color:soft", "interval": 2},
            "axisLine": {"lineStyle": {"color": "color:line"}},
            "splitLine": {"show": False},
        },
        "radiusAxis": {"show": False},
        "series": [
            {
                "type": "bar",
                "coordinateSystem": "polar",
                "name": MEASURE_WORDS[measure],
                "barCategoryGap": "12%",
                "data": [value(row, measure) or 0 for row in rows],
            }
        ],
    }


def calendar_chart(rows: Sequence[Day], measure: Measure) -> Option:
    """Return the days as a calendar; of more than a year, the weeks of each year as a line.

    Days that no source covers have no cell; covered days without music have one of the palest
    shade.
    """
    if (rows[-1].local_date - rows[0].local_date).days >= DAYS_OF_ONE_CALENDAR:
        return _years_chart(rows, measure)
    values = [value(row, measure) or 0 for row in rows]
    cells = [[row.local_date.isoformat(), shown] for row, shown in zip(rows, values, strict=True)]
    return {
        "tooltip": hover(FORMATS[measure]),
        "visualMap": _shades(values, measure),
        "calendar": {
            "range": [rows[0].local_date.isoformat(), rows[-1].local_date.isoformat()],
            "left": 34,
            "right": 8,
            "top": 28,
            "bottom": 48,
            "cellSize": ["auto", "auto"],
            "dayLabel": {
                "firstDay": 1,
                "nameMap": [day[0] for day in (WEEKDAYS[6], *WEEKDAYS)][:7],
            },
            "monthLabel": {"nameMap": list("JFMAMJJASOND")},
            "itemStyle": {"borderColor": "color:card"},
            "yearLabel": {"show": False},
            "splitLine": {"show": False},
        },
        "series": [
            {
                "type": "heatmap",
                "coordinateSystem": "calendar",
                "name": MEASURE_WORDS[measure],
                "dimensions": ["day", MEASURE_WORDS[measure]],
                "itemStyle": {"borderWidth": 1, "borderColor": "color:card"},
                "encode": {"tooltip": [0, 1]},
                "data": cells,
            }
        ],
    }


def _years_chart(rows: Sequence[Day], measure: Measure) -> Option:
    years = [str(year) for year in range(rows[0].local_date.year, rows[-1].local_date.year + 1)]
    weeks: dict[tuple[int, int], float] = {}
    for row in rows:
        cell = (_week_of_year(row.local_date), row.local_date.year - rows[0].local_date.year)
        weeks[cell] = weeks.get(cell, 0) + (value(row, measure) or 0)
    cells = [
        {
            "name": f"Week from {words.day(_week_begins(int(years[year]), week))}",
            "value": [week, year, round(sum_, 1)],
            "begins": _week_begins(int(years[year]), week).isoformat(),
        }
        for (week, year), sum_ in weeks.items()
    ]
    return {
        "tooltip": hover(FORMATS[measure]),
        "grid": {**GRID, "bottom": 44},
        "xAxis": {
            **category_axis([_month_of_week(week) for week in range(53)]),
            "axisLabel": {"interval": 0, "hideOverlap": True},
        },
        "yAxis": {**category_axis(years), "inverse": True},
        "visualMap": _shades(list(weeks.values()), measure),
        "series": [{"type": "heatmap", "name": MEASURE_WORDS[measure], "data": cells}],
    }


def months_chart(rows: Sequence[Month], before: Sequence[Month], measure: Measure) -> Option:
    """Return the months as bars; ``before``, the same months a year earlier, as a line.

    A month that no source tells of is a gap.
    """
    found = {row.begins: value(row, measure) for row in rows}
    steps = steps_between(found, "month")
    series: list[Option] = [
        {
            "type": "bar",
            "name": MEASURE_WORDS[measure] if not before else str(rows[0].begins.year),
            "data": [found.get(step) for step in steps],
        }
    ]
    if before:
        earlier = {row.begins.month: value(row, measure) for row in before}
        series.append(
            {
                "type": "line",
                "name": str(before[0].begins.year),
                "symbol": "circle",
                "lineStyle": {"type": "dashed"},
                "data": [earlier.get(step.month) for step in steps],
            }
        )
    return {
        "tooltip": hover(FORMATS[measure], "axis"),
        "legend": {"show": bool(before), "top": 0},
        "grid": {**GRID, "top": 36 if before else 16},
        "xAxis": category_axis([month_label(step) for step in steps]),
        "yAxis": measure_axis(measure, max(value(row, measure) or 0 for row in (*rows, *before))),
        "series": series,
    }


def seasons_chart(rows: Sequence[Season], measure: Measure) -> Option:
    """Return the average day of each season as bars."""
    return {
        "tooltip": hover(FORMATS[measure]),
        "grid": GRID,
        "xAxis": {**category_axis([row.season for row in rows]), "axisLabel": {"interval": 0}},
        "yAxis": measure_axis(measure, max(season_value(row, measure) or 0 for row in rows)),
        "series": [
            {
                "type": "bar",
                "name": f"{MEASURE_WORDS[measure]} a day",
                "barMaxWidth": 64,
                "data": [season_value(row, measure) for row in rows],
            }
        ],
    }


def season_value(row: Season, measure: Measure) -> float | None:
    """Return what an average day of the season has of the measure, to a tenth."""
    average = row.plays_a_day if measure == "plays" else row.minutes_a_day
    return None if average is None else round(average, 1)


def session_lengths_chart(rows: Sequence[SessionLength]) -> Option:
    """Return how many sessions are of each length, in plays."""
    return {
        "tooltip": hover("format:count"),
        "grid": GRID,
        "xAxis": {
            **category_axis([length_label(row) for row in rows]),
            "axisLabel": {"interval": 0},
        },
        "yAxis": {"type": "value", "axisLabel": {"formatter": "format:count"}},
        "series": [{"type": "bar", "name": "sessions", "data": [row.sessions for row in rows]}],
    }


def length_label(row: SessionLength) -> str:
    """Return how many plays such a session has: '1', '2–4', '50+'."""
    if row.most is None:
        return f"{row.least}+"
    return str(row.least) if row.most == row.least else f"{row.least}–{row.most}"


def _shades(values: Sequence[float], measure: Measure) -> Option:
    """Return the scale of shades; its end is the 98th percentile, so that one day is not all."""
    high = sorted(values)[int(0.98 * (len(values) - 1))]
    return {
        "min": 0,
        "max": max(high, 1),
        "orient": "horizontal",
        "left": "center",
        "bottom": 0,
        "itemHeight": 120,
        "itemWidth": 10,
        "formatter": FORMATS[measure],
        "calculable": False,
        "inRange": {"color": ["color:accent-low", "color:accent"]},
    }


def _week_of_year(day: date) -> int:
    """Return 0 to 52: weeks of seven days from the first of January."""
    return (day.timetuple().tm_yday - 1) // 7


def _week_begins(year: int, week: int) -> date:
    return date.fromordinal(date(year, 1, 1).toordinal() + 7 * week)


def _month_of_week(week: int) -> str:
    """Return the month that begins in a week of the year; of other weeks nothing."""
    days = [date.fromordinal(date(2025, 1, 1).toordinal() + 7 * week + i) for i in range(7)]
    return next((f"{day:%b}" for day in days if day.day == 1 and day.year == 2025), "")
