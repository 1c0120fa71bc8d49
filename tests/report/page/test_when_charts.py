from datetime import date, timedelta
from typing import Any

from report.page.charts.axes import measure_axis, step_label, steps_between
from report.page.charts.when import (
    calendar_chart,
    clock_chart,
    length_label,
    months_chart,
    seasons_chart,
    session_lengths_chart,
    week_chart,
)
from report.page.questions.days import Day, Month, Season
from report.page.questions.hours import Hour, WeekHour
from report.page.questions.sessions import SessionLength

WEEK = [
    WeekHour(day, hour, 10 * day + hour, 2.04 if day == 1 else None)
    for day in range(1, 8)
    for hour in range(24)
]


def test_the_heat_map_has_a_series_a_weekday_and_a_cell_an_hour() -> None:
    option = week_chart(WEEK, "plays")

    assert [series["name"] for series in option["series"]][::6] == ["Monday", "Sunday"]
    assert option["series"][0]["data"][:2] == [[0, 0, 10], [1, 0, 11]]
    assert option["series"][6]["data"][23] == [23, 6, 93]
    assert option["tooltip"]["valueFormatter"] == "format:count"
    minutes = week_chart(WEEK, "minutes")
    assert minutes["series"][0]["data"][0] == [0, 0, 2.0]
    assert minutes["series"][1]["data"][0] == [0, 1, 0]


def test_the_clock_has_midnight_at_the_top() -> None:
    option = clock_chart([Hour(hour, hour, None) for hour in range(24)], "plays")

    assert option["angleAxis"]["startAngle"] == 90
    assert option["angleAxis"]["data"][0] == "0:00"
    assert option["series"][0]["data"] == list(range(24))


def test_a_calendar_shows_days_that_are_known_and_no_others() -> None:
    days = [Day(date(2026, 3, 1), 4, 12.0), Day(date(2026, 3, 3), 0, None)]

    option = calendar_chart(days, "plays")

    assert option["calendar"]["range"] == ["2026-03-01", "2026-03-03"]
    assert option["series"][0]["data"] == [["2026-03-01", 4], ["2026-03-03", 0]]


def test_several_years_are_weeks() -> None:
    first = date(2025, 12, 31)
    days = [Day(first + timedelta(place), 1, 1.0) for place in range(400)]

    option = calendar_chart(days, "plays")

    assert option["yAxis"]["data"] == ["2025", "2026", "2027"]
    cells: list[Any] = option["series"][0]["data"]
    # The last day of 2025 is the 365th: week 52 of it, of one day.
    assert cells[0]["value"] == [52, 0, 1]
    assert cells[1] == {
        "name": "Week from 1 Jan 2026",
        "value": [0, 1, 7],
        "begins": "2026-01-01",
    }
    assert sum(cell["value"][2] for cell in cells) == 400


def test_months_are_drawn_over_those_of_the_year_before() -> None:
    now = [Month(date(2026, month, 1), month, None, 28, 5) for month in (1, 2, 3)]
    before = [Month(date(2025, 2, 1), 9, None, 28, 5)]

    bars, line = months_chart(now, before, "plays")["series"]

    assert (bars["name"], bars["data"]) == ("2026", [1, 2, 3])
    assert (line["name"], line["data"]) == ("2025", [None, 9, None])
    assert len(months_chart(now, [], "plays")["series"]) == 1


def test_seasons_are_average_days() -> None:
    option = seasons_chart([Season("winter", 10, 60.0, 4)], "plays")

    assert option["series"][0]["data"] == [2.5]


def test_lengths_of_sessions_have_names() -> None:
    rows = [SessionLength(1, 1, 3), SessionLength(2, 4, 2), SessionLength(50, None, 1)]

    assert [length_label(row) for row in rows] == ["1", "2–4", "50+"]
    assert session_lengths_chart(rows)["series"][0]["data"] == [3, 2, 1]


def test_steps_have_no_holes() -> None:
    assert steps_between([date(2025, 10, 1), date(2026, 4, 1)], "quarter") == [
        date(2025, 10, 1),
        date(2026, 1, 1),
        date(2026, 4, 1),
    ]
    assert steps_between([date(2025, 12, 29), date(2026, 1, 12)], "week")[1] == date(2026, 1, 5)
    assert steps_between([], "month") == []
    assert step_label(date(2026, 4, 1), "quarter") == "2026 Q2"
    assert step_label(date(2026, 4, 1), "month") == "Apr 2026"
    assert step_label(date(2026, 3, 30), "week") == "30 Mar 2026"


def test_long_times_are_drawn_by_whole_hours() -> None:
    # Up to six lines: 65 hours by 20, 3 hours by one.
    assert measure_axis("minutes", 65 * 60)["interval"] == 20 * 60
    assert measure_axis("minutes", 3 * 60)["interval"] == 60
    assert "interval" not in measure_axis("minutes", 90)
    assert "interval" not in measure_axis("plays", 9_000)


def test_months_that_no_source_tells_of_are_a_gap() -> None:
    known = [Month(date(2025, 11, 1), 5, 1.0, 30, 3), Month(date(2026, 2, 1), 7, 1.0, 28, 3)]

    option = months_chart(known, [], "plays")

    assert option["xAxis"]["data"] == ["Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"]
    assert option["series"][0]["data"] == [5, None, None, 7]
