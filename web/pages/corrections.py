"""Buttons by which a person hides a play, or says that two tracks or artists are the same."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from web.corrections import CorrectedKind, MergedKind, hide, say_same, undo
from web.decisions import count_again
from web.links import page_of
from web.pages.decisions import to_settings
from web.questions.search import search
from web.render import page
from web.shown_things import thing_named
from web.state import Chosen, Heard, Here, Web
from web.texts import NO_ZERO, Key, Words

router = APIRouter(include_in_schema=False)
Given = Annotated[str, Form(max_length=1000, pattern=NO_ZERO)]
_FOUND = 30


@router.get("/same")
def same_page(
    request: Request, chosen: Chosen, snapshot: Heard, kind: MergedKind, key: Key, q: Words = ""
) -> HTMLResponse:
    """Show what a track or artist may be the same as: names with the words that are searched."""
    with snapshot.ask() as listening:
        thing = thing_named(listening, kind.value, key)
        found = search(listening, q, _FOUND)[kind.value]
    return page(
        request,
        "same_page.html.j2",
        chosen,
        thing=thing,
        own_page=page_of(thing.kind, thing.key),
        words=q,
        found=[(each, page_of(each.kind, each.key)) for each in found if each.key != thing.key],
    )


@router.post("/settings/corrections/hide")
def hide_one(web: Here, chosen: Chosen, key: Given) -> RedirectResponse:
    """Hide a play from every statistic, and count again."""
    return _counted(web, chosen, is_news=hide(web, chosen, key))


@router.post("/settings/corrections/same")
def say_the_same(
    web: Here, chosen: Chosen, kind: Annotated[MergedKind, Form()], key: Given, into_key: Given
) -> RedirectResponse:
    """Have a track or artist be the same as another from now on, and count again."""
    return _counted(web, chosen, is_news=say_same(web, chosen, kind, key, into_key))


@router.post("/settings/corrections/undo")
def undo_one(
    web: Here, chosen: Chosen, kind: Annotated[CorrectedKind, Form()], item_key: Given
) -> RedirectResponse:
    """Undo a correction, and count again."""
    return _counted(web, chosen, is_news=undo(web, chosen, kind, item_key))


def _counted(web: Web, chosen: Chosen, *, is_news: bool) -> RedirectResponse:
    count_again(web.runs, is_news=is_news)
    return to_settings(web, chosen, "corrections")
