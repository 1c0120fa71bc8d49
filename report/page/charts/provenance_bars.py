"""Where features come from over time, and the months with the times of which nothing is known."""

from collections.abc import Sequence
from datetime import date

from report.lake_health import Gap
from report.page.charts.provenance import COLOURS, look, name
from report.page.parts import Measure, Option
from report.page.questions.provenance import FeatureCoverage, MonthPlays
from report.plain_words import GAPS
from report.statistics import UnknownTime

_GREY = "color:soft"


def coverage_chart(rows: Sequence[FeatureCoverage], measure: Measure, label: str) -> Option:
    """Return a bar a time, parted by where the features come from; ``label`` formats a date."""
    times = sorted({each.first for each in rows})
    heard = {(each.first, each.source): _heard(each, measure) for each in rows}
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
        "legend": {"top": 0},
        "tooltip": {
            "trigger": "axis",
            "axisPointer": {"type": "shadow"},
            "confine": True,
            "valueFormatter": _format(measure),
        },
        "xAxis": {"type": "category", "data": [f"{each:{label}}" for each in times]},
        "yAxis": {"type": "value", "axisLabel": {"formatter": _format(measure)}},
        "series": [
            {
                "type": "bar",
                "stack": "features",
                "name": name(source),
                "barMaxWidth": 40,
                "itemStyle": look(source),
                "data": [round(heard.get((time, source), 0)) for time in times],
            }
            for source in COLOURS
            if any(each.source == source for each in rows)
        ],
    }


def timeline_chart(
    months: Sequence[MonthPlays],
    unknown: Sequence[UnknownTime],
    gaps: Sequence[Gap],
    measure: Measure,
    *,
    by_month: bool = False,
) -> Option:
    """Return a bar a month; what no source tells of is hatched, what may be lost is tinted.

    ``by_month`` says that no day may be shown: then such times begin and end with a month.
    """
    bars: Option = {
        "type": "bar",
        "name": "heard in the month",
        "barMaxWidth": 14,
        "itemStyle": {"color": COLOURS["real"]},
        "data": [[f"{each.first}", round(_heard(each, measure))] for each in months],
    }
    return {
        "grid": {"left": 8, "right": 16, "top": 48, "bottom": 8, "containLabel": True},
        "legend": {"top": 0},
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "valueFormatter": _format(measure),
        },
        "xAxis": {"type": "time", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "axisLabel": {"formatter": _format(measure)}},
        "series": [
            bars,
            *_areas(
                "no source tells of it",
                {"color": "rgba(138, 147, 156, 0.35)"},
                [
                    (_day(each.first, by_month), _day(each.last, by_month), "unknown")
                    for each in unknown
                ],
            ),
            *_areas(
                "plays may be missing",
                {
                    "color": "rgba(213, 94, 0, 0.16)",
                    "borderColor": "color:c2",
                    "borderWidth": 1,
                    "borderType": "dashed",
                },
                [
                    (
                        _day(each.lost_from, by_month) or _first(months),
                        _day(each.lost_until, by_month),
                        GAPS[each.kind],
                    )
                    for each in gaps
                    if each.closed_at is None
                ],
            ),
        ],
    }


def _areas(
    legend: str, style: Option, spans: Sequence[tuple[str | None, str | None, str]]
) -> list[Option]:
    """Return a series without marks of its own that paints spans of time; none without spans."""
    if not spans:
        return []
    painted = [[{"name": said, "xAxis": first}, {"xAxis": last}] for first, last, said in spans]
    return [
        {
            "type": "line",
            "name": legend,
            "symbol": "none",
            "itemStyle": {"color": style["color"]},
            "lineStyle": {"opacity": 0},
            "data": [],
            "markArea": {
                "silent": True,
                "itemStyle": style,
                "label": {"position": "insideTop", "fontSize": 10, "color": _GREY},
                "data": painted,
            },
        }
    ]


def _day(value: date | None, by_month: bool) -> str | None:
    """Return the day of a date or an instant, or the first of its month; None for None."""
    if value is None:
        return None
    return f"{value:%Y-%m-01}" if by_month else f"{value:%Y-%m-%d}"


def _first(months: Sequence[MonthPlays]) -> str | None:
    return f"{months[0].first}" if months else None


def _heard(row: FeatureCoverage | MonthPlays, measure: Measure) -> float:
    return row.plays if measure == "plays" else row.minutes or 0


def _format(measure: Measure) -> str:
    return "format:count" if measure == "plays" else "format:minutes"
