"""How numbers and dates are written on the page."""

from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

NOTHING = "–"
_MINUTES_OF_AN_HOUR = 60
_HOURS_THAT_NEED_NO_MINUTES = 10


def count(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{round(value):,}"


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


def day(value: date | datetime) -> str:
    """Return a date: ``3 Mar 2024``."""
    return f"{value.day} {value:%b %Y}"


_WORDS = {
    "count": count,
    "minutes": minutes,
    "percent": percent,
    "change": change,
    "number": number,
}


def cell(value: Any, kind: str) -> Markup:
    """Return a value as HTML, written as ``kind`` says; None as a dash.

    Numbers keep their exact value for copies of the table.
    """
    if value is None:
        return Markup(NOTHING)
    if kind in _WORDS:
        exact = f"{value:.10g}" if isinstance(value, float) else value
        return _html(f'<data value="{exact}">{_WORDS[kind](value)}</data>')
    if kind == "date":
        return _html(f'<data value="{value}">{day(value)}</data>')
    text = escape(value)
    if kind == "link":
        opens = 'rel="noreferrer" aria-label="Open in Spotify"'
        return _html(f'<a href="{text}" {opens}>open</a>')
    return _html(f"<bdi>{text}</bdi>") if kind == "name" else text


def _html(text: str) -> Markup:
    """Return a text as HTML: numbers and what was escaped. A page has tens of thousands."""
    return Markup(text)
