"""What charts of two panels share: brightness above, energy below."""

from typing import NamedTuple

from report.page.parts import Option

GREY = "color:soft"
FAINT = {"opacity": 0.3}


class Panel(NamedTuple):
    """A feature, its name and its colours from the least to the most."""

    feature: str
    name: str
    colours: tuple[str, ...]


PANELS = (
    Panel("valence", "brightness (valence)", ("#2b2d6e", "#2c7fb8", "#7fcdbb", "#f7f4a8")),
    Panel("energy", "energy", ("#fbe3cf", "#f0a36b", "#d55e00", "#6b2207")),
)


def panel_title(panel: Panel, top: int) -> Option:
    """Return the name of a panel, ``top`` pixels from the top."""
    style = {"fontSize": 12, "fontWeight": "normal", "color": "color:ink"}
    return {"text": panel.name, "top": top, "left": 4, "textStyle": style}
