"""Buttons by which a person excludes something, and answers recommendations."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from web.decisions import Answer, ExcludedKind, count_again, key_of
from web.state import Chosen, Here, Web, person_asked
from writers import decisions

router = APIRouter(include_in_schema=False)
Name = Annotated[str, Form(max_length=1000)]


@router.post("/settings/exclusions")
def exclude(
    web: Here, chosen: Chosen, kind: Annotated[ExcludedKind, Form()], name: Name, key: Name = ""
) -> RedirectResponse:
    """Leave something out of every statistic from now on, and count again."""
    is_news = decisions.exclude(
        web.lakes.folder, person_asked(web, chosen), kind, key_of(kind, key, name), name, web.now()
    )
    count_again(web.runs, is_news=is_news)
    return to_settings(web, chosen)


@router.post("/settings/exclusions/undo")
def include_again(
    web: Here, chosen: Chosen, kind: Annotated[ExcludedKind, Form()], item_key: Name
) -> RedirectResponse:
    """Count again what was excluded."""
    is_news = decisions.include_again(
        web.lakes.folder, person_asked(web, chosen), kind, item_key, web.now()
    )
    count_again(web.runs, is_news=is_news)
    return to_settings(web, chosen)


@router.post("/settings/verdicts")
def answer(
    web: Here,
    chosen: Chosen,
    track_key: Name,
    verdict: Annotated[Answer, Form()],
    purpose: Name = "",
    track_name: Name = "",
    artist_name: Name = "",
) -> RedirectResponse:
    """Keep an answer to a recommendation, which the next lists respect."""
    decisions.answer(
        web.lakes.folder,
        person_asked(web, chosen),
        track_key,
        verdict,
        web.now(),
        purpose=purpose or None,
        track_name=track_name or None,
        artist_name=artist_name or None,
    )
    address = f"{web.settings.web_base_path}/lists/recommendations{chosen.query()}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


@router.post("/settings/verdicts/undo")
def withdraw(web: Here, chosen: Chosen, track_key: Name) -> RedirectResponse:
    """Forget an answer."""
    decisions.withdraw_answer(web.lakes.folder, person_asked(web, chosen), track_key, web.now())
    return to_settings(web, chosen)


def to_settings(web: Web, chosen: Chosen, part: str = "exclusions") -> RedirectResponse:
    """Lead to a part of the settings."""
    address = f"{web.settings.web_base_path}/settings{chosen.query()}#{part}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
