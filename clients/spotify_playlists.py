"""The part of Spotify's Web API that writes playlists: a person's own, 100 items a call."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from clients.auth.spotify_auth import MAY_NOT_WRITE, TokenKeeper
from clients.errors import ApiError, DoubtfulWriteError, RateLimitedError, SignInError
from clients.http import PATIENCE, Json
from clients.spotify_api import SpotifyApi, entries_of, playlist_path
from config.settings import Settings

_STATE = "id,name,description,owner(id),public,snapshot_id"
_ITEMS = "items(item(uri),track(uri)),next"


@dataclass(frozen=True)
class PlaylistState:
    """A playlist without its items; ``snapshot_id`` is another one whenever it was changed."""

    playlist_id: str
    name: str
    description: str
    owner_id: str | None
    is_public: bool
    snapshot_id: str


class SpotifyPlaylists(SpotifyApi):
    """The Web API on behalf of a person, with what writes their playlists.

    A write is sent once: a request refused as one too many is repeated after the time that Spotify
    names, and nothing else is. Raises DoubtfulWriteError where a write may or may not have been
    carried out, SignInError where the sign-in lacks the right, and else as ``SpotifyApi`` does.
    ``reads`` and ``writes`` count the requests so far.
    """

    def __init__(
        self, settings: Settings, keeper: TokenKeeper, now: Callable[[], datetime]
    ) -> None:
        super().__init__(settings, keeper, now)
        self._now = now
        self.reads = 0
        self.writes = 0

    def require_right_to_write(self) -> None:
        """Raise SignInError where the sign-in is known to lack the right to write playlists."""
        self._keeper.require_right_to_write()

    def state(self, playlist_id: str) -> PlaylistState:
        """Return a playlist as it is now, in one request; ApiError with 404 where there is none."""
        return _state_of(self._ask(self._spotify._get, playlist_path(playlist_id), fields=_STATE))

    def states(self) -> Iterator[PlaylistState]:
        """Return the playlists that the person has or follows; pages are requested lazily."""
        return map(_state_of, self.playlists())

    def uris(self, playlist_id: str) -> list[str]:
        """Return the URIs of a playlist's items, in order; an empty one for what has none."""
        pages = self._whole_pages(
            self._spotify._get,
            f"{playlist_path(playlist_id)}/items",
            limit=self.page_size,
            fields=_ITEMS,
            additional_types="track,episode",
        )
        return [_uri_of(entry) for page in pages for entry in entries_of(page)]

    def create(self, name: str, description: str) -> PlaylistState:
        """Make a private playlist without items and return it."""
        details = {"name": name, "public": False, "description": description}
        return _state_of(self._write(self._spotify._post, "me/playlists", payload=details))

    def add(self, playlist_id: str, uris: Sequence[str], position: int) -> str:
        """Insert items at a place from 0; return the snapshot id, as all writes do."""
        body = {"uris": [*uris], "position": position}
        return self._write_items(self._spotify._post, playlist_id, body)

    def remove(self, playlist_id: str, uris: Sequence[str]) -> str:
        """Remove items, wherever and however often they occur."""
        body = {"items": [{"uri": each} for each in uris]}
        return self._write_items(self._spotify._delete, playlist_id, body)

    def move(self, playlist_id: str, start: int, length: int, before: int) -> str:
        """Move so many items from ``start`` on to before the item at ``before``, both from 0."""
        body = {"range_start": start, "range_length": length, "insert_before": before}
        return self._write_items(self._spotify._put, playlist_id, body)

    def replace(self, playlist_id: str, uris: Sequence[str]) -> str:
        """Have a playlist hold these items alone."""
        return self._write_items(self._spotify._put, playlist_id, {"uris": [*uris]})

    def _ask(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Json:
        if "payload" in kwargs:
            self.writes += 1
        else:
            self.reads += 1
        return super()._ask(call, *args, **kwargs)

    def _write_items(self, call: Callable[..., Any], playlist_id: str, body: Json) -> str:
        answer = self._write(call, f"{playlist_path(playlist_id)}/items", payload=body)
        version = answer.get("snapshot_id")
        if not isinstance(version, str):
            raise DoubtfulWriteError("Spotify answered a write without a snapshot id")
        return version

    def _write(self, call: Callable[..., Any], path: str, payload: Json) -> Json:
        sending = Retrying(
            retry=retry_if_exception(self._is_short_wait),
            stop=stop_after_attempt(PATIENCE.tries),
            wait=self._seconds_to_wait,
            reraise=True,
        )
        try:
            return sending(self._ask, call, path, payload=payload)
        except ApiError as error:
            if error.status == HTTPStatus.FORBIDDEN and "scope" in str(error).lower():
                raise SignInError(MAY_NOT_WRITE) from None
            if error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise DoubtfulWriteError(str(error), error.status, error.reason) from None
            raise

    def _is_short_wait(self, error: BaseException) -> bool:
        """Return whether a write was refused for a moment; it was not carried out, then."""
        return (
            isinstance(error, RateLimitedError)
            and error.reason != "QUOTA_EXCEEDED"
            and self._seconds_until(error) <= PATIENCE.longest_wait
        )

    def _seconds_to_wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, RateLimitedError)
        return max(self._seconds_until(error), 0)

    def _seconds_until(self, error: RateLimitedError) -> float:
        return (error.until - self._now()).total_seconds()


def _state_of(playlist: Json) -> PlaylistState:
    owner = playlist.get("owner")
    playlist_id, snapshot_id = playlist.get("id"), playlist.get("snapshot_id")
    if not isinstance(playlist_id, str) or not isinstance(snapshot_id, str):
        raise ApiError("Spotify returned a playlist without its id or snapshot id")
    return PlaylistState(
        playlist_id=playlist_id,
        name=str(playlist.get("name") or ""),
        description=str(playlist.get("description") or ""),
        owner_id=owner.get("id") if isinstance(owner, dict) else None,
        is_public=playlist.get("public") is True,
        snapshot_id=snapshot_id,
    )


def _uri_of(entry: Any) -> str:
    # What was `track` until February 2026 is `item`; null for what was taken down.
    item = (entry.get("item") or entry.get("track")) if isinstance(entry, dict) else None
    return str(item.get("uri") or "") if isinstance(item, dict) else ""
