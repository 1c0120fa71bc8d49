"""The indicators: the newest eight weeks, their baseline, and what is not told."""

from datetime import date
from pathlib import Path
from typing import Any

from gold.indicators.indicator_list import INDICATORS
from report.page.charts.indicators import strips_chart
from report.page.questions.indicators import WeekValue, indicators
from report.page.sections import indicators as indicators_section
from report.plain_words import MUSIC_NOT_MOOD
from schemas.indicator_schemas import WELLBEING_INDICATORS
from tests.report.page.few_answers import ME, heard, opened, view_of

PLAY = [heard("2026-03-01 08:00")]


def value(name: str, until: str, kind: str = "weeks_8", **others: Any) -> dict[str, Any]:
    end = date.fromisoformat(until)
    of = {"period_kind": kind, "period": until, "period_start": end, "period_end": end}
    row = {**ME, "indicator": name, "unit": "%", **of, "n_plays": 100, "n_days": 30}
    return {**row, "value": 5.0, "ci_low": 4.0, "ci_high": 6.0, **others}


CHANGED: dict[str, Any] = {
    "baseline_value": 2.0,
    "change": 3.0,
    "change_ci_low": 1.5,
    "change_ci_high": 4.5,
}
ROWS = [
    value("night_share", "2026-03-29", **CHANGED),
    value("night_share", "2026-03-22"),
    value("night_share", "2026-03-29", "all_time", value=7.0),
    value("social_jetlag", "2026-03-29", status="too_few_data", reason="1 weekend", value=None),
]


def test_all_indicators_have_a_group() -> None:
    grouped = [name for _, _, names in indicators_section._GROUPS for name in names]

    assert sorted(grouped) == sorted(each.name for each in INDICATORS)


def test_the_newest_weeks_stand_beside_all_time(tmp_path: Path) -> None:
    with opened(tmp_path, PLAY, {WELLBEING_INDICATORS: ROWS}) as listening:
        night, jetlag = indicators(listening)

    assert (night.name, night.until) == ("night_share", date(2026, 3, 29))
    assert night.newest is not None
    assert (night.newest.value, night.newest.baseline, night.newest.has_changed) == (5.0, 2.0, True)
    assert night.all_time is not None
    assert night.all_time.value == 7.0
    assert jetlag.newest is not None
    assert (jetlag.newest.status, jetlag.all_time) == ("too_few_data", None)


def test_the_section_tells_changes_and_reasons_and_what_it_is_not(tmp_path: Path) -> None:
    with opened(tmp_path, PLAY, {WELLBEING_INDICATORS: ROWS}) as listening:
        section = indicators_section.section(listening)

    assert section.lead.startswith(MUSIC_NOT_MOOD)
    view = view_of(section, "indicators-hours")
    assert view.sentence == (
        "8 weeks to 29 Mar 2026: 1 of 2 numbers told. Other than in the 8 weeks before: listening "
        "between midnight and 5 o'clock, 3 percentage points more (95% interval 1.5 to 4.5)."
    )
    assert view.table is not None
    night, jetlag = view.table.rows
    assert night[:7] == (
        "listening between midnight and 5 o'clock",
        "%",
        "5",
        "4 to 6",
        "2",
        "3",
        "1.5 to 4.5",
    )
    assert "1 weekend" in jetlag[7]
    assert view_of(section, "indicators-sound").status == "too_few_data"


def test_where_nothing_is_told_the_table_keeps_the_reasons(tmp_path: Path) -> None:
    untold: dict[str, Any] = {"status": "withheld", "reason": "4 % measured", "value": None}
    rows = [value("valence_level", "2026-03-29", **untold)]

    with opened(tmp_path, PLAY, {WELLBEING_INDICATORS: rows}) as listening:
        view = view_of(indicators_section.section(listening), "indicators-sound")

    assert (view.option, view.status, view.reason) == (None, "withheld", "4 % measured.")
    assert view.table is not None


def test_untold_weeks_are_gaps_in_the_line() -> None:
    weeks = [
        WeekValue(date(2026, 3, 22), 5.0, 4.0, 6.5),
        WeekValue(date(2026, 3, 29), None, None, None),
    ]

    option = strips_chart([("night_share", "%", weeks), ("discovery", "%", weeks)])

    low, width, line = option["series"][:3]
    assert line["data"] == [["2026-03-22", 5.0], ["2026-03-29", None]]
    assert low["data"] == [["2026-03-22", 4.0], ["2026-03-29", None]]
    assert width["data"] == [["2026-03-22", 2.5], ["2026-03-29", None]]
    assert len(option["grid"]) == 2
    assert option["series"][3]["xAxisIndex"] == 1
