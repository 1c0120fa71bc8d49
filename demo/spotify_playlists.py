"""The Web API's routes of playlists, which read and write them."""

import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request

from demo.asked import found, given, market, needs, place
from demo.clock import Clock
from demo.music import spotify_id
from demo.refusals import WebApiError
from demo.shown_fields import shown_fields
from demo.spotify_account import Account, Kept, Playlist, kept_by
from demo.spotify_answers import Answers, Json

MOST_ITEMS = 100
"""How many items one request adds, replaces or removes."""

_MOST_URIS = 40
_TRACK = "spotify:track:"


@dataclass
class _Former:
    """What is shown of a playlist, None for nothing, to so many more requests."""

    playlist: Playlist | None
    requests_left: int


class Playlists:
    """The playlists of an account, as its client reads and writes them.

    ``lag``: how many requests after a write still show the state before it.
    """

    def __init__(self, account: Account, clock: Clock) -> None:
        self.lag = 0
        self._account = account
        self._clock = clock
        self._former: dict[str, _Former] = {}
        self._lock = threading.Lock()

    def add_to(self, routes: Blueprint) -> None:
        """Add every route of playlists."""
        one, items = "/playlists/<item_id>", "/playlists/<item_id>/items"
        routes.get("/me/playlists")(self._list)
        routes.post("/me/playlists")(self._create)
        routes.get(one)(self._show)
        routes.put(one)(self._change_details)
        routes.get(items)(self._show_items)
        routes.post(items)(self._add_items)
        routes.put(items)(self._replace_or_reorder)
        routes.delete(items)(self._remove_items)
        routes.put("/me/library")(self._follow)
        routes.delete("/me/library")(self._unfollow)
        routes.get("/me/library/contains")(self._is_followed)

    @property
    def _answers(self) -> Answers:
        return Answers(f"{request.host_url}v1/", self._account, self._clock.now(), market())

    def _list(self) -> Json:
        needs("playlist-read-private")
        with self._lock:
            shown = [self._as_shown(each) for each in list(self._account.playlists)]
        followed = [each for each in shown if each is not None and each.is_followed]
        return self._answers.page("me/playlists", followed, self._answers.playlist, *place())

    def _create(self) -> tuple[Json, int]:
        asked = _body()
        name = asked.get("name")
        is_public, is_shared = asked.get("public", True), asked.get("collaborative", False)
        needs("playlist-modify-public" if is_public else "playlist-modify-private")
        if not isinstance(name, str) or not name:
            raise WebApiError(400, "Missing required field: name")
        if is_public and is_shared:
            raise WebApiError(400, "Collaborative playlists can only be private.")
        with self._lock:
            # Names need not be unique.
            playlist_id = spotify_id("made", str(len(self._account.playlists)), name)
            self._former[playlist_id] = _Former(None, self.lag)
            playlist = Playlist(playlist_id, name, self._account.user_id)
            playlist.description = str(asked.get("description") or "")
            playlist.is_public, playlist.is_collaborative = bool(is_public), bool(is_shared)
            self._account.playlists = {playlist_id: playlist, **self._account.playlists}
        return self._answers.whole_playlist(playlist), 201

    def _show(self, item_id: str) -> Any:
        shown = self._answers.whole_playlist(self._readable(item_id))
        return shown_fields(shown, request.args.get("fields"))

    def _show_items(self, item_id: str) -> Any:
        needs("playlist-read-private")
        playlist = self._readable(item_id)
        if playlist.owner_id != self._account.user_id:
            raise WebApiError(403, "Forbidden")
        path, items = f"playlists/{item_id}/items", kept_by(self._clock.now(), playlist.items)
        fields = request.args.get("fields")
        query = given("fields", "market")
        page = self._answers.page(path, items, self._answers.playlist_item, *place(), query)
        return shown_fields(page, fields)

    def _change_details(self, item_id: str) -> Response:
        asked = _body()

        def change(playlist: Playlist) -> None:
            playlist.name = str(asked.get("name", playlist.name))
            playlist.description = str(asked.get("description", playlist.description))
            playlist.is_public = bool(asked.get("public", playlist.is_public))

        self._write(item_id, change)
        return Response(status=200)

    def _add_items(self, item_id: str) -> tuple[Json, int]:
        asked = _body()
        text = request.args.get("uris")
        tracks = self._tracks_of(text.split(",") if text else asked.get("uris"))
        position = request.args.get("position", asked.get("position"), type=int)
        if not tracks:
            raise WebApiError(400, "No uris provided")

        def add(kept: list[Kept]) -> list[Kept]:
            at = len(kept) if position is None else position
            if not 0 <= at <= len(kept):
                raise WebApiError(400, "Index out of bounds.")
            return [*kept[:at], *self._now_kept(tracks), *kept[at:]]

        return self._change_items(item_id, add), 201

    def _replace_or_reorder(self, item_id: str) -> Json:
        asked = _body()
        text = request.args.get("uris")
        uris = text.split(",") if text else asked.get("uris")
        if "range_start" not in asked:
            tracks = self._tracks_of(uris)
            return self._change_items(item_id, lambda _: self._now_kept(tracks))
        if uris is not None:
            raise WebApiError(400, "Items are either replaced or reordered")
        start, length = _whole(asked, "range_start"), _whole(asked, "range_length", 1)
        before = _whole(asked, "insert_before")

        def reorder(kept: list[Kept]) -> list[Kept]:
            end = start + length
            if length < 1 or end > len(kept) or before > len(kept):
                raise WebApiError(400, "Index out of bounds.")
            moved, place = (
                kept[start:end],
                before if before <= start else max(before - length, start),
            )
            rest = [*kept[:start], *kept[end:]]
            return [*rest[:place], *moved, *rest[place:]]

        return self._change_items(item_id, reorder)

    def _remove_items(self, item_id: str) -> Json:
        items = _body().get("items")
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise WebApiError(400, "Missing required field: items")
        removed = {*self._tracks_of([each.get("uri") for each in items], must_exist=False)}
        return self._change_items(
            item_id, lambda kept: [each for each in kept if each.item_id not in removed]
        )

    def _follow(self) -> Response:
        self._set_followed(True)
        return Response(status=200)

    def _unfollow(self) -> Response:
        self._set_followed(False)
        return Response(status=200)

    def _is_followed(self) -> Response:
        needs("playlist-read-private")
        held = self._account.playlists
        flags = [each in held and held[each].is_followed for each in _playlists_asked()]
        return Response(str(flags).lower(), mimetype="application/json")

    def _set_followed(self, is_followed: bool) -> None:
        if not {"playlist-modify-public", "playlist-modify-private"} & {*g.scope}:
            raise WebApiError(403, "Insufficient client scope")
        for playlist_id in _playlists_asked():
            found(self._account.playlists, playlist_id).is_followed = is_followed

    def _change_items(self, item_id: str, change: Callable[[list[Kept]], list[Kept]]) -> Json:
        def change_visible(playlist: Playlist) -> None:
            visible = kept_by(self._clock.now(), playlist.items)
            later = [each for each in playlist.items if each not in visible]
            playlist.items = [*change(visible), *later]

        return {"snapshot_id": self._answers.snapshot_id(self._write(item_id, change_visible))}

    def _write(self, item_id: str, change: Callable[[Playlist], None]) -> Playlist:
        """Change one of the listener's own playlists and return it."""
        with self._lock:
            playlist = found(self._account.playlists, item_id)
            needs("playlist-modify-public" if playlist.is_public else "playlist-modify-private")
            if playlist.owner_id != self._account.user_id:
                raise WebApiError(403, "You cannot add tracks to a playlist you don't own.")
            former = deepcopy(playlist)
            change(playlist)
            playlist.revision += 1
            self._former[item_id] = _Former(former, self.lag)
        return playlist

    def _readable(self, item_id: str) -> Playlist:
        if not found(self._account.playlists, item_id).is_public:
            needs("playlist-read-private")
        with self._lock:
            shown = self._as_shown(item_id)
        if shown is None:
            raise WebApiError(404, "Resource not found")
        return shown

    def _as_shown(self, item_id: str) -> Playlist | None:
        former = self._former.get(item_id)
        if former is None or former.requests_left == 0:
            return self._account.playlists[item_id]
        former.requests_left -= 1
        return former.playlist

    def _tracks_of(self, uris: Any, *, must_exist: bool = True) -> list[str]:
        """Return the ids of tracks that a request names by their URIs."""
        if not isinstance(uris, list):
            raise WebApiError(400, "No uris provided")
        if len(uris) > MOST_ITEMS:
            raise WebApiError(400, f"You can add a maximum of {MOST_ITEMS} tracks per request.")
        for uri in uris:
            if not isinstance(uri, str) or not uri.startswith(_TRACK):
                raise WebApiError(400, f"Invalid track uri: {uri}")
        tracks = [uri.removeprefix(_TRACK) for uri in uris]
        if must_exist and not all(map(self._account.track_by_api_id, tracks)):
            raise WebApiError(400, "Payload contains a non-existing ID")
        return tracks

    def _now_kept(self, tracks: list[str]) -> list[Kept]:
        return [Kept(each, self._clock.now()) for each in tracks]


def _body() -> Json:
    """Return the body of a request; a list alone is one of URIs."""
    asked = request.get_json(force=True, silent=True)
    if isinstance(asked, list):
        return {"uris": asked}
    return asked if isinstance(asked, dict) else {}


def _whole(asked: Json, name: str, default: int | None = None) -> int:
    value = asked.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WebApiError(400, f"Invalid {name}")
    return value


def _playlists_asked() -> list[str]:
    uris = [each for each in request.args.get("uris", "").split(",") if each]
    if not 0 < len(uris) <= _MOST_URIS:
        raise WebApiError(400, "Invalid uris")
    kind = "spotify:playlist:"
    if not all(each.startswith(kind) for each in uris):
        raise WebApiError(400, "Unsupported URI type")  # the others are not made here
    return [each.removeprefix(kind) for each in uris]
