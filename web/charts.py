"""Charts of the pages of things, beside those of the report."""

from collections.abc import Sequence

from report.page.charts.axes import (
    FORMATS,
    GRID,
    MEASURE_WORDS,
    category_axis,
    hover,
    measure_axis,
    step_label,
    steps_between,
    value,
)
from report.page.parts import Measure, Option
from web.questions.things import Rank, Step

HOURS_OF_A_DAY = 24


def history_chart(rows: Sequence[Step], measure: Measure, grain: str) -> Option:
    """Return a bar for each week, month or quarter from the first to the last of ``rows``."""
    steps = steps_between((row.begins for row in rows), grain)
    found = {row.begins: value(row, measure) for row in rows}
    return {
        "tooltip": hover(FORMATS[measure], "axis"),
        "grid": {**GRID, "top": 16},
        "xAxis": category_axis([step_label(step, grain) for step in steps]),
        "yAxis": measure_axis(measure, max(found.get(step) or 0 for step in steps)),
        "series": [
            {
                "type": "bar",
                "name": MEASURE_WORDS[measure],
                "barMaxWidth": 40,
                "data": [
                    {
                        "value": found.get(step) or 0,
                        "page": f"view/overview?period={step:%Y-%m}" if grain == "month" else None,
                    }
                    for step in steps
                ],
            }
        ],
    }


def rank_chart(rows: Sequence[Rank], measure: Measure, grain: str) -> Option:
    """Return the rank as a line, the first place at the top; a gap where nothing was heard."""
    if grain == "year":
        steps = [
            rows[0].begins.replace(year=year)
            for year in range(rows[0].begins.year, rows[-1].begins.year + 1)
        ]
        labels = [str(step.year) for step in steps]
    else:
        steps = steps_between((row.begins for row in rows), grain)
        labels = [step_label(step, grain) for step in steps]
    places = {row.begins: rank_by(row, measure) for row in rows}
    return {
        "tooltip": hover("format:count", "axis"),
        "grid": {**GRID, "top": 16},
        "xAxis": category_axis(labels),
        "yAxis": {
            "type": "log",
            "inverse": True,
            "min": 1,
            "minorSplitLine": {"show": False},
            "axisLabel": {"formatter": "format:count"},
        },
        "series": [
            {
                "type": "line",
                "name": "rank",
                "symbol": "circle",
                "symbolSize": 7,
                "data": [places.get(step) for step in steps],
            }
        ],
    }


def rank_by(row: Rank, measure: Measure) -> int:
    """Return the place by the measure."""
    return row.by_plays if measure == "plays" else row.by_minutes


def day_chart(minutes: Sequence[float]) -> Option:
    """Return the minutes heard in each hour of a day."""
    return {
        "tooltip": hover(FORMATS["minutes"], "axis"),
        "grid": {**GRID, "top": 16},
        "xAxis": category_axis([f"{hour}:00" for hour in range(HOURS_OF_A_DAY)]),
        "yAxis": measure_axis("minutes", max(minutes)),
        "series": [
            {
                "type": "bar",
                "name": MEASURE_WORDS["minutes"],
                "data": [round(each, 1) for each in minutes],
            }
        ],
    }
