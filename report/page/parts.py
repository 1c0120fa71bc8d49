"""What a page is made of: sections of blocks, each with a view for every choice of the person.

All of it is data: templates lay it out, one script draws the charts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.statuses import OK, Status

Option = dict[str, Any]
"""An ECharts option that JSON can hold. ``"format:NAME"`` stands for a formatter of the script."""

Measure = Literal["plays", "minutes"]
MEASURES: tuple[Measure, ...] = ("plays", "minutes")

ANY = "*"
"""In a key of a view: the view does not depend on it."""

ViewKey = tuple[str, str]
"""A period's id and a measure, either ``ANY``."""

Format = Literal[
    "text", "name", "count", "minutes", "percent", "number", "date", "change", "link", "hide"
]
Names = Literal["", "track", "artist", "album", "genre", "month", "kind"]


@dataclass(frozen=True)
class Column:
    """A column of ``Numbers``: its heading and how its values are written.

    ``name`` is a name that somebody else chose, of a track or an artist; ``minutes`` is a number of
    minutes, ``percent`` a share of 1, ``change`` a share of 1 with its sign, ``link`` an address or
    None, shown as a link to open what the row names; ``hide`` is the id of a play, which an
    application shows as a button. ``names`` says what a text names, where that has a page of its
    own in the application.
    """

    title: str
    format: Format = "text"
    names: Names = ""


@dataclass(frozen=True)
class Numbers:
    """A table: what a chart shows, in numbers, or a block of its own. None is shown as a dash.

    ``links`` are the pages that cells lead to, by row and column: ``artist?key=…``. A file has no
    other pages, so only an application shows them.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """One number in large type, with what it is and what it is compared with.

    ``change`` is the share by which it differs from the period before, None where that cannot be
    compared.
    """

    label: str
    value: Any
    format: Format = "count"
    change: float | None = None
    note: str = ""


@dataclass(frozen=True)
class View:
    """What a block shows for one choice.

    Where ``status`` is not ``ok`` the ``reason`` stands in place of the chart, as a sentence.
    """

    option: Option | None = None
    table: Numbers | None = None
    figures: Sequence[Figure] = ()
    sentence: str = ""
    status: Status = OK
    reason: str = ""


@dataclass(frozen=True)
class Block:
    """A question that a person asks, and its answers by period and measure.

    ``height`` is that of the chart in pixels. ``is_wide`` says that it takes the whole width.
    ``is_folded`` says that it is shown when asked for. ``label`` describes the chart for those who
    do not see it.
    """

    id: str
    title: str
    views: Mapping[ViewKey, View]
    note: str = ""
    label: str = ""
    height: int = 280
    is_wide: bool = False
    is_folded: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading; ``lead`` is a sentence or two below it."""

    id: str
    title: str
    blocks: Sequence[Block]
    lead: str = ""
    template: str = field(default="section.html.j2")
