"""The parts of Spotify's Web API that the project reads, each list to its end."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

import spotipy

from clients.auth.spotify_auth import TokenKeeper
from clients.errors import ApiError, SignInError
from clients.http import NO_CONTENT, Json, JsonSession
from clients.refusals import cure_of
from config.settings import Settings

MOST_FOUND = 10
"""How many results of a search there are at most."""

_CURSOR_DIGITS = 20  # an instant in ms

log = logging.getLogger(__name__)


class SpotifyApi:
    """The Web API on behalf of the person that ``keeper`` keeps signed in.

    Every method raises SignInError where nobody is, RateLimitedError where Spotify asks to wait
    for longer than a step should, and ApiError for every other failure.
    """

    page_size = 50
    """The limit of all these lists."""

    def __init__(
        self, settings: Settings, keeper: TokenKeeper, now: Callable[[], datetime]
    ) -> None:
        self._keeper = keeper
        self._spotify = spotipy.Spotify(
            auth_manager=keeper, requests_session=JsonSession("Spotify", now)
        )
        self._spotify.prefix = settings.spotify_api_url.rstrip("/") + "/"
        self._market = settings.market or None

    def warning(self) -> str | None:
        """Return one line on a sign-in that is about to end, else None."""
        return self._keeper.warning()

    def me(self) -> Json:
        return self._ask(self._spotify.me)

    def recently_played(self) -> list[Json]:
        """Return the last plays that the API still has, newest first: 50 at most."""
        plays: list[Json] = []
        try:
            for page in self._pages_of_plays():
                plays += _items_of(page)
        except (ApiError, SignInError) as error:
            if not plays:
                raise
            # Keep the plays already read: they may be gone at the next request.
            log.warning("plays before the last %d could not be read: %s", len(plays), error)
        return plays

    def saved_tracks(self) -> Iterator[Json]:
        """Return the saved tracks, the last saved first; pages are requested lazily.

        They say whether they can be played in ``MARKET``, as items of playlists do.
        """
        call = self._spotify.current_user_saved_tracks
        return self._pages(call, limit=self.page_size, market=self._market)

    def saved_tracks_total(self) -> int:
        total = self._ask(self._spotify.current_user_saved_tracks, limit=1).get("total")
        if not isinstance(total, int):
            raise ApiError("Spotify returned a page without its total")
        return total

    def saved_albums(self) -> Iterator[Json]:
        """Return the saved albums, the last saved first; pages are requested lazily."""
        return self._pages(self._spotify.current_user_saved_albums, limit=self.page_size)

    def album_tracks(self, album_id: str) -> Iterator[Json]:
        return self._pages(self._spotify.album_tracks, album_id, limit=self.page_size)

    def playlist_version(self, playlist_id: str) -> str:
        """Return the snapshot id of a playlist, without its items."""
        path = playlist_path(playlist_id)
        version = self._ask(self._spotify._get, path, fields="snapshot_id").get("snapshot_id")
        if not isinstance(version, str):
            raise ApiError("Spotify returned a playlist without its snapshot id")
        return version

    def playlists(self) -> Iterator[Json]:
        return self._pages(self._spotify.current_user_playlists, limit=self.page_size)

    def playlist_items(self, playlist_id: str) -> Iterator[Json]:
        call = self._spotify.playlist_items
        return self._pages(call, playlist_id, limit=self.page_size, market=self._market)

    def track(self, track_id: str) -> Json:
        """Return a track, with whether it can be played in ``MARKET``.

        That may be another one, which Spotify plays in its place. ApiError with status 404 where
        there is none of this id any more.
        """
        path = f"tracks/{quote(track_id, safe='')}"
        return self._ask(self._spotify._get, path, market=self._market)

    def tracks_of_recording(self, isrc: str) -> list[Json]:
        """Return the first tracks that have a recording's code, playable in ``MARKET`` or not."""
        query = {"q": f"isrc:{isrc}", "type": "track", "limit": MOST_FOUND}
        page = self._ask(self._spotify._get, "search", **query, market=self._market).get("tracks")
        return _items_of(page if isinstance(page, dict) else {})

    def top(
        self,
        kind: Literal["tracks", "artists"],
        term: Literal["short_term", "medium_term", "long_term"],
    ) -> Iterator[Json]:
        """Return the tracks or artists played most in about four weeks, six months or a year."""
        call = {
            "tracks": self._spotify.current_user_top_tracks,
            "artists": self._spotify.current_user_top_artists,
        }[kind]
        return self._pages(call, limit=self.page_size, time_range=term)

    def audio_features(self, track_id: str) -> Json:
        """Return a track's audio features; ApiError with status 403 to apps that may not have them.

        Uses the endpoint for one track: spotipy knows only the one for several, which is gone.
        """
        return self._ask(self._spotify._get, f"audio-features/{quote(track_id, safe='')}")

    def _pages_of_plays(self) -> Iterator[Json]:
        before: int | None = None
        while True:
            page = self._ask(
                self._spotify.current_user_recently_played, limit=self.page_size, before=before
            )
            if page == NO_CONTENT:  # no news
                return
            yield page
            cursor = _cursor_of(page)
            if not page["items"] or cursor is None:
                return
            if before is not None and cursor >= before:
                raise ApiError("Spotify's recently played tracks go round in circles")
            before = cursor

    def _pages(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Json]:
        for page in self._whole_pages(call, *args, **kwargs):
            yield from _items_of(page)

    def _whole_pages(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Json]:
        page = self._ask(call, *args, **kwargs)
        seen: set[str] = set()
        while True:
            yield page
            following = page.get("next")
            if following is None:
                return
            if not str(following).startswith(self._spotify.prefix):
                raise ApiError("Spotify's next page lies elsewhere than at SPOTIFY_API_URL")
            if following in seen:
                raise ApiError("Spotify's pages go round in circles")
            seen.add(following)
            page = self._ask(self._spotify.next, page)

    def _ask(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Json:
        """Call spotipy; retry once with a new token where Spotify rejects the old one."""
        try:
            answer: Json = call(*args, **kwargs)
        except ApiError as error:
            cure = cure_of(str(error)) if error.status == HTTPStatus.FORBIDDEN else None
            if cure is not None:
                raise ApiError(f"{error}: {cure}", error.status, error.reason) from None
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
            self._keeper.get_access_token(check_cache=False)
            answer = call(*args, **kwargs)
        return answer


def _cursor_of(page: Json) -> int | None:
    """Return where the page before begins; None where no readable field says so."""
    cursors = page.get("cursors")
    before = cursors.get("before") if isinstance(cursors, dict) else None
    text = str(before)
    return int(text) if text.isdecimal() and len(text) <= _CURSOR_DIGITS else None


def playlist_path(playlist_id: str) -> str:
    """Return the path of a playlist, below that of the API."""
    return f"playlists/{quote(playlist_id, safe='')}"


def entries_of(page: Json) -> list[Any]:
    """Return all entries of a page; those that were taken down are null. Raises ApiError."""
    entries = page.get("items")
    if not isinstance(entries, list):
        raise ApiError("Spotify returned a page without items")
    return entries


def _items_of(page: Json) -> list[Json]:
    return [each for each in entries_of(page) if isinstance(each, dict)]
