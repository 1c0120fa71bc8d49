"""Playlists from the lists of tracks that pages show: as files, and kept as rules."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from playlists.files import MEDIA_TYPES, FileFormat, as_file
from playlists.new_rules import keep_rule, rule_text
from playlists.preview import in_short
from playlists.rules import parse_rule
from playlists.selection import Selection
from report.page.words import plural
from web.lakes import Snapshot
from web.pages.playlists import SHOWN, as_download, shown
from web.playlists import chosen_by, folder_of_own_rules
from web.render import page
from web.selections import LISTS_OF, MOST, AskedList, Source, TrackList, track_list
from web.state import Chosen, Heard, Here, Web

router = APIRouter(include_in_schema=False)
Of = Annotated[Source, Path()]
_FILE = "rule.nsp"


@router.get("/selections/{source}")
def selection_page(
    request: Request, web: Here, chosen: Chosen, snapshot: Heard, source: Of, list_query: AskedList
) -> HTMLResponse:
    """Show the rule that chooses the tracks of a list, and what it chooses."""
    found = track_list(snapshot, chosen, source, list_query)
    rule, selection = _rule(web, snapshot, found)
    missing = len(found.keys) - selection.matching if rule is found.named else 0
    return page(
        request,
        "selection_page.html.j2",
        chosen,
        found=found,
        source=source,
        list_query=list_query,
        most=MOST,
        lists_of=LISTS_OF,
        follows=rule is found.following,
        rule_text=rule_text(rule),
        said=in_short(selection),
        missing=plural(missing, "track") if missing > 0 else "",
        hidden=max(len(selection.tracks) - SHOWN, 0),
        numbers=shown(selection),
        formats=MEDIA_TYPES,
        folder=folder_of_own_rules(web),
    )


@router.post("/selections/{source}")
def keep(
    web: Here,
    chosen: Chosen,
    snapshot: Heard,
    source: Of,
    list_query: AskedList,
    name: Annotated[str, Form(min_length=1, max_length=200)],
) -> RedirectResponse:
    """Keep the rule under a name of the person's choice; its page shows what it chooses."""
    found = track_list(snapshot, chosen, source, list_query)
    rule, _ = _rule(web, snapshot, found)
    given = {"name": name.strip(), "comment": f"From the page: {found.title}", **rule}
    slug = keep_rule(web.settings.data_dir, name, given)
    address = f"{web.settings.web_base_path}/playlists/{quote(slug, safe='')}{chosen.query()}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


@router.get("/selections/{source}/file")
def selection_as_file(
    chosen: Chosen,
    snapshot: Heard,
    source: Of,
    list_query: AskedList,
    file_format: Annotated[FileFormat, Query(alias="format")] = "m3u8",
) -> Response:
    """Return the tracks of a list as a playlist for other programs, each once."""
    found = track_list(snapshot, chosen, source, list_query)
    return as_download(
        as_file(file_format, found.title, "", found.with_id), found.title, file_format
    )


def _rule(web: Web, snapshot: Snapshot, found: TrackList) -> tuple[Mapping[str, Any], Selection]:
    """Return the rule that chooses a list, and what it chooses: one that follows where it can.

    Which it can where it finds as many tracks as the list has.
    """
    if found.following is not None:
        selection = _chosen(web, snapshot, found.following)
        if selection.matching == found.total:
            return found.following, selection
    return found.named, _chosen(web, snapshot, found.named)


def _chosen(web: Web, snapshot: Snapshot, rule: Mapping[str, Any]) -> Selection:
    return chosen_by(web, snapshot, parse_rule(dict(rule), "rule", _FILE))
