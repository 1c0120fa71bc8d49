"""Rules of playlists: what there is, what each chooses and why, and the sync of its playlist."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from lake.playlist_mappings import PlaylistMapping
from playlists.fields import plain
from playlists.files import listed
from playlists.rule_files import RuleFile
from playlists.rules import RuleError
from report.spotify_links import playlist_link
from web.api.runs import RunOut, run_out
from web.choice import ONE_LINE
from web.playlists import (
    AtSpotify,
    at_spotify,
    change_mapping,
    chosen_by,
    file_of,
    files_of,
    start_sync,
)
from web.problems import problems
from web.state import Heard, Here
from web.texts import NO_ZERO, PageNumber, PerPage

router = APIRouter(
    prefix="/api/v1/playlists",
    tags=["playlists"],
    responses=problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
Slug = Annotated[
    str,
    Path(
        min_length=1,
        max_length=255,
        pattern=ONE_LINE,
        description="The name of the rule's file without its suffix",
    ),
]


class MappingOut(BaseModel):
    """The playlist at Spotify that a rule keeps up to date."""

    name: str | None
    playlist_id: str | None = Field(description="null until Spotify said that it was made")
    link: str | None
    status: Literal["creating", "active", "ended"]
    end_reason: str | None
    keep_edits: bool = Field(description="whether what is changed on it by hand stays")
    item_count: int | None
    created_at: datetime
    last_synced_at: datetime | None


class PlaylistSyncOut(BaseModel):
    """What the last sync that changed something did."""

    synced_at: datetime
    status: Literal["written", "edited", "ended"]
    added: int
    removed: int
    item_count: int | None
    without_id: int | None
    reads: int
    writes: int
    edits_added: int
    edits_removed: int
    edits_reordered: bool | None


class RuleOut(BaseModel):
    """A rule, and its playlist at Spotify; where it cannot be used ``error`` says why."""

    rule: str
    name: str
    comment: str
    comes_along: bool
    sync: Literal["every run", "daily"] | None = Field(description="when it is synced by itself")
    error: str | None
    mapping: MappingOut | None
    last_sync: PlaylistSyncOut | None


class RuleTrackOut(BaseModel):
    """A track that a rule chooses, and why."""

    track_key: str
    track_id: str
    title: str
    artist: str
    album: str
    duration_ms: int | None
    why: str
    link: str
    values: dict[str, Any] = Field(description="of the fields that the rule names")


class RulePreviewOut(RuleOut):
    """A page of the tracks that a rule chooses."""

    matching: int = Field(description="tracks that meet its conditions, before dedupe and limit")
    without_id: int = Field(description="of these, left out for want of a Spotify id")
    total: int = Field(description="tracks that it chooses")
    page: int
    per_page: int
    tracks: list[RuleTrackOut]


class PlaylistSyncIn(BaseModel):
    """How to sync."""

    dry_run: bool = Field(default=False, description="Only say what would be written")


class MappingIn(BaseModel):
    """The playlist that a rule keeps; what is left out stays as it is."""

    playlist: str = Field(
        default="",
        max_length=500,
        pattern=NO_ZERO,
        description="The id or the address of a playlist that there is already",
    )
    keep_edits: bool | None = Field(
        default=None, description="Whether what is changed on it by hand stays"
    )


@router.get("")
def list_rules(web: Here, snapshot: Heard) -> list[RuleOut]:
    """Return the rules that there are, with their playlists and what the last syncs did."""
    known = at_spotify(snapshot)
    return [_rule(each, known.get(each.slug)) for each in files_of(web, snapshot)]


@router.get("/{rule}")
def preview(
    web: Here, snapshot: Heard, rule: Slug, page: PageNumber = 1, per_page: PerPage = 50
) -> RulePreviewOut:
    """Return the tracks that a rule chooses and why each is in; 409 where the rule is wrong."""
    file = file_of(web, snapshot, rule)
    selection = chosen_by(web, snapshot, file.read())
    first = (page - 1) * per_page
    shown = replace(selection, tracks=selection.tracks[first : first + per_page])
    tracks = [
        RuleTrackOut(
            track_key=each.track_key,
            values={name: plain(value) for name, value in each.values.items()},
            link=as_listed.link,
            **as_listed._asdict(),
        )
        for each, as_listed in zip(shown.tracks, listed(shown), strict=True)
    ]
    return RulePreviewOut(
        **dict(_rule(file, at_spotify(snapshot).get(rule))),
        matching=selection.matching,
        without_id=selection.without_id,
        total=len(selection.tracks),
        page=page,
        per_page=per_page,
        tracks=tracks,
    )


@router.post("/{rule}/sync", status_code=HTTPStatus.ACCEPTED)
def sync(web: Here, snapshot: Heard, rule: Slug, wanted: PlaylistSyncIn | None = None) -> RunOut:
    """Start the sync of a rule's playlist, which is made where there is none.

    409 while another run of the page is under way, and where no playlist can be written.
    """
    return run_out(start_sync(web, snapshot, rule, dry_run=wanted is not None and wanted.dry_run))


@router.post("/{rule}/mapping")
def map_to(web: Here, snapshot: Heard, rule: Slug, wanted: MappingIn) -> MappingOut:
    """Have a rule keep a playlist that there is already, or what is changed on it by hand.

    409 where no playlist is named and the rule has none, and where another rule keeps it.
    """
    return _mapping(
        change_mapping(web, snapshot, rule, wanted.playlist, keep_edits=wanted.keep_edits)
    )


def _rule(file: RuleFile, at_spotify: AtSpotify | None) -> RuleOut:
    name, comment, sync, error = file.slug, "", None, None
    try:
        rule = file.read()
    except RuleError as wrong:
        error = str(wrong)
    else:
        name, comment, sync = rule.name, rule.comment, rule.sync
    mapping = None if at_spotify is None else at_spotify.mapping
    last_sync = None if at_spotify is None else at_spotify.last_sync
    return RuleOut.model_validate(
        {
            "rule": file.slug,
            "name": name,
            "comment": comment,
            "comes_along": file.comes_along,
            "sync": sync,
            "error": error,
            "mapping": mapping and _mapping(mapping),
            "last_sync": last_sync and last_sync._asdict(),
        }
    )


def _mapping(mapping: PlaylistMapping) -> MappingOut:
    link = mapping.playlist_id and playlist_link(mapping.playlist_id)
    return MappingOut.model_validate({**mapping._asdict(), "link": link})
