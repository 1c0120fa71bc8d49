"""The days that were and the days to come, with what they may stray by."""

from collections.abc import Sequence
from datetime import date

from report.page.parts import Option
from report.page.questions.forecast import ForecastDay

_COLOUR = "color:c3"


def forecast_chart(
    past: Sequence[tuple[date, float]], days: Sequence[ForecastDay], value_format: str
) -> Option:
    """Return the past days as points, and the forecast as a line in its 80 and 95 % intervals."""
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "data": ["day", "forecast", "95 of 100", "80 of 100"]},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": value_format}},
        "series": [
            {
                "type": "scatter",
                "name": "day",
                "symbolSize": 5,
                "itemStyle": {"color": "color:soft"},
                "data": [[f"{day}", value] for day, value in past],
            },
            *_band("95 of 100", 0.12, [(each.day, each.low_95, each.high_95) for each in days]),
            *_band("80 of 100", 0.24, [(each.day, each.low_80, each.high_80) for each in days]),
            {
                "type": "line",
                "name": "forecast",
                "symbolSize": 6,
                "itemStyle": {"color": _COLOUR},
                "data": [[f"{each.day}", each.value] for each in days],
            },
        ],
    }


def _band(
    name: str, opacity: float, edges: Sequence[tuple[date, float | None, float | None]]
) -> list[Option]:
    """Return two lines, one upon the other: the lower edge unseen, and the way to the upper."""
    unseen: Option = {
        "type": "line",
        "stack": name,
        "stackStrategy": "all",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
    }
    known = [
        (f"{day}", low, high) for day, low, high in edges if low is not None and high is not None
    ]
    return [
        unseen | {"name": f"{name}, from", "data": [[day, low] for day, low, _ in known]},
        unseen
        | {
            "name": name,
            "itemStyle": {"color": _COLOUR, "opacity": opacity},
            "areaStyle": {"color": _COLOUR, "opacity": opacity},
            "data": [[day, high - low] for day, low, high in known],
        },
    ]
