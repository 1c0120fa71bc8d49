"""Pages from templates: those of the report's file, and what an application has beside them."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from markupsafe import Markup

from report.page import words
from report.page.parts import MEASURES, View
from report.page.sections import SECTIONS
from report.page.write import environment
from report.plain_words import PURPOSES
from web import cells
from web.choice import COMPARISONS, Choice
from web.links import address
from web.listed import LISTS
from web.state import Web, web_of

_HERE = Path(__file__).parent
REPORT = _HERE.parent / "report" / "page"
STATIC = _HERE / "static"
LIST_OF_BLOCK = {
    "top-tracks": "tracks",
    "top-artists": "artists",
    "top-albums": "albums",
    "top-genres": "genres",
    "most-skipped": "skipped",
    "rediscover": "rediscover",
    "unavailable": "unavailable",
    "longest-sessions": "sessions",
    "calendar": "days",
    **{f"next-{purpose}": f"recommendations?q={purpose}" for purpose in PURPOSES},
}
"""The list that has all of what a block shows the first of."""


def selection_of(block_id: str, view: View) -> str | None:
    """Return the playlist from the tracks that a block shows; None where it shows none."""
    name, _, query = LIST_OF_BLOCK.get(block_id, "").partition("?")
    if name not in LISTS or not LISTS[name].has_tracks or view.table is None:
        return None
    shown = f"most={len(view.table.rows)}"
    return f"selections/{name}?{query}&{shown}" if query else f"selections/{name}?{shown}"


def page(
    request: Request,
    template: str,
    chosen: Choice | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    **values: Any,
) -> HTMLResponse:
    """Return a page; ``values`` are those of its template."""
    web = web_of(request)
    shown = chosen or Choice()
    base = web.settings.web_base_path
    token = cells.address_of.set(lambda page: address(base, page, shown))
    try:
        text = (
            templates()
            .get_template(template)
            .render(
                base=base,
                chosen=shown,
                query=shown.query,
                path=request.url.path.removeprefix(base),
                user_id=shown.user or web.settings.user_id,
                is_simulated=web.lakes.is_simulated,
                is_locked=web.doorkeeper.is_needed,
                timezone=web.settings.timezone,
                **values,
            )
        )
    finally:
        cells.address_of.reset(token)
    return HTMLResponse(text, status)


@cache
def templates() -> Environment:
    """Return the templates, made once."""
    made = environment(_HERE / "templates")
    made.filters |= {
        "rows": cells.rows,
        "count": words.count,
        "moment": lambda value: f"{value:%Y-%m-%d %H:%M}",
        "second": lambda value: f"{value:%Y-%m-%d %H:%M:%S}",
    }
    made.globals |= {
        "own_style": Markup((STATIC / "web.css").read_text(encoding="utf-8")),
        "views": {name: name.capitalize() for name in SECTIONS},
        "measures": MEASURES,
        "comparisons": COMPARISONS,
        "list_of": LIST_OF_BLOCK,
        "selection_of": selection_of,
        "leads_to": lambda page: cells.address_of.get()(page),
    }
    return made


def people_of(web: Web, user_id: str) -> tuple[str, ...]:
    """Return whose listening can be chosen."""
    return web.lakes.of(user_id).people
