"""The Web API as an app in development mode meets it in late 2026."""

from typing import Any

from flask import Blueprint, g, request

from demo.accounts_service import AccountsService
from demo.asked import (
    MAX_ON_A_PAGE,
    USUAL_PAGE,
    found,
    given,
    market,
    needs,
    number,
    place,
)
from demo.clock import Clock
from demo.music import Track
from demo.refusals import WebApiError, add_refusals, refuse_since_2024
from demo.spotify_account import Account, Kept, kept_by
from demo.spotify_answers import Answers, Json
from demo.spotify_playlists import Playlists

MAX_FOUND = 10
_USUALLY_FOUND = 5


class WebApi:
    """The routes below ``/v1/``.

    ``account``: what is shown. ``accounts``: who knows the access tokens. ``clock``: the instant
    of a request.

    ``has_extended_quota``: the app is one of those that still get audio features. ``playlists``:
    the routes of playlists, which alone write.
    """

    def __init__(self, account: Account, accounts: AccountsService, clock: Clock) -> None:
        self.has_extended_quota = False
        self.playlists = Playlists(account, clock)
        self._account = account
        self._accounts = accounts
        self._clock = clock

    def blueprint(self) -> Blueprint:
        """Return all routes, each behind an access token."""
        routes = Blueprint("web_api", __name__, url_prefix="/v1")
        routes.before_request(self._check_token)
        for rule, view in (
            ("/me", self._me),
            ("/me/player/recently-played", self._recently_played),
            ("/me/tracks", self._saved_tracks),
            ("/me/albums", self._saved_albums),
            ("/me/top/<kind>", self._top),
            ("/albums/<item_id>", self._album),
            ("/albums/<item_id>/tracks", self._album_tracks),
            ("/artists/<item_id>", self._artist),
            ("/tracks/<item_id>", self._track),
            ("/search", self._search),
            ("/audio-features", self._many_audio_features),
            ("/audio-features/<item_id>", self._audio_features),
        ):
            routes.get(rule)(view)
        self.playlists.add_to(routes)
        add_refusals(routes)
        return routes

    @property
    def _answers(self) -> Answers:
        return Answers(f"{request.host_url}v1/", self._account, self._clock.now(), market())

    def _check_token(self) -> None:
        sent = request.authorization
        if sent is None or sent.type != "bearer":
            raise WebApiError(401, "No token provided")
        try:
            g.scope = self._accounts.scope_of(sent.token or "")
        except KeyError:
            raise WebApiError(401, "Invalid access token") from None
        except TimeoutError:
            raise WebApiError(401, "The access token expired") from None

    def _me(self) -> Json:
        return self._answers.me()

    def _recently_played(self) -> Json:
        needs("user-read-recently-played")
        limit = number("limit", USUAL_PAGE, 1, MAX_ON_A_PAGE)
        asked = {name: number(name, 0, 0) for name in ("after", "before") if name in request.args}
        if len(asked) == 2:
            raise WebApiError(400, "Only one of before and after may be specified")
        plays = self._account.recently_played(
            self._clock.now(), limit, asked.get("after"), asked.get("before")
        )
        g.offered = [play.play_id for _, play in plays]
        return self._answers.recently_played(plays, limit, asked)

    def _saved_tracks(self) -> Json:
        needs("user-library-read")
        kept = self._newest_first(self._account.saved_tracks)
        as_json = self._answers.saved_track
        return self._answers.page("me/tracks", kept, as_json, *place(), given("market"))

    def _saved_albums(self) -> Json:
        needs("user-library-read")
        kept = self._newest_first(self._account.saved_albums)
        return self._answers.page("me/albums", kept, self._answers.saved_album, *place())

    def _top(self, kind: str) -> Json:
        needs("user-top-read")
        term = request.args.get("time_range", "medium_term")
        if term not in ("short_term", "medium_term", "long_term"):
            raise WebApiError(400, "Invalid time range")
        path, query, now = f"me/top/{kind}", {"time_range": term}, self._clock.now()
        limit, offset = place()
        if kind == "tracks":
            tracks = self._account.top_tracks(term, now)
            as_json = self._answers.playable_track
            return self._answers.page(path, tracks, as_json, limit, offset, query)
        if kind == "artists":
            artists = self._account.top_artists(term, now)
            return self._answers.page(path, artists, self._answers.artist, limit, offset, query)
        raise WebApiError(404, "Service not found")

    def _album(self, item_id: str) -> Json:
        return self._answers.album(found(self._account.music.albums, item_id))

    def _album_tracks(self, item_id: str) -> Json:
        tracks = self._account.album_tracks(found(self._account.music.albums, item_id))
        path = f"albums/{item_id}/tracks"
        return self._answers.page(path, tracks, self._answers.track_of_album, *place())

    def _artist(self, item_id: str) -> Json:
        return self._answers.artist(found(self._account.music.artists, item_id))

    def _track(self, item_id: str) -> Json:
        track = self._account.track_by_api_id(item_id)
        if track is None or self._account.is_deleted(item_id, self._clock.now()):
            raise WebApiError(404, "Resource not found")
        return self._answers.playable_track(track)

    def _search(self) -> Json:
        """Finds what has all the words in its name; ``isrc:`` finds tracks by their recording."""
        words = request.args.get("q", "").lower().split()
        kinds = [kind for kind in request.args.get("type", "").split(",") if kind]
        if not words:
            raise WebApiError(400, "No search query")
        if not kinds or not {*kinds} <= {"track", "album", "artist"}:
            raise WebApiError(400, "Bad search type field")
        limit = number("limit", _USUALLY_FOUND, 1, MAX_FOUND)
        music, answers = self._account.music, self._answers
        known: dict[str, tuple[Any, Any]] = {
            "track": (music.tracks.values(), answers.playable_track),
            "album": (music.albums.values(), answers.short_album),
            "artist": (music.artists.values(), answers.artist),
        }
        answer = {}
        for kind in kinds:
            items, as_json = known[kind]
            fitting = [each for each in items if all(_has(each, word) for word in words)]
            query = {"query": request.args["q"], "type": kind}
            offset = number("offset", 0, 0)
            answer[f"{kind}s"] = answers.page("search", fitting, as_json, limit, offset, query)
        return answer

    def _audio_features(self, item_id: str) -> Json:
        if not self.has_extended_quota:
            refuse_since_2024()
        track = self._account.track_by_api_id(item_id)
        if track is None or not track.features:
            raise WebApiError(404, "analysis not found")
        return self._answers.audio_features(track)

    def _many_audio_features(self) -> Json:
        if not self.has_extended_quota:
            refuse_since_2024()
        tracks = map(self._account.track_by_api_id, request.args.get("ids", "").split(","))
        return {
            "audio_features": [
                self._answers.audio_features(track) if track and track.features else None
                for track in tracks
            ]
        }

    def _newest_first(self, kept: list[Kept]) -> list[Kept]:
        by_now = kept_by(self._clock.now(), kept)
        return sorted(by_now, key=lambda each: each.added_at, reverse=True)


def _has(item: Any, word: str) -> bool:
    if word.startswith("isrc:"):
        return isinstance(item, Track) and item.isrc.lower() == word.removeprefix("isrc:")
    return word in item.name.lower()
