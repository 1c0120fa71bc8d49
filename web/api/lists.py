"""Lists of everything in pages or as CSV, and the search over names."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from web.choice import period_of
from web.listed import LISTS, Order
from web.lists import Asked, as_csv, page_of_list
from web.problems import problems
from web.questions.search import search
from web.questions.things import Kind
from web.state import Chosen, Heard
from web.texts import PageNumber, PerPage, Words

router = APIRouter(prefix="/api/v1", tags=["lists"], responses=problems(HTTPStatus.NOT_FOUND))
ListName = Literal[
    "tracks",
    "artists",
    "albums",
    "genres",
    "sessions",
    "days",
    "plays",
    "recommendations",
    "skipped",
    "rediscover",
    "unavailable",
]
assert set(LISTS) == set(ListName.__args__)  # type: ignore[attr-defined]


class ListColumnOut(BaseModel):
    name: str = Field(description="what to sort by, and the name in `rows`")
    title: str
    format: str


class ListOut(BaseModel):
    """A page of a list."""

    name: str
    title: str
    total: int = Field(description="rows of the whole list")
    page: int
    per_page: int
    sort: str
    order: Order
    columns: list[ListColumnOut]
    rows: list[dict[str, Any]]


class FoundOut(BaseModel):
    """What a name was found of."""

    kind: Kind
    key: str
    name: str
    artist_key: str | None
    artist: str | None
    plays: int = Field(description="in the whole history")


class SearchOut(BaseModel):
    artists: list[FoundOut]
    tracks: list[FoundOut]
    albums: list[FoundOut]
    genres: list[FoundOut]


@router.get(
    "/lists/{name}",
    response_model=ListOut,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def a_list(
    name: ListName,
    chosen: Chosen,
    snapshot: Heard,
    sort: Annotated[
        str | None, Query(max_length=32, description="A column's name; else the usual one")
    ] = None,
    order: Order | None = None,
    page: PageNumber = 1,
    per_page: PerPage = 50,
    q: Words = "",
    format: Annotated[
        Literal["json", "csv"], Query(description="`csv`: the whole list as a file")
    ] = "json",
) -> Response | ListOut:
    """Return a page of a list, or all of it as CSV."""
    assert snapshot.listening is not None
    listed, asked = LISTS[name], Asked(sort, order, q)
    by, direction = asked.sorted_by(listed)
    period = period_of(chosen, snapshot.listening)
    if format == "csv":

        def parts() -> Iterator[str]:
            with snapshot.ask(period) as listening:
                yield from as_csv(listening, period, listed, asked)

        return StreamingResponse(
            parts(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    with snapshot.ask(period) as listening:
        found = page_of_list(listening, period, listed, asked, (page - 1) * per_page, per_page)
    return ListOut(
        name=name,
        title=listed.title,
        total=found.total,
        page=page,
        per_page=per_page,
        sort=by,
        order=direction,
        columns=[
            ListColumnOut(name=each.name, title=each.title, format=each.format)
            for each in listed.columns
        ],
        rows=[{name: row[name] for name in listed.names_in(row)} for row in found.rows],
    )


@router.get("/search")
def search_names(
    snapshot: Heard, q: Words, most: Annotated[int, Query(ge=1, le=100)] = 10
) -> SearchOut:
    """Return what has the words in its name, the most played first, up to `most` of each kind."""
    with snapshot.ask() as listening:
        found = search(listening, q, most)
    return SearchOut(
        **{
            f"{kind}s": [FoundOut.model_validate(each._asdict()) for each in rows]
            for kind, rows in found.items()
        }
    )
