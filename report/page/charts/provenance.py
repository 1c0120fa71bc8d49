"""How it is shown where audio features come from: made-up values are hatched, none are pale."""

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
"""Diagonal lines over a mark: made-up values."""

COLOURS: Mapping[str, str] = {
    "real": "#0072b2",
    "kaggle": "#56b4e9",
    "synthetic": "#e69f00",
    "none": "#bbbbbb",
}
"""Those of Okabe and Ito; they can be told apart by everybody, in light and in dark."""


def look(source: str) -> Option:
    """Return how a bar of values from ``source`` is filled."""
    filled: Option = {"color": COLOURS[source]}
    return filled | {"decal": HATCHED} if source == "synthetic" else filled


def name(source: str) -> str:
    """Return what a legend calls ``source``."""
    return (
        f"{FEATURE_SOURCES[source]} (hatched)" if source == "synthetic" else FEATURE_SOURCES[source]
    )
