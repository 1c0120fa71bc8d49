"""Indicators over a year of weeks: one small line each, in its interval."""

from collections.abc import Sequence
from typing import Any

from report.page.parts import Option
from report.page.questions.indicators import WeekValue
from report.plain_words import indicator_in_words

_COLOUR = "color:c3"
_TITLE, _PLOT, _GAP = 30, 56, 34
_SHORT_UNIT = 12
_STRIP = _TITLE + _PLOT + _GAP


def strips_height(count: int) -> int:
    """Return the pixels that ``strips_chart`` of so many indicators needs."""
    return _STRIP * count


def strips_chart(weeks: Sequence[tuple[str, str, Sequence[WeekValue]]]) -> Option:
    """Return one strip for each (indicator, unit, weeks), one below the other, on one time."""
    option: dict[str, Any] = {
        "tooltip": {"trigger": "axis", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "title": [],
        "grid": [],
        "xAxis": [],
        "yAxis": [],
        "series": [],
    }
    for place, (name, unit, values) in enumerate(weeks):
        top = place * _STRIP
        option["title"].append(
            {
                "text": _title(name, unit),
                "top": top,
                "left": 4,
                "textStyle": {"fontSize": 12, "fontWeight": "normal", "color": "color:ink"},
            }
        )
        option["grid"].append({"left": 52, "right": 16, "top": top + _TITLE, "height": _PLOT})
        option["xAxis"].append(
            {"type": "time", "gridIndex": place, "axisLabel": {"hideOverlap": True}}
        )
        option["yAxis"].append(
            {
                "type": "value",
                "gridIndex": place,
                "scale": True,
                "splitNumber": 2,
                "splitLine": {"lineStyle": {"opacity": 0.3}},
            }
        )
        option["series"] += _strip(place, name, values)
    return option


def _title(name: str, unit: str) -> str:
    """Return what a strip shows; units that are sentences stand in the table."""
    return indicator_in_words(name) + (f" ({unit})" if len(unit) <= _SHORT_UNIT else "")


def _strip(place: int, name: str, values: Sequence[WeekValue]) -> list[Option]:
    axes = {"type": "line", "xAxisIndex": place, "yAxisIndex": place, "symbol": "none"}
    unseen = axes | {
        "stack": name,
        "stackStrategy": "all",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "itemStyle": {"color": _COLOUR},
    }
    lows = [[f"{each.until}", each.low] for each in values]
    widths = [
        [f"{each.until}", None if each.low is None or each.high is None else each.high - each.low]
        for each in values
    ]
    band = {"areaStyle": {"color": _COLOUR, "opacity": 0.18}, "tooltip": {"show": False}}
    return [
        unseen | {"name": "from (95% interval)", "data": lows, "tooltip": {"show": False}},
        unseen | {"name": "width", "data": widths, **band},
        axes
        | {
            "name": indicator_in_words(name),
            "itemStyle": {"color": _COLOUR},
            "data": [[f"{each.until}", each.value] for each in values],
        },
    ]
