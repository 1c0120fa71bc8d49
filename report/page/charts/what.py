"""Charts of what is heard."""

from collections.abc import Sequence

from report.page.charts.axes import (
    FORMATS,
    GRID,
    category_axis,
    cut,
    hover,
    measure_axis,
    step_label,
    steps_between,
    value,
)
from report.page.parts import Measure, Option
from report.page.questions.discovery import DiscoveryStep
from report.page.questions.over_time import ArtistShare

SHOWN_ARTISTS = 7


def artists_chart(rows: Sequence[ArtistShare], measure: Measure, grain: str) -> Option:
    """Return the first artists of the period, stacked, as time goes by."""
    names = shown_artists(rows, measure)
    steps = steps_between((row.begins for row in rows), grain)
    heard = {(row.artist_name, row.begins): value(row, measure) for row in rows}
    return {
        "tooltip": hover(FORMATS[measure], "axis"),
        "legend": {"type": "scroll", "top": 0},
        "grid": {**GRID, "top": 40},
        "xAxis": category_axis([step_label(step, grain) for step in steps]),
        "yAxis": measure_axis(
            measure,
            max(sum(heard.get((name, step)) or 0 for name in names) for step in steps),
        ),
        "series": [
            {
                "type": "bar",
                "stack": "artists",
                "barCategoryGap": "8%",
                "name": cut(name),
                "data": [heard.get((name, step)) or 0 for step in steps],
            }
            for name in names
        ],
    }


def shown_artists(rows: Sequence[ArtistShare], measure: Measure) -> list[str]:
    """Return the artists that the chart shows, the most heard first."""
    ranks = {
        row.artist_name: row.rank_by_plays if measure == "plays" else row.rank_by_minutes
        for row in rows
    }
    return [
        name for name in sorted(ranks, key=lambda name: ranks[name]) if ranks[name] <= SHOWN_ARTISTS
    ]


def discovery_chart(rows: Sequence[DiscoveryStep], grain: str) -> Option:
    """Return new tracks and artists as time goes by."""
    steps = steps_between((row.begins for row in rows), grain)
    found = {row.begins: row for row in rows}
    return {
        "tooltip": hover("format:count", "axis"),
        "legend": {"top": 0},
        "grid": {**GRID, "top": 36},
        "xAxis": category_axis([step_label(step, grain) for step in steps]),
        "yAxis": {"type": "value", "axisLabel": {"formatter": "format:count"}},
        "series": [
            {
                "type": "bar",
                "name": "new tracks",
                "data": [found[step].new_tracks if step in found else 0 for step in steps],
            },
            {
                "type": "line",
                "name": "new artists",
                "symbol": "circle",
                "data": [found[step].new_artists if step in found else 0 for step in steps],
            },
        ],
    }
