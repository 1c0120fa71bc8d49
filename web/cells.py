"""Tables as HTML: as the report writes them, with links to the pages of what they name."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from html import escape
from typing import Any

from markupsafe import Markup

from report.page import words
from report.page.parts import Numbers

address_of: ContextVar[Callable[[str], str]] = ContextVar("address_of")
"""Makes the address of a page, for the choice of the request that is answered."""


def rows(table: Numbers, last_cells: Sequence[Markup] = ()) -> Markup:
    """Return the rows of a table as HTML; ``address_of`` must be set where it has links.

    ``last_cells`` are what each row has after its columns, if anything.
    """
    if not table.links and not last_cells:
        return words.rows(table)
    lines = []
    for place, row in enumerate(table.rows):
        cells = []
        for column, (heading, value) in enumerate(zip(table.columns, row, strict=True)):
            text = words.cell(value, heading.format)
            if heading.format == "hide" and value is not None:
                text = _hide(value, row)
            page = table.links.get((place, column))
            if page is not None:
                text = Markup('<a href="{}">{}</a>').format(address_of.get()(page), text)
            cells.append(f'<td class="{escape(heading.format)}">{text}</td>')
        if last_cells:
            cells.append(f"<td>{last_cells[place]}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return Markup("".join(lines))  # each cell is a number or was escaped


def _hide(play_id: str, row: Sequence[Any]) -> Markup:
    """Return the button that hides a play; its row begins with its time and its track."""
    return Markup(
        '<form method="post" action="{}"><input type="hidden" name="key" value="{}">'
        '<button aria-label="Hide the play at {}: {}">Hide</button></form>'
    ).format(address_of.get()("settings/corrections/hide"), play_id, *row[:2])
