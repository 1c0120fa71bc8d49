"""How days and months sound, as a calendar: brightness above energy."""

from collections.abc import Callable, Sequence
from datetime import date

from report.page.charts.mood_panels import GREY, PANELS, Panel, panel_title
from report.page.charts.provenance import HATCHED
from report.page.parts import Option
from report.page.questions.mood import Sound

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SCALE, _GAP = 46, 26
_CELL, _LARGEST_CELL = 12, 20
# The names of the months above the seven rows of a calendar, and the air below them.
_NAMES = 28
_YEAR_ROW = 26


Placing = Callable[[Sound], list[str | int]]
"""Where a cell lies: its day, or its month and year."""


def calendar_height() -> int:
    """Return the pixels that ``calendar_chart`` needs at least."""
    return 2 * (_GAP + 7 * _CELL + _NAMES + _SCALE)


def calendar_chart(days: Sequence[Sound], first: date, last: date, height: int = 0) -> Option:
    """Return a cell a day, coloured by the sound; as large as ``height`` lets it be.

    It is hatched where that is withheld, pale where there are few plays, absent without music.
    """
    cell = (height // 2 - _GAP - _NAMES - _SCALE) // 7
    cell = max(_CELL, min(cell, _LARGEST_CELL))
    high = 7 * cell + _NAMES
    option: Option = {
        "tooltip": {"trigger": "item", "confine": True},
        "legend": {"show": False},
        "title": [],
        "calendar": [],
        "visualMap": [],
        "series": [],
    }
    for place, panel in enumerate(PANELS):
        top = place * (_GAP + high + _SCALE)
        option["title"].append(panel_title(panel, top))
        option["calendar"].append(
            {
                "top": top + _GAP + 16,
                "left": 36,
                "right": 8,
                "cellSize": ["auto", cell],
                "range": [f"{first}", f"{last}"],
                "dayLabel": {"firstDay": 1, "nameMap": "en", "fontSize": 10},
                "monthLabel": {"fontSize": 10},
                "yearLabel": {"show": False},
                "itemStyle": {"color": "transparent", "borderColor": GREY, "borderWidth": 0.3},
                "splitLine": {"lineStyle": {"color": GREY, "width": 1, "opacity": 0.6}},
            }
        )
        option["visualMap"].append(_scale(panel, days, top + _GAP + high + 6, 3 * place, 1))
        on: Option = {"type": "heatmap", "coordinateSystem": "calendar", "calendarIndex": place}
        option["series"] += _cells(panel, days, on, lambda each: [f"{each.first}"])
    return option


def months_height(years: int) -> int:
    """Return the pixels that ``months_chart`` of so many years needs."""
    return 2 * (_GAP + _YEAR_ROW * years + _SCALE + 20)


def months_chart(months: Sequence[Sound]) -> Option:
    """Return a cell a calendar month, a row a year, coloured as the days are."""
    years = sorted({each.first.year for each in months})
    height = _YEAR_ROW * len(years)
    option: Option = {
        "tooltip": {"trigger": "item", "confine": True},
        "title": [],
        "grid": [],
        "xAxis": [],
        "yAxis": [],
        "visualMap": [],
        "series": [],
    }
    for place, panel in enumerate(PANELS):
        top = place * (_GAP + height + _SCALE + 20)
        option["title"].append(panel_title(panel, top))
        option["grid"].append({"top": top + _GAP, "left": 44, "right": 8, "height": height})
        option["xAxis"].append(
            {
                "type": "category",
                "gridIndex": place,
                "data": list(_MONTHS),
                "axisTick": {"show": False},
                "axisLabel": {"hideOverlap": True, "fontSize": 11},
            }
        )
        option["yAxis"].append(
            {
                "type": "category",
                "gridIndex": place,
                "inverse": True,
                "data": [f"{year}" for year in years],
                "axisTick": {"show": False},
            }
        )
        option["visualMap"].append(_scale(panel, months, top + _GAP + height + 24, 3 * place, 2))
        on: Option = {"type": "heatmap", "xAxisIndex": place, "yAxisIndex": place}
        option["series"] += _cells(
            panel, months, on, lambda each: [each.first.month - 1, years.index(each.first.year)]
        )
    return option


def _scale(panel: Panel, sounds: Sequence[Sound], top: int, series: int, dimension: int) -> Option:
    """Return a scale over the sounds that are shown, but for the most extreme ones."""
    shown = sorted(getattr(each, panel.feature) for each in sounds if each.status == "ok")
    edge = len(shown) // 20
    low, high = (shown[edge], shown[-1 - edge]) if shown else (0.0, 1.0)
    middle = (low + high) / 2
    # One day alone still needs a scale with two ends.
    half = max((high - low) / 2, 0.02)
    return {
        "type": "continuous",
        "seriesIndex": series,
        "dimension": dimension,
        "min": round(middle - half, 2),
        "max": round(middle + half, 2),
        "inRange": {"color": list(panel.colours)},
        "orient": "horizontal",
        "left": 36,
        "top": top,
        "itemWidth": 10,
        "itemHeight": 120,
        "precision": 2,
        "text": [f"{round(middle + half, 2):.2f}", f"{round(middle - half, 2):.2f}"],
    }


def _cells(panel: Panel, sounds: Sequence[Sound], on: Option, place: Placing) -> list[Option]:
    """Return the cells that are known, those that are withheld, those with too few plays."""
    where = ["day"] if on.get("coordinateSystem") == "calendar" else ["month", "year"]
    shown = on | {
        "name": panel.name,
        "dimensions": [*where, panel.name, "plays"],
        "encode": {"tooltip": [*where, panel.name, "plays"]},
        "data": [
            [*place(each), round(getattr(each, panel.feature), 3), each.n]
            for each in sounds
            if each.status == "ok"
        ],
    }
    withheld: Option = {"color": "color:soft", "opacity": 0.8, "decal": HATCHED}
    return [
        shown,
        _unknown(sounds, "withheld", "withheld: mostly synthetic features", on, place, withheld),
        _unknown(
            sounds,
            "too_few_data",
            "too few plays to say",
            on,
            place,
            {"color": "color:soft", "opacity": 0.25},
        ),
    ]


def _unknown(
    sounds: Sequence[Sound], status: str, said: str, on: Option, place: Placing, style: Option
) -> Option:
    return on | {
        "name": said,
        "itemStyle": style,
        "tooltip": {"formatter": said},
        # A heat map draws what has a number; this one is never shown.
        "data": [[*place(each), 0] for each in sounds if each.status == status],
    }
