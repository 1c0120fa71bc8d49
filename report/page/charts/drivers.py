"""What the sound goes with, as intervals beside the published size."""

from collections.abc import Iterator, Sequence

from report.page.parts import Option
from report.page.questions.drivers import Driver
from report.plain_words import DRIVERS

_FOUND, _NOT_FOUND = "color:c2", "color:soft"
_PUBLISHED = "rgba(0, 114, 178, 0.16)"
_ROW, _AXIS = 24, 40


def with_answer(rows: Sequence[Driver]) -> list[Driver]:
    """Return the rows that have an effect with its interval."""
    return [each for each in rows if each.status == "ok" and each.effect is not None]


def drivers_height(rows: Sequence[Driver]) -> int:
    """Return the pixels that ``drivers_chart`` needs."""
    return _ROW * len(rows) + _AXIS


def drivers_chart(rows: Sequence[Driver]) -> Option:
    """Return a line a level: the effect and its 95 % interval, over the published size.

    ``rows`` are those ``with_answer``. The published size is the range between two extremes, so
    its band is as wide as that, half on either side of none.
    """
    return {
        "grid": {"left": 20, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "item", "confine": True},
        "xAxis": {
            "type": "value",
            "position": "top",
            "axisLabel": {"formatter": "format:number", "hideOverlap": True},
            "splitLine": {"show": True, "lineStyle": {"opacity": 0.3}},
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [each.words for each in rows],
            "axisTick": {"show": False},
            "axisLabel": {"width": 150, "overflow": "truncate", "interval": 0},
        },
        "series": [
            {
                "type": "boxplot",
                "name": "95% interval",
                "silent": True,
                "boxWidth": [5, 7],
                "data": [
                    {
                        "value": [each.low, each.low, each.effect, each.high, each.high],
                        "itemStyle": {"color": _colour(each), "borderWidth": 0, "opacity": 0.45},
                    }
                    for each in rows
                ],
                "markArea": {
                    "silent": True,
                    "itemStyle": {"color": _PUBLISHED},
                    "data": list(_published(rows)),
                },
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "label": {"show": False},
                    "lineStyle": {"type": "solid", "color": _NOT_FOUND},
                    "data": [{"xAxis": 0}],
                },
            },
            {
                "type": "scatter",
                "name": "difference to your other plays",
                "symbolSize": 9,
                "dimensions": ["difference", "level", "lowest", "highest", "plays"],
                "encode": {
                    "x": "difference",
                    "y": "level",
                    "tooltip": ["difference", "lowest", "highest", "plays"],
                },
                "data": [
                    {
                        "name": f"{DRIVERS[each.driver]}: {each.words}",
                        "value": [each.effect, place, each.low, each.high, each.n_plays],
                        "itemStyle": {"color": _colour(each)},
                    }
                    for place, each in enumerate(rows)
                ],
            },
        ],
    }


def _colour(row: Driver) -> str:
    return _FOUND if row.goes_with in ("higher", "lower") else _NOT_FOUND


def _published(rows: Sequence[Driver]) -> Iterator[list[Option]]:
    """Return a band over the levels of each driver that a size was published of."""
    places: dict[str, list[int]] = {}
    for place, each in enumerate(rows):
        if each.published is not None:
            places.setdefault(each.driver, []).append(place)
    for of_driver in places.values():
        half = (rows[of_driver[0]].published or 0) / 2
        yield [{"coord": [-half, of_driver[0]]}, {"coord": [half, of_driver[-1]]}]
