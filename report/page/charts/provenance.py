"""How it is shown where audio features come from: synthetic values are hatched, none are pale."""

from collections.abc import Mapping

from report.page.parts import Option
from report.plain_words import FEATURE_SOURCES

HATCHED: Option = {
    "symbol": "rect",
    "symbolSize": 1,
    "color": "rgba(255, 255, 255, 0.75)",
    "dashArrayX": [1, 0],
    "dashArrayY": [2, 3],
    "rotation": -0.7853981633974483,
}
"""Diagonal lines over a mark: synthetic values."""

COLOURS: Mapping[str, str] = {
    "real": "color:c1",
    "kaggle": "color:c6",
    "synthetic": "color:c5",
    "none": "color:line",
}
"""Names of the page's colours, which it has for light and for dark."""


def look(source: str) -> Option:
    """Return how a bar of values from ``source`` is filled."""
    filled: Option = {"color": COLOURS[source]}
    return filled | {"decal": HATCHED} if source == "synthetic" else filled


def name(source: str) -> str:
    """Return what a legend calls ``source``."""
    return (
        f"{FEATURE_SOURCES[source]} (hatched)" if source == "synthetic" else FEATURE_SOURCES[source]
    )
