"""Where names, dates and marks of charts lead: to the page of what they name.

The report's sections hold names and dates, not pages: what they lead to is found here, from what
their columns name. Addresses are relative and without the choice, which is added where they are
shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from engines.models import literal
from engines.python_words import normalised
from report.page.listening import Listening
from report.page.parts import Block, Column, Numbers, Option, Section, View
from report.page.questions.asking import run
from web.choice import Choice
from web.questions.made import make_names

TrackName = tuple[str, str | None]
"""A track as tables name it: its name and its artist's."""


class To(NamedTuple):
    """A cell and the page that it leads to, None if to none."""

    value: Any
    page: str | None


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Numbers:
    """Return a table whose cells are values, or such with a page."""
    lines, links = [], {}
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, To) and cell.page is not None and cell.value is not None:
                links[place, column] = cell.page
        lines.append([cell.value if isinstance(cell, To) else cell for cell in row])
    return Numbers(tuple(columns), lines, links)


def page_of(kind: str, key: str | None, artist_key: str | None = None) -> str | None:
    """Return the page of an artist, track, album, genre, day or session; None without a key.

    That of a kind of sound, by its label, is the playlist of its tracks.
    """
    if key is None:
        return None
    match kind:
        case "album":
            return None if artist_key is None else _page(kind, artist=artist_key, name=key)
        case "genre":
            return _page(kind, name=key)
        case "kind":
            return _page("selections/kind", name=key)
        case "day":
            return _page(kind, date=key)
        case "session":
            return _page(kind, id=key)
        case _:
            return _page(kind, key=key)


def address(base: str, page: str, chosen: Choice) -> str:
    """Return the address of a page for what is chosen; what the page says itself stands."""
    path, _, query = page.partition("?")
    return f"{base}/{path}{chosen.query(**dict(parse_qsl(query)))}"


def linked(section: Section, listening: Listening, first: date) -> Section:
    """Return a section whose names, days from ``first`` on, and marks lead to their pages."""
    views = [view for block in section.blocks for view in block.views.values()]
    keys = _track_keys(listening, {name for view in views for name in _named_tracks(view)})
    finder = _Finder(keys, first, listening.today)
    return replace(section, blocks=[finder.block(block) for block in section.blocks])


class _Finder:
    """Finds the pages of what is named, by the keys of tracks and the days that there are."""

    def __init__(self, keys: Mapping[TrackName, str], first: date, last: date) -> None:
        self._keys, self._first, self._last = keys, first, last

    def block(self, block: Block) -> Block:
        marks = _MARKS.get(block.id)
        views = {}
        for key, view in block.views.items():
            option = view.option
            if option is not None and marks is not None:
                option = {
                    **option,
                    "series": [marks(self, option, each) for each in option["series"]],
                }
            views[key] = replace(view, option=option, table=self._table(view.table))
        return replace(block, views=views)

    def track(self, name: str | None, artist: str | None) -> str | None:
        return None if name is None else page_of("track", self._keys.get((name, artist)))

    def day(self, day: date) -> str | None:
        return page_of("day", f"{day}") if self._first <= day <= self._last else None

    def _table(self, numbers: Numbers | None) -> Numbers | None:
        if numbers is None:
            return None
        links = dict(numbers.links)
        for column, column_of in enumerate(numbers.columns):
            for place, row in enumerate(numbers.rows):
                page = self._cell(
                    column_of, row[column], _artist_after(numbers.columns, column, row)
                )
                if page is not None:
                    links.setdefault((place, column), page)
        return replace(numbers, links=links)

    def _cell(self, column: Column, value: Any, artist: str | None) -> str | None:
        if value is None:
            return None
        if column.format == "date":
            return self.day(value)
        match column.names:
            case "track":
                return self.track(value, artist)
            case "artist":
                return page_of("artist", normalised(value))
            case "album":
                return page_of("album", value, normalised(artist) if artist else None)
            case "genre":
                return page_of("genre", value)
            case "month":
                return _month_page(value)
            case "kind":
                return page_of("kind", value)
        return None


def _artist_after(columns: Sequence[Column], place: int, row: Sequence[Any]) -> str | None:
    """Return the artist that stands right of a track or album."""
    is_there = place + 1 < len(columns) and columns[place + 1].names == "artist"
    return row[place + 1] if is_there else None


def _named_tracks(view: View) -> Iterator[TrackName]:
    if view.table is None:
        return
    for place, column in enumerate(view.table.columns):
        if column.names == "track":
            for row in view.table.rows:
                if row[place] is not None:
                    yield row[place], _artist_after(view.table.columns, place, row)


def _track_keys(listening: Listening, named: set[TrackName]) -> dict[TrackName, str]:
    """Return the keys of tracks by their names; one without is not among the plays."""
    if not named:
        return {}
    make_names(listening)
    asked = ", ".join(
        f"({literal(name)}, {literal(artist)})" for name, artist in sorted(named, key=repr)
    )
    found = run(
        listening,
        f"""
        SELECT a.name, a.artist, min(n.key) FROM (VALUES {asked}) AS a (name, artist)
        JOIN names AS n ON n.kind = 'track' AND n.name = a.name
            AND n.artist IS NOT DISTINCT FROM a.artist
        GROUP BY a.name, a.artist
        """,
    ).fetchall()
    return {(name, artist): key for name, artist, key in found}


def _page(path: str, **query: str) -> str:
    return f"{path}?{urlencode(query)}"


def _month_page(label: str) -> str | None:
    """Return the page of a month that is written 'Mar 2026'."""
    try:
        month = datetime.strptime(label, "%b %Y")
    except ValueError:
        return None
    return _page("view/when", period=f"{month:%Y-%m}")


def _calendar_marks(finder: _Finder, _: Option, series: Option) -> Option:
    if series.get("coordinateSystem") != "calendar":
        return series
    return {
        **series,
        "data": [
            {"value": cell, "page": finder.day(date.fromisoformat(cell[0]))}
            for cell in series["data"]
        ],
    }


def _month_marks(_: _Finder, option: Option, series: Option) -> Option:
    if series["type"] != "bar":
        return series
    pages = [_month_page(label) for label in option["xAxis"]["data"]]
    return {**series, "data": _with_pages(series["data"], pages)}


def _artist_marks(_: _Finder, __: Option, series: Option) -> Option:
    page = page_of("artist", normalised(series["name"]))
    return {**series, "data": _with_pages(series["data"], [page] * len(series["data"]))}


def _track_marks(finder: _Finder, _: Option, series: Option) -> Option:
    return {
        **series,
        "data": [
            {**mark, "page": finder.track(*mark["names"])} if "names" in mark else mark
            for mark in series["data"]
        ],
    }


def _with_pages(values: Sequence[Any], pages: Sequence[str | None]) -> list[Option]:
    return [{"value": value, "page": page} for value, page in zip(values, pages, strict=True)]


def _kind_marks(_: _Finder, option: Option, series: Option) -> Option:
    pages = [page_of("kind", label.replace(",\n", ", ")) for label in option["yAxis"]["data"]]
    marks = zip(series["data"], pages, strict=True)
    return {**series, "data": [{**mark, "page": page} for mark, page in marks]}


_MARKS = {
    "calendar": _calendar_marks,
    "months": _month_marks,
    "artists-over-time": _artist_marks,
    "mood-map": _track_marks,
    "mood-kinds": _kind_marks,
}
"""The marks that lead somewhere, by the block of their chart."""
