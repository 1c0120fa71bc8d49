"""How the music sounds: the map of tracks, the kinds of sound, days and hours."""

from collections.abc import Sequence

from report.page import words
from report.page.charts.provenance import HATCHED
from report.page.parts import Measure, Option
from report.page.questions.kinds import Kind
from report.page.questions.mood import MapTrack
from report.plain_words import FEATURE_SOURCES

KINDS_TOLD_APART = 6
_GREY = "color:soft"
_LINE = {"opacity": 0.3}
# The names of the kinds take several lines there.
_ON_A_PHONE: Option = {
    "query": {"maxWidth": 560},
    "option": {"legend": {"top": "auto", "bottom": 0}, "grid": {"top": 12, "bottom": 150}},
}


def kind_colour(number: int | None) -> str:
    """Return the colour of a kind of sound; grey where there is none."""
    return _GREY if number is None or number < 0 else f"color:c{number % KINDS_TOLD_APART + 1}"


def map_chart(tracks: Sequence[MapTrack], kinds: Sequence[Kind]) -> Option:
    """Return brightness against energy: a circle a track, as large as its share of the plays.

    Circles of synthetic features are empty with a broken line. A square is the centre of a kind of
    sound.
    """
    most = max((each.plays for each in tracks), default=1)
    groups: dict[tuple[bool, int], list[MapTrack]] = {}
    for each in tracks:
        groups.setdefault((each.source == "synthetic", _number(each)), []).append(each)
    labels = {each.number: each.label for each in kinds}
    return {
        "grid": {"left": 40, "right": 16, "top": 44, "bottom": 40, "containLabel": True},
        "legend": {"top": 0, "data": list(dict.fromkeys(labels.values()))},
        "media": [_ON_A_PHONE],
        "tooltip": {"trigger": "item", "formatter": "format:tip"},
        "xAxis": _axis("darker → brighter (valence)"),
        "yAxis": _axis("calmer → more energetic"),
        "series": [
            *(
                {
                    "type": "scatter",
                    "name": labels.get(kind, "tracks"),
                    "itemStyle": _circle(kind, synthetic=synthetic),
                    "data": [_mark(each, most) for each in group],
                }
                for (synthetic, kind), group in sorted(groups.items(), key=lambda item: item[0])
            ),
            *(
                {
                    "type": "scatter",
                    "name": each.label,
                    "symbol": "rect",
                    "symbolSize": 13,
                    "itemStyle": {
                        "color": kind_colour(each.number),
                        "borderColor": "color:ink",
                        "borderWidth": 1.5,
                    },
                    "data": [
                        {
                            "value": [each.valence, each.energy],
                            "tip": f"{each.label}\nthe centre of this kind of sound",
                        }
                    ],
                }
                for each in kinds
                if each.valence is not None and each.energy is not None
            ),
        ],
    }


def _number(track: MapTrack) -> int:
    return -1 if track.kind is None else track.kind


def _circle(kind: int, *, synthetic: bool) -> Option:
    colour = kind_colour(kind)
    if not synthetic:
        return {"color": colour, "opacity": 0.75}
    return {
        "color": "transparent",
        "borderColor": colour,
        "borderType": "dashed",
        "borderWidth": 1.5,
    }


def _mark(track: MapTrack, most: int) -> Option:
    return {
        "value": [round(track.valence, 3), round(track.energy, 3)],
        # The area is the share: a circle of half the plays is half as large.
        "symbolSize": round(5 + 19 * (track.plays / most) ** 0.5, 1),
        "names": [track.track, track.artist],
        "tip": f"{track.track or 'unnamed'} · {track.artist or 'unknown'}\n"
        f"{track.plays:,} plays, {words.minutes(track.minutes)} · brightness {track.valence:.2f}, "
        f"energy {track.energy:.2f} ({FEATURE_SOURCES[track.source]})",
    }


def _axis(name: str) -> Option:
    return {
        "type": "value",
        "min": 0,
        "max": 1,
        "name": name,
        "nameLocation": "middle",
        "nameGap": 32,
        "interval": 0.5,
        "splitLine": {"show": True, "lineStyle": _LINE},
    }


def kinds_chart(kinds: Sequence[Kind], measure: Measure) -> Option:
    """Return a bar a kind: its share of what was heard, the synthetic part hatched."""
    whole = sum(_heard(each, measure) for each in kinds) or 1
    shares = [(_heard(each, measure) / whole, _synthetic(each, measure) / whole) for each in kinds]
    bar: Option = {"type": "bar", "stack": "share", "barMaxWidth": 22}
    colours = [{"color": kind_colour(each.number)} for each in kinds]
    return {
        "grid": {"left": 20, "right": 24, "top": 36, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "itemGap": 8},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "xAxis": {
            "type": "value",
            "splitNumber": 4,
            "axisLabel": {"formatter": "format:percent", "hideOverlap": True},
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [each.label.replace(", ", ",\n") for each in kinds],
            "axisLabel": {"interval": 0, "lineHeight": 15},
            "axisTick": {"show": False},
        },
        "series": [
            bar
            | {
                "name": "own features",
                "itemStyle": {"color": _GREY},
                "tooltip": {"valueFormatter": "format:percent"},
                "data": [
                    {"value": round(share - synthetic, 4), "itemStyle": colour}
                    for (share, synthetic), colour in zip(shares, colours, strict=True)
                ],
            },
            bar
            | {
                "name": "synthetic (hatched)",
                "itemStyle": {"color": _GREY, "decal": HATCHED},
                "tooltip": {"valueFormatter": "format:percent"},
                "data": [
                    {"value": round(synthetic, 4), "itemStyle": colour | {"decal": HATCHED}}
                    for (_, synthetic), colour in zip(shares, colours, strict=True)
                ],
            },
        ],
    }


def _heard(kind: Kind, measure: Measure) -> float:
    return kind.plays if measure == "plays" else kind.minutes


def _synthetic(kind: Kind, measure: Measure) -> float:
    return kind.synthetic_plays if measure == "plays" else kind.synthetic_minutes
