"""How the hours of the day sound, beside the published curve: brightness above energy."""

from collections.abc import Mapping, Sequence

from report.page.charts.mood_panels import FAINT, GREY, PANELS, Panel, panel_title
from report.page.parts import Option
from report.page.questions.mood import HourSound
from report.page.questions.published import (
    BRIGHTEST_HOUR,
    CALMEST_HOURS,
    DARKEST_HOUR,
    LIVELIEST_HOURS,
)


def hours_chart(hours: Sequence[HourSound]) -> Option:
    """Return the sound by hour in its 95 % interval, above where the published extremes lie."""
    shown = {each.hour: each for each in hours if each.status == "ok"}
    bands = {
        "valence": (
            ((DARKEST_HOUR.hour, DARKEST_HOUR.hour + 1), "published: darkest"),
            ((BRIGHTEST_HOUR.hour, BRIGHTEST_HOUR.hour + 1), "published: brightest"),
        ),
        "energy": (
            (CALMEST_HOURS, "published: calmest"),
            (LIVELIEST_HOURS, "published: most energetic"),
        ),
    }
    option: Option = {
        "tooltip": {"trigger": "axis", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "title": [],
        "grid": [],
        "xAxis": [],
        "yAxis": [],
        "series": [],
    }
    for place, panel in enumerate(PANELS):
        top = 210 * place
        option["title"].append(panel_title(panel, top))
        option["grid"].append({"top": top + 44, "left": 44, "right": 12, "height": 120})
        option["xAxis"].append(
            {
                "type": "value",
                "gridIndex": place,
                "min": 0,
                "max": 24,
                "interval": 3,
                "axisLabel": {"formatter": "format:hour", "hideOverlap": True},
                "splitLine": {"show": False},
            }
        )
        option["yAxis"].append(
            {
                "type": "value",
                "gridIndex": place,
                "scale": True,
                "splitNumber": 3,
                "splitLine": {"lineStyle": FAINT},
            }
        )
        option["series"] += _line(place, panel, shown, bands[panel.feature])
    return option


def hours_height() -> int:
    """Return the pixels that ``hours_chart`` needs."""
    return 400


def _line(
    place: int,
    panel: Panel,
    hours: Mapping[int, HourSound],
    bands: Sequence[tuple[tuple[int, int], str]],
) -> list[Option]:
    colour = "color:c3" if panel.feature == "valence" else "color:c2"
    axes: Option = {"type": "line", "xAxisIndex": place, "yAxisIndex": place, "symbol": "none"}
    unseen = axes | {
        "stack": panel.feature,
        "stackStrategy": "all",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "itemStyle": {"color": colour},
        "tooltip": {"show": False},
    }
    # An hour that is not known is a gap in the line.
    points = [_point(hours.get(hour), panel.feature) for hour in range(24)]
    return [
        unseen
        | {"name": "from", "data": [[hour + 0.5, low] for hour, (low, _, _) in enumerate(points)]},
        unseen
        | {
            "name": "95% interval",
            "areaStyle": {"color": colour, "opacity": 0.18},
            "data": [[hour + 0.5, width] for hour, (_, _, width) in enumerate(points)],
        },
        axes
        | {
            "name": panel.name,
            "symbol": "circle",
            "symbolSize": 5,
            "itemStyle": {"color": colour},
            "data": [[hour + 0.5, mean] for hour, (_, mean, _) in enumerate(points)],
            "markArea": {
                "silent": True,
                "itemStyle": {"color": GREY, "opacity": 0.22},
                "label": {"position": "top", "fontSize": 10, "color": GREY},
                "data": [
                    [{"name": name, "xAxis": first}, {"xAxis": last}]
                    for (first, last), name in bands
                ],
            },
        },
    ]


def _point(hour: HourSound | None, feature: str) -> tuple[float | None, float | None, float | None]:
    """Return the lower end of the interval, the mean, and how wide the interval is."""
    if hour is None:
        return None, None, None
    mean, error = getattr(hour, feature), 1.96 * (getattr(hour, f"{feature}_error") or 0.0)
    return round(mean - error, 4), round(mean, 4), round(2 * error, 4)
