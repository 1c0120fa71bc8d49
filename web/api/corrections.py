"""What a person corrected: hidden plays, tracks and artists that are the same as others."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from web.api.decisions import Changed
from web.corrections import CorrectedKind, MergedKind, corrections, hide, say_same, undo
from web.decisions import count_again
from web.problems import problems
from web.state import Chosen, Here, person_asked
from web.texts import NO_ZERO

router = APIRouter(
    prefix="/api/v1",
    tags=["corrections"],
    responses=problems(HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND),
)
Key = Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_ZERO)]


class CorrectionOut(BaseModel):
    """A hidden play, or a track or artist that is the same as another."""

    kind: CorrectedKind
    item_key: str
    chosen_key: str | None = Field(description="of a track or artist: what it is")
    into_key: str | None = Field(description="the key that counts, at the end of all merges")
    name: str | None
    into_name: str | None
    played_at: datetime | None = Field(description="of a play: when it ended")
    corrected_at: datetime


class HideIn(BaseModel):
    """A play to hide: ``key`` is its id."""

    kind: Literal[CorrectedKind.PLAY]
    key: Key


class MergeIn(BaseModel):
    """A track or artist, and the one that it is the same as."""

    kind: Literal[CorrectedKind.TRACK, CorrectedKind.ARTIST]
    key: Key
    into_key: Key


class CorrectedIn(BaseModel):
    """What to undo, as the list of corrections has it."""

    kind: CorrectedKind
    item_key: Key


@router.get("/corrections")
def list_corrections(web: Here, chosen: Chosen) -> list[CorrectionOut]:
    """Return what a person corrected, the newest first."""
    found = corrections(web.lakes.folder, person_asked(web, chosen))
    return [CorrectionOut(**each._asdict()) for each in found]


@router.post("/corrections")
def correct(
    web: Here,
    chosen: Chosen,
    wanted: Annotated[HideIn | MergeIn, Body(discriminator="kind")],
) -> Changed:
    """Hide a play or merge a thing into another, and start the run that counts again."""
    if isinstance(wanted, HideIn):
        is_news = hide(web, chosen, wanted.key)
    else:
        is_news = say_same(web, chosen, MergedKind(wanted.kind), wanted.key, wanted.into_key)
    return Changed(changed=is_news, run_id=count_again(web.runs, is_news=is_news))


@router.post("/corrections/undo")
def undo_one(web: Here, chosen: Chosen, wanted: CorrectedIn) -> Changed:
    """Undo a correction, and start the run that counts again."""
    is_news = undo(web, chosen, wanted.kind, wanted.item_key)
    return Changed(changed=is_news, run_id=count_again(web.runs, is_news=is_news))
