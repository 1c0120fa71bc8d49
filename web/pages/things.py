"""The pages of an artist, a track, an album, a genre, a day and a session."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from report.spotify_links import track_link
from web.days import Dated
from web.lakes import Snapshot
from web.links import page_of
from web.questions.things import Kind
from web.render import page, people_of
from web.shown_things import day_shown, session_shown, thing_shown
from web.state import Chosen, Heard, Here, Web
from web.texts import Day, Key, Name

router = APIRouter(include_in_schema=False)


@router.get("/artist")
def artist(request: Request, web: Here, chosen: Chosen, snapshot: Heard, key: Key) -> HTMLResponse:
    """Show an artist."""
    return _thing(request, web, chosen, snapshot, "artist", {"key": key})


@router.get("/track")
def track(request: Request, web: Here, chosen: Chosen, snapshot: Heard, key: Key) -> HTMLResponse:
    """Show a track."""
    return _thing(request, web, chosen, snapshot, "track", {"key": key})


@router.get("/album")
def album(
    request: Request, web: Here, chosen: Chosen, snapshot: Heard, artist: Key, name: Name
) -> HTMLResponse:
    """Show an album; ``artist`` is the key of who made it."""
    return _thing(request, web, chosen, snapshot, "album", {"artist": artist, "name": name})


@router.get("/genre")
def genre(request: Request, web: Here, chosen: Chosen, snapshot: Heard, name: Name) -> HTMLResponse:
    """Show a genre."""
    return _thing(request, web, chosen, snapshot, "genre", {"name": name})


@router.get("/day")
def day(request: Request, chosen: Chosen, snapshot: Heard, date: Day) -> HTMLResponse:
    """Show a day."""
    return _dated(request, chosen, day_shown(snapshot, date), snapshot, date=str(date))


@router.get("/session")
def session(request: Request, chosen: Chosen, snapshot: Heard, id: Key) -> HTMLResponse:
    """Show a session."""
    return _dated(request, chosen, session_shown(snapshot, id), snapshot, id=id)


def _thing(
    request: Request,
    web: Web,
    chosen: Chosen,
    snapshot: Snapshot,
    kind: Kind,
    query: dict[str, str],
) -> HTMLResponse:
    key = query.get("key") or query.get("name", "")
    thing, shown = thing_shown(snapshot, chosen, kind, key, query.get("artist", ""))
    return page(
        request,
        "thing_page.html.j2",
        chosen,
        thing=thing,
        artist_page=page_of("artist", thing.artist_key),
        opens=track_link(thing.track_id),
        section=shown.section,
        period=shown.period,
        of_thing=query,
        listening=snapshot.listening,
        people=people_of(web, snapshot.user_id),
    )


def _dated(
    request: Request, chosen: Chosen, dated: Dated, snapshot: Snapshot, **of_it: str
) -> HTMLResponse:
    return page(
        request,
        "day_page.html.j2",
        chosen,
        dated=dated,
        section=dated.section,
        listening=snapshot.listening,
        day_page=page_of("day", str(dated.day)),
        of_it=of_it,
        has_plays=len(dated.section.blocks) > 1,
    )
