"""What a person decided: exclusions and answers to recommendations."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from web.decisions import (
    Answer,
    ExcludedKind,
    count_again,
    exclusions,
    key_of,
    verdicts,
)
from web.problems import problems
from web.state import Chosen, Here, person_asked
from writers import decisions

router = APIRouter(prefix="/api/v1", tags=["decisions"], responses=problems(HTTPStatus.CONFLICT))
Key = Annotated[str, Field(min_length=1, max_length=1000)]


class ExclusionOut(BaseModel):
    """What counts in no statistic."""

    kind: ExcludedKind
    item_key: str
    name: str | None
    source: str = Field(description="`page` or `playlist`")
    excluded_at: datetime


class ExclusionIn(BaseModel):
    """What to exclude: ``key`` is the lake's key; of an album that of its artist."""

    kind: ExcludedKind
    name: Key
    key: str = Field(default="", max_length=1000)


class ItemIn(BaseModel):
    """What to count again, as the list of exclusions has it."""

    kind: ExcludedKind
    item_key: Key


class VerdictOut(BaseModel):
    """An answer to a recommended track."""

    track_key: str
    purpose: str | None
    verdict: Answer
    track_name: str | None
    artist_name: str | None
    answered_at: datetime


class VerdictIn(BaseModel):
    """The answer to a recommended track."""

    track_key: Key
    verdict: Answer
    purpose: str | None = Field(default=None, max_length=100)


class Changed(BaseModel):
    """Whether it was news, and the run that counts it, if one was started."""

    changed: bool
    run_id: str | None


@router.get("/exclusions")
def list_exclusions(web: Here, chosen: Chosen) -> list[ExclusionOut]:
    """Return what a person excluded, the newest first."""
    found = exclusions(web.lakes.folder, person_asked(web, chosen))
    return [ExclusionOut(**each._asdict()) for each in found]


@router.post("/exclusions")
def exclude(web: Here, chosen: Chosen, wanted: ExclusionIn) -> Changed:
    """Leave something out of every statistic, and start the run that counts again."""
    user_id = person_asked(web, chosen)
    key = key_of(wanted.kind, wanted.key or wanted.name, wanted.name)
    is_news = decisions.exclude(web.lakes.folder, user_id, wanted.kind, key, wanted.name, web.now())
    return Changed(changed=is_news, run_id=count_again(web.runs, is_news=is_news))


@router.post("/exclusions/undo")
def include_again(web: Here, chosen: Chosen, wanted: ItemIn) -> Changed:
    """Count again what was excluded."""
    user_id = person_asked(web, chosen)
    is_news = decisions.include_again(
        web.lakes.folder, user_id, wanted.kind, wanted.item_key, web.now()
    )
    return Changed(changed=is_news, run_id=count_again(web.runs, is_news=is_news))


@router.get("/verdicts")
def list_verdicts(web: Here, chosen: Chosen) -> list[VerdictOut]:
    """Return a person's answers to recommendations, the newest first."""
    found = verdicts(web.lakes.folder, person_asked(web, chosen))
    return [VerdictOut(**each._asdict()) for each in found]


@router.post("/verdicts")
def answer(web: Here, chosen: Chosen, wanted: VerdictIn) -> Changed:
    """Keep an answer, which the lists of the next run respect."""
    is_news = decisions.answer(
        web.lakes.folder,
        person_asked(web, chosen),
        wanted.track_key,
        wanted.verdict,
        web.now(),
        purpose=wanted.purpose,
    )
    return Changed(changed=is_news, run_id=None)
