"""Smart playlists: the rules, what each chooses and why; lists of tracks as files."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from config.settings import SettingsError
from playlists.files import MEDIA_TYPES, FileFormat, ListedTrack, as_file, listed
from playlists.library import open_library
from playlists.preview import in_short, why
from playlists.rule_files import RuleFile, read_rules, rule_files, rule_folders
from playlists.rules import RuleError
from playlists.selection import Selection, select
from report.page.parts import Column
from report.spotify_links import track_link
from web.choice import period_of
from web.lakes import Snapshot
from web.links import table
from web.listed import LISTS, Order
from web.lists import Asked, page_of_list
from web.render import page
from web.state import Chosen, Heard, Here, Web
from web.texts import Words

router = APIRouter(include_in_schema=False)
_SHOWN = 200
MOST_IN_A_FILE = 1_000
"""How many tracks of a list a file has."""

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
        rules, broken = read_rules(_files(web, snapshot))
    except RuleError as error:  # two files of one name
        rules, broken = [], [error]
    folder = rule_folders(web.settings.data_dir)[0]
    return page(
        request, "playlists_page.html.j2", chosen, rules=rules, broken=broken, folder=folder
    )


@router.get("/playlists/{slug}")
def one_rule(
    request: Request, web: Here, chosen: Chosen, snapshot: Heard, slug: Annotated[str, Path()]
) -> HTMLResponse:
    """Show the first tracks that a rule chooses, and why each is in."""
    selection = _selection(web, snapshot, slug)
    rows = [
        [
            # Without links: what was never played has no page of its own.
            each.track_name,
            each.artist_name,
            why(selection.rule, each),
            track_link(each.track_id),
        ]
        for each in selection.tracks[:_SHOWN]
    ]
    return page(
        request,
        "playlist_page.html.j2",
        chosen,
        rule=selection.rule,
        said=in_short(selection),
        hidden=max(len(selection.tracks) - _SHOWN, 0),
        numbers=table(_COLUMNS, rows),
        formats=MEDIA_TYPES,
    )


@router.get("/playlists/{slug}/file")
def rule_as_file(
    web: Here,
    snapshot: Heard,
    slug: Annotated[str, Path()],
    file_format: Annotated[FileFormat, Query(alias="format")] = "m3u8",
) -> Response:
    """Return the tracks that a rule chooses as a file."""
    selection = _selection(web, snapshot, slug)
    rule = selection.rule
    text = as_file(file_format, rule.name, rule.comment, listed(selection))
    return _file(text, slug, file_format)


@router.get("/lists/{name}/file")
def list_as_file(
    chosen: Chosen,
    snapshot: Heard,
    name: Annotated[str, Path()],
    sort: Annotated[str | None, Query(max_length=32)] = None,
    order: Order | None = None,
    q: Words = "",
    file_format: Annotated[FileFormat, Query(alias="format")] = "m3u8",
) -> Response:
    """Return the first tracks of a list as a playlist for other programs, each once."""
    shown = LISTS.get(name)
    if shown is None or not shown.has_tracks:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no list of tracks {name}")
    assert snapshot.listening is not None
    period = period_of(chosen, snapshot.listening)
    with snapshot.ask(period) as listening:
        found = page_of_list(listening, period, shown, Asked(sort, order, q), 0, MOST_IN_A_FILE)
    tracks = {
        row["track_id"]: ListedTrack(row["track_id"], row["track"] or "", row["artist"] or "", "")
        for row in found.rows
        if row.get("track_id")
    }
    return _file(as_file(file_format, shown.title, "", [*tracks.values()]), name, file_format)


def _files(web: Web, snapshot: Snapshot) -> list[RuleFile]:
    return rule_files(rule_folders(web.settings.data_dir, snapshot.data_dir))


def _selection(web: Web, snapshot: Snapshot, slug: str) -> Selection:
    """Return what the rule of a file chooses; the name is no path, as an address may hold any."""
    try:
        file = next((each for each in _files(web, snapshot) if each.slug == slug), None)
        if file is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"there is no rule {slug}")
        rule = file.read()
        with open_library(snapshot.data_dir) as lake:
            settings = web.settings
            today = web.now().astimezone(settings.zone).date()
            return select(lake, rule, snapshot.user_id, settings.timezone, today)
    except SettingsError as error:
        raise HTTPException(HTTPStatus.CONFLICT, str(error)) from None


def _file(text: str, name: str, file_format: FileFormat) -> Response:
    named = f"attachment; filename*=UTF-8''{quote(f'{name}.{file_format}', safe='')}"
    return Response(
        text, media_type=MEDIA_TYPES[file_format], headers={"Content-Disposition": named}
    )
