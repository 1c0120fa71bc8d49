"""Artists, tracks, albums, genres, days and sessions as data; each as its page shows it."""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, Field

from report.spotify_links import track_link
from web.api.models import BlockOut, ViewOut, blocks_out, view_out
from web.days import Dated
from web.lakes import Snapshot
from web.problems import problems
from web.questions.things import Kind
from web.shown_things import day_shown, session_shown, thing_shown
from web.state import Chosen, Heard
from web.texts import Day, Key, Name

router = APIRouter(prefix="/api/v1", tags=["things"], responses=problems(HTTPStatus.NOT_FOUND))


class ThingOut(BaseModel):
    """An artist, track, album or genre in the span chosen."""

    kind: Kind
    key: str
    name: str | None
    artist_key: str | None = Field(description="of a track or album: who made it")
    artist: str | None
    link: str | None = Field(description="of a track: where Spotify opens it")
    shown: ViewOut


class DatedOut(BaseModel):
    """A day or a session."""

    title: str
    day: date = Field(description="the local date, of a session that on which it began")
    blocks: list[BlockOut]


@router.get("/artists")
def artists(chosen: Chosen, snapshot: Heard, key: Key) -> ThingOut:
    """Return an artist."""
    return _thing(snapshot, chosen, "artist", key)


@router.get("/tracks")
def tracks(chosen: Chosen, snapshot: Heard, key: Key) -> ThingOut:
    """Return a track."""
    return _thing(snapshot, chosen, "track", key)


@router.get("/albums")
def albums(chosen: Chosen, snapshot: Heard, artist: Key, name: Name) -> ThingOut:
    """Return an album; ``artist`` is the key of who made it."""
    return _thing(snapshot, chosen, "album", name, artist)


@router.get("/genres")
def genres(chosen: Chosen, snapshot: Heard, name: Name) -> ThingOut:
    """Return a genre."""
    return _thing(snapshot, chosen, "genre", name)


@router.get("/days")
def days(snapshot: Heard, date: Day) -> DatedOut:
    """Return a day."""
    return _dated(day_shown(snapshot, date))


@router.get("/sessions")
def sessions(snapshot: Heard, id: Key) -> DatedOut:
    """Return a session."""
    return _dated(session_shown(snapshot, id))


def _thing(
    snapshot: Snapshot, chosen: Chosen, kind: Kind, key: str, artist_key: str = ""
) -> ThingOut:
    thing, shown = thing_shown(snapshot, chosen, kind, key, artist_key)
    return ThingOut(
        kind=kind,
        key=thing.key,
        name=thing.name,
        artist_key=thing.artist_key,
        artist=thing.artist,
        link=track_link(thing.track_id),
        shown=view_out(shown),
    )


def _dated(dated: Dated) -> DatedOut:
    return DatedOut(title=dated.section.title, day=dated.day, blocks=blocks_out(dated.section))
