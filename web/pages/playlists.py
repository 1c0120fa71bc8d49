"""Smart playlists: the rules, what each chooses and why, and its playlist at Spotify."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from playlists.files import MEDIA_TYPES, FileFormat, as_file, listed, selection_as_json
from playlists.outcome_words import last_sync_in_words
from playlists.preview import in_short, why
from playlists.rule_files import read_rules
from playlists.rules import RuleError
from playlists.selection import Selection
from report.page.parts import Column, Numbers
from report.spotify_links import playlist_link, track_link
from web.choice import Choice
from web.links import table
from web.pages.lake import under_way
from web.playlists import (
    AtSpotify,
    at_spotify,
    change_mapping,
    chosen_by,
    file_of,
    files_of,
    folder_of_own_rules,
    hindrance,
    start_sync,
)
from web.render import page
from web.state import Chosen, Heard, Here, Web

router = APIRouter(include_in_schema=False)
Slug = Annotated[str, Path(max_length=255)]
SHOWN = 200
"""How many tracks a page shows."""

_COLUMNS = (
    Column("Track", "name"),
    Column("Artist", "name"),
    Column("Why", "text"),
    Column("Open", "link"),
)


@router.get("/playlists")
def all_rules(request: Request, web: Here, chosen: Chosen, snapshot: Heard) -> HTMLResponse:
    """Show the rules that there are, and what is wrong with those that cannot be used."""
    try:
        rules, broken = read_rules(files_of(web, snapshot))
    except RuleError as error:  # two files of one name
        rules, broken = [], [error]
    return page(
        request,
        "playlists_page.html.j2",
        chosen,
        rules=rules,
        broken=broken,
        folder=folder_of_own_rules(web),
        at_spotify=at_spotify(snapshot),
        playlist_link=playlist_link,
    )


@router.get("/playlists/{slug}")
def one_rule(
    request: Request, web: Here, chosen: Chosen, snapshot: Heard, slug: Slug
) -> HTMLResponse:
    """Show the first tracks that a rule chooses, why each is in, and its playlist at Spotify."""
    selection = chosen_by(web, snapshot, file_of(web, snapshot, slug).read())
    found = at_spotify(snapshot).get(slug, AtSpotify(None, None))
    return page(
        request,
        "playlist_page.html.j2",
        chosen,
        rule=selection.rule,
        said=in_short(selection),
        hidden=max(len(selection.tracks) - SHOWN, 0),
        numbers=shown(selection),
        formats=MEDIA_TYPES,
        hindrance=hindrance(web, snapshot.user_id),
        mapping=found.mapping,
        last_sync=found.last_sync,
        last_sync_in_words=last_sync_in_words,
        playlist_link=playlist_link,
        run=web.runs.latest_of(slug),
        **under_way(web),
    )


@router.post("/playlists/{slug}/sync")
def sync(
    web: Here,
    chosen: Chosen,
    snapshot: Heard,
    slug: Slug,
    dry_run: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Start the sync of a rule's playlist; the page of the rule shows its lines."""
    start_sync(web, snapshot, slug, dry_run=dry_run)
    return _to_rule(web, chosen, slug)


@router.post("/playlists/{slug}/mapping")
def map_to(
    web: Here,
    chosen: Chosen,
    snapshot: Heard,
    slug: Slug,
    playlist: Annotated[str, Form(max_length=500)] = "",
    keep_edits: Annotated[bool | None, Form()] = None,
) -> RedirectResponse:
    """Have a rule keep a playlist that there is already, or what is changed on it by hand."""
    change_mapping(web, snapshot, slug, playlist, keep_edits=keep_edits)
    return _to_rule(web, chosen, slug)


@router.get("/playlists/{slug}/file")
def rule_as_file(
    web: Here,
    snapshot: Heard,
    slug: Slug,
    file_format: Annotated[FileFormat, Query(alias="format")] = "m3u8",
) -> Response:
    """Return the tracks that a rule chooses as a file."""
    selection = chosen_by(web, snapshot, file_of(web, snapshot, slug).read())
    if file_format == "json":
        return as_download(selection_as_json(selection), slug, file_format)
    rule = selection.rule
    text = as_file(file_format, rule.name, rule.comment, listed(selection))
    return as_download(text, slug, file_format)


def shown(selection: Selection) -> Numbers:
    """Return the first tracks of a selection as a table."""
    rows = [
        [
            # Without links: what was never played has no page of its own.
            each.track_name,
            each.artist_name,
            why(selection.rule, each),
            track_link(each.track_id),
        ]
        for each in selection.tracks[:SHOWN]
    ]
    return table(_COLUMNS, rows)


def _to_rule(web: Web, chosen: Choice, slug: str) -> RedirectResponse:
    address = f"{web.settings.web_base_path}/playlists/{quote(slug, safe='')}{chosen.query()}"
    return RedirectResponse(f"{address}#at-spotify", HTTPStatus.SEE_OTHER)


def as_download(text: str, name: str, file_format: FileFormat) -> Response:
    """Return a file of a list of tracks, which a browser stores under a name."""
    named = f"attachment; filename*=UTF-8''{quote(f'{name}.{file_format}', safe='')}"
    return Response(
        text, media_type=MEDIA_TYPES[file_format], headers={"Content-Disposition": named}
    )
