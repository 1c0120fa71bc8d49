"""How the music sounds: the map of tracks, the kinds of sound, days and hours."""

from collections.abc import Sequence

from report.page.charts.provenance import HATCHED
from report.page.parts import Measure, Option
from report.page.questions.kinds import Kind
from report.page.questions.mood import MapTrack

KIND_COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#8a7f00",
    "#999999",
)
"""One a kind of sound; those of Okabe and Ito, yellow darkened."""
_GREY = "#8a939c"
_LINE = {"opacity": 0.3}


def kind_colour(number: int | None) -> str:
    """Return the colour of a kind of sound; grey where there is none."""
    return _GREY if number is None or number < 0 else KIND_COLOURS[number % len(KIND_COLOURS)]


def map_chart(tracks: Sequence[MapTrack], kinds: Sequence[Kind], measure: Measure) -> Option:
    """Return brightness against energy: a circle a track, as large as its share of the listening.

    Circles of made-up features are empty with a broken line. A square stands at the centre of each
    kind of sound.
    """
    most = max((_size(each, measure) for each in tracks), default=0) or 1
    groups: dict[tuple[bool, int | None], list[MapTrack]] = {}
    for each in tracks:
        groups.setdefault((each.source == "synthetic", each.kind), []).append(each)
    labels = {each.number: each.label for each in kinds}
    return {
        "grid": {"left": 8, "right": 24, "top": 12, "bottom": 96, "containLabel": True},
        "legend": {"bottom": 0, "type": "scroll"},
        "tooltip": {"trigger": "item", "confine": True},
        "xAxis": _axis("darker → brighter (valence)"),
        "yAxis": _axis("calmer → more energetic"),
        "series": [
            *(
                _tracks(group, most, measure, made_up=made_up, kind=kind, labels=labels)
                for (made_up, kind), group in sorted(
                    groups.items(),
                    key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or 0),
                )
            ),
            {
                "type": "scatter",
                "name": "centre of a kind",
                "symbol": "rect",
                "symbolSize": 12,
                "itemStyle": {"color": _GREY},
                "silent": True,
                "data": [
                    {
                        "name": each.label,
                        "value": [each.valence, each.energy],
                        "itemStyle": {"color": kind_colour(each.number), "borderColor": "#fff"},
                    }
                    for each in kinds
                    if each.valence is not None and each.energy is not None
                ],
            },
        ],
    }


def _tracks(
    group: Sequence[MapTrack],
    most: float,
    measure: Measure,
    *,
    made_up: bool,
    kind: int | None,
    labels: dict[int, str],
) -> Option:
    colour = kind_colour(kind)
    label = labels.get(-1 if kind is None else kind, "tracks")
    own: Option = {"color": colour, "opacity": 0.75}
    empty: Option = {
        "color": "transparent",
        "borderColor": colour,
        "borderType": "dashed",
        "borderWidth": 1.5,
    }
    return {
        "type": "scatter",
        "name": f"{label} (made up)" if made_up else label,
        "dimensions": ["brightness", "energy", "plays", "minutes"],
        "encode": {
            "x": "brightness",
            "y": "energy",
            "tooltip": ["brightness", "energy", measure],
        },
        "itemStyle": empty if made_up else own,
        "data": [
            {
                "name": f"{each.track or 'unnamed'} · {each.artist or 'unknown'}",
                "value": [
                    round(each.valence, 3),
                    round(each.energy, 3),
                    each.plays,
                    round(each.minutes),
                ],
                # The area is the share: a circle of half the plays is half as large.
                "symbolSize": round(5 + 19 * (_size(each, measure) / most) ** 0.5, 1),
            }
            for each in group
        ],
    }


def _size(track: MapTrack, measure: Measure) -> float:
    return track.plays if measure == "plays" else track.minutes


def _axis(name: str) -> Option:
    return {
        "type": "value",
        "min": 0,
        "max": 1,
        "name": name,
        "nameLocation": "middle",
        "nameGap": 28,
        "interval": 0.5,
        "splitLine": {"show": True, "lineStyle": _LINE},
    }


def kinds_chart(kinds: Sequence[Kind], measure: Measure) -> Option:
    """Return a bar a kind: its share of what was heard, the made-up part hatched."""
    whole = sum(_heard(each, measure) for each in kinds) or 1
    shares = [(_heard(each, measure) / whole, _made_up(each, measure) / whole) for each in kinds]
    bar: Option = {"type": "bar", "stack": "share", "barMaxWidth": 22}
    colours = [{"color": kind_colour(each.number)} for each in kinds]
    return {
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "legend": {"top": 0},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "format:percent"}},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [each.label for each in kinds],
            "axisLabel": {"width": 150, "overflow": "break", "interval": 0},
            "axisTick": {"show": False},
        },
        "series": [
            bar
            | {
                "name": "own features",
                "itemStyle": {"color": _GREY},
                "tooltip": {"valueFormatter": "format:percent"},
                "data": [
                    {"value": round(share - made_up, 4), "itemStyle": colour}
                    for (share, made_up), colour in zip(shares, colours, strict=True)
                ],
            },
            bar
            | {
                "name": "made-up features (hatched)",
                "itemStyle": {"color": _GREY, "decal": HATCHED},
                "tooltip": {"valueFormatter": "format:percent"},
                "data": [
                    {"value": round(made_up, 4), "itemStyle": colour | {"decal": HATCHED}}
                    for (_, made_up), colour in zip(shares, colours, strict=True)
                ],
            },
        ],
    }


def _heard(kind: Kind, measure: Measure) -> float:
    return kind.plays if measure == "plays" else kind.minutes


def _made_up(kind: Kind, measure: Measure) -> float:
    return kind.made_up_plays if measure == "plays" else kind.made_up_minutes
