"""Lists of everything: sorted by any column, filtered by a text, in pages or whole."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from engines.models import literal
from lake.searched_text import folded
from report.csv_text import plain
from report.page.listening import Listening, Period
from report.page.parts import Column, Numbers
from report.page.questions.asking import run
from report.plain_words import PURPOSES, UNAVAILABLE_REASONS
from report.spotify_links import track_link
from web.links import To, table
from web.listed import ListColumn, ListOf, Order, Row
from web.questions.list_sources import Source
from web.questions.made import named
from web.questions.things import Kind

_FETCHED_AT_ONCE = 2000
_WORDS: Mapping[str, Mapping[Any, str]] = {"purpose": PURPOSES, "why": UNAVAILABLE_REASONS}
"""What stands in the place of some values, by column."""


@dataclass(frozen=True)
class Asked:
    """How a list is asked for; without ``sort`` as it is sorted at first."""

    sort: str | None = None
    order: Order | None = None
    words: str = ""

    def sorted_by(self, listed: ListOf) -> tuple[str, Order]:
        """Return the column to sort by and the direction.

        Raises WrongChoiceError where there is no such column.
        """
        column = listed.column(self.sort or listed.sort)
        if self.order is not None:
            return column.name, self.order
        if column.name == listed.sort:
            return column.name, listed.order
        return column.name, "asc" if column.format in ("name", "text") else "desc"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, by the names of columns, and how many there are of all."""

    rows: Sequence[Row]
    total: int


def page_of_list(
    listening: Listening, period: Period, listed: ListOf, asked: Asked, first: int, most: int
) -> Page:
    """Return ``most`` rows after the first ``first``.

    Raises WrongChoiceError where there is no column to sort by.
    """
    by, _ = asked.sorted_by(listed)
    source = listed.source(listening, period)
    if source is None:
        return Page([], 0)
    order = _order(listed, asked, source)
    rows = _filtered(source, asked)
    limit = f"LIMIT {most} OFFSET {first}"
    if source.kind is not None and by in _names_of(source.kind):
        found = list(_rows(listening, f"{_named(rows, source.kind)} {order} {limit}"))
    else:
        found = list(_rows(listening, f"SELECT * FROM ({rows}) {order} {limit}"))
        found = _with_names(listening, source.kind, found)
    if first == 0 and len(found) < most:
        return Page(found, len(found))
    ((total,),) = run(listening, f"SELECT count(*) FROM ({rows})").fetchall()
    return Page(found, total)


def as_csv(listening: Listening, period: Period, listed: ListOf, asked: Asked) -> Iterator[str]:
    """Yield the whole list as CSV; a text that begins like a formula is marked as a text."""
    text = StringIO()
    written = csv.writer(text)
    text.write("\ufeff")
    written.writerow(each.name for each in listed.columns)
    source = listed.source(listening, period)
    if source is not None:
        rows = _filtered(source, asked)
        if source.kind is not None:
            rows = _named(rows, source.kind)
        found = run(listening, f"SELECT * FROM ({rows}) {_order(listed, asked, source)}")
        names = [each[0] for each in found.description or ()]
        plain = [_plain_column(each.name, names) for each in listed.columns]
        while some := found.fetchmany(_FETCHED_AT_ONCE):
            written.writerows([each(row) for each in plain] for row in some)
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def numbers(listed: ListOf, rows: Sequence[Row]) -> Numbers:
    """Return rows as a table whose names and days lead to their pages."""
    return table(
        [Column(each.title, each.format) for each in listed.columns],
        [[To(_shown(each, row), each.page(row)) for each in listed.columns] for row in rows],
    )


def _shown(column: ListColumn, row: Row) -> Any:
    value = row[column.name]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _WORDS.get(column.name, {}).get(value, value)


def _filtered(source: Source, asked: Asked) -> str:
    """Return the rows that have every word; of things those whose names have."""
    words = [folded(literal(word)) for word in asked.words.split()]
    if not words:
        return source.rows
    if source.words:
        has = " AND ".join(f"contains({folded(source.words)}, {word})" for word in words)
        return f"SELECT * FROM ({source.rows}) WHERE {has}"
    has = " AND ".join(f"contains(concat_ws(' ', folded, folded_artist), {word})" for word in words)
    return (
        f"SELECT * FROM ({source.rows}) WHERE thing IN "
        f"(SELECT thing FROM names WHERE kind = '{source.kind}' AND {has})"
    )


def _names_of(kind: Kind) -> tuple[str, ...]:
    """Return the columns that come with the names of things."""
    return (kind, "artist") if kind in ("track", "album") else (kind,)


def _named(rows: str, kind: Kind) -> str:
    names = ", ".join(
        ("n.name" if each == kind else f"n.{each}") + f' AS "{each}"' for each in _names_of(kind)
    )
    return f"""
        SELECT r.*, {names}, n.key, n.artist_key, n.track_id
        FROM ({rows}) AS r JOIN names AS n ON n.thing = r.thing AND n.kind = '{kind}'
    """


def _with_names(listening: Listening, kind: Kind | None, rows: list[Row]) -> list[Row]:
    if kind is None:
        return rows
    names = named(listening, kind, [row["thing"] for row in rows])
    shown: list[Row] = []
    for row in rows:
        of_it = names[row["thing"]]
        values = {**row, **of_it._asdict(), kind: of_it.name, "open": track_link(of_it.track_id)}
        shown.append(values)
    return shown


def _order(listed: ListOf, asked: Asked, source: Source) -> str:
    name, order = asked.sorted_by(listed)
    if source.kind is not None:
        ties = "thing"
    else:
        ties = ", ".join(f'"{each.name}"' for each in listed.columns if each.format != "link")
    return f'ORDER BY "{name}" {order} NULLS LAST, {ties}'


def _rows(listening: Listening, sql: str) -> Iterator[Row]:
    found = run(listening, sql)
    names = [each[0] for each in found.description or ()]
    while some := found.fetchmany(_FETCHED_AT_ONCE):
        for row in some:
            values = dict(zip(names, row, strict=True))
            values["open"] = track_link(values.get("track_id"))
            yield values


def _plain_column(name: str, names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """Return what takes a column's value from a row, as CSV has it."""
    if name == "open":
        track_id = names.index("track_id")
        return lambda row: track_link(row[track_id])
    place = names.index(name)
    return lambda row: plain(row[place])
