"""How numbers and dates are written on the page."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from markupsafe import Markup

from report.page.parts import Format, Numbers

NOTHING = "–"
_MINUS = re.compile(r"(?<![\w.)%])-(?=\.?\d)")
_MINUTES_OF_AN_HOUR = 60
_HOURS_THAT_NEED_NO_MINUTES = 10


def count(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{round(value):,}"


def plural(value: float, one: str, many: str = "") -> str:
    """Return '1 play', '2,345 plays'."""
    return f"{value:,.0f} {one if value == 1 else many or f'{one}s'}"


def minutes(value: float) -> str:
    """Return a length of time: ``45 min``, ``3 h 20 min``, ``1,204 h``."""
    whole = round(value)
    hours, rest = divmod(whole, _MINUTES_OF_AN_HOUR)
    if not hours:
        return f"{whole} min"
    if hours >= _HOURS_THAT_NEED_NO_MINUTES:
        return f"{round(value / _MINUTES_OF_AN_HOUR):,} h"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def percent(value: float) -> str:
    """Return a share of 1 in percent; below 10 % with a decimal."""
    share = 100 * value
    return f"{share:.1f}%" if 0 < abs(share) < 9.95 else f"{share:.0f}%"


def change(value: float) -> str:
    """Return a relative difference with its sign."""
    return f"{100 * value:+.0f}%".replace("-", "−")


def number(value: float) -> str:
    """Return a measured number with two decimals, or none where it is whole."""
    return f"{value:,.2f}".replace("-", "−") if value % 1 else f"{value:,.0f}".replace("-", "−")


def minus(text: str) -> str:
    """Return a text with its minus signs as such: '−0.02 to 0.01', but 'k-pop' and '18-19 h'."""
    return _MINUS.sub("−", text) if "-" in text else text


def day(value: date | datetime) -> str:
    """Return a date: ``3 Mar 2024``."""
    return f"{value.day} {value:%b %Y}"


def cell(value: Any, kind: Format) -> Markup:
    """Return a value as HTML, written as ``kind`` says; None as a dash.

    Numbers keep their exact value for copies of the table.
    """
    return Markup(NOTHING if value is None else _WRITTEN[kind](value))


def rows(table: Numbers) -> Markup:
    """Return the rows of a table as HTML.

    A page has tens of thousands of cells, which a template takes a second to write.
    """
    cells = [(f'<td class="{each.format}">', _WRITTEN[each.format]) for each in table.columns]
    lines = [
        "".join(
            f"{begin}{NOTHING if value is None else written(value)}</td>"
            for (begin, written), value in zip(cells, row, strict=True)
        )
        for row in table.rows
    ]
    # Each cell is numbers or was escaped.
    return Markup("".join(f"<tr>{line}</tr>\n" for line in lines))


def _in_words(write: Callable[[float], str]) -> Callable[[Any], str]:
    def written(value: Any) -> str:
        exact = f"{value:.10g}" if isinstance(value, float) else value
        return f'<data value="{exact}">{write(value)}</data>'

    return written


def _date(value: date) -> str:
    return f'<data value="{value}">{day(value)}</data>'


def _name(value: Any) -> str:
    return f"<bdi>{escape(str(value))}</bdi>"


def _link(value: Any) -> str:
    opens = 'rel="noreferrer" aria-label="Open in Spotify"'
    return f'<a href="{escape(value)}" {opens}>open</a>'


_WRITTEN: Mapping[Format, Callable[[Any], str]] = {
    "text": lambda value: escape(minus(str(value))),
    "name": _name,
    "count": _in_words(count),
    "minutes": _in_words(minutes),
    "percent": _in_words(percent),
    "number": _in_words(number),
    "change": _in_words(change),
    "date": _date,
    "link": _link,
    "hide": escape,
}

FILTERS: Mapping[str, Callable[..., str]] = {
    "cell": cell,
    "rows": rows,
    "day": day,
    "minus": minus,
    "change": change,
}
"""What templates need, by name."""
