"""Lists of everything, and what is found by a search over names."""

from collections.abc import Sequence
from http import HTTPStatus
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from web.choice import period_of
from web.decisions import verdicts
from web.lakes import Snapshot
from web.links import page_of
from web.listed import LISTS, Order, Row
from web.lists import Asked, numbers, page_of_list
from web.questions.search import search
from web.render import page, people_of
from web.state import Chosen, Heard, Here
from web.texts import Words

router = APIRouter(include_in_schema=False)
PAGE_ROWS = 50
MOST_PAGES = 100_000
_FOUND, _FOUND_WHILE_TYPING = 25, 6
_GROUPS = {"artist": "Artists", "track": "Tracks", "album": "Albums", "genre": "Genres"}


@router.get("/lists/{name}")
def a_list(
    request: Request,
    web: Here,
    chosen: Chosen,
    snapshot: Heard,
    name: Annotated[str, Path()],
    sort: Annotated[str | None, Query(max_length=32)] = None,
    order: Order | None = None,
    number: Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)] = 1,
    q: Words = "",
) -> HTMLResponse:
    """Show a page of a list."""
    listed = LISTS.get(name)
    if listed is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no list {name}")
    assert snapshot.listening is not None
    period = period_of(chosen, snapshot.listening)
    asked = Asked(sort, order, q)
    with snapshot.ask(period) as listening:
        found = page_of_list(listening, period, listed, asked, (number - 1) * PAGE_ROWS, PAGE_ROWS)
    return page(
        request,
        "list_page.html.j2",
        chosen,
        name=name,
        lists=LISTS,
        listed=listed,
        asked=asked,
        sorted_by=asked.sorted_by(listed),
        numbers=numbers(listed, found.rows),
        **_answers(snapshot, found.rows if name == "recommendations" else ()),
        total=found.total,
        number=number,
        pages=max(1, ceil(found.total / PAGE_ROWS)),
        first=(number - 1) * PAGE_ROWS,
        period=period,
        listening=snapshot.listening,
        people=people_of(web, snapshot.user_id),
    )


@router.get("/search")
def search_page(
    request: Request,
    chosen: Chosen,
    snapshot: Heard,
    q: Words = "",
    hx_request: Annotated[bool, Header()] = False,
) -> HTMLResponse:
    """Show what has the words in its name: a whole page, or the part that comes while typing."""
    with snapshot.ask() as listening:
        found = search(listening, q, _FOUND_WHILE_TYPING if hx_request else _FOUND)
    groups = [
        (_GROUPS[kind], [(each, page_of(kind, each.key, each.artist_key)) for each in rows])
        for kind, rows in found.items()
        if rows
    ]
    template = "found.html.j2" if hx_request else "search_page.html.j2"
    return page(request, template, chosen, groups=groups, searched=q)


def _answers(snapshot: Snapshot, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows of a list that can be answered, and the answers that were given."""
    given = verdicts(snapshot.data_dir, snapshot.user_id) if rows else []
    return {"answerable": rows, "answered": {each.track_key: each.verdict for each in given}}
