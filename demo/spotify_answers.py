"""The JSON of the Web API's answers, without the fields that were removed by February 2026."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from demo.music import Album, Artist, Track, spotify_id
from demo.plays import Play, in_ms
from demo.spotify_account import Account, Kept, Playlist, kept_by

Json = dict[str, Any]
Item = TypeVar("Item")

_OPEN = "https://open.spotify.com"
_IMAGE_SIZES = (640, 300, 64)
_TRACKS_OF_AN_ALBUM = 50
_ITEMS_OF_A_PLAYLIST = 100


class Answers:
    """Makes the JSON of what the account holds.

    ``base``: address of the Web API, ending in ``/v1/``; links in the answers begin with it.
    ``account``: whose. ``now``: the instant of the request. ``market``: the country that was asked
    for.
    """

    def __init__(
        self, base: str, account: Account, now: datetime, market: str | None = None
    ) -> None:
        self._base = base
        self._account = account
        self._now = now
        self._market = market

    def me(self) -> Json:
        """Return the listener, without country, e-mail address, product and followers."""
        user_id = self._account.user_id
        return self._user(user_id) | {
            "account_id": f"account-{user_id}",
            "display_name": user_id,
            "images": [],
        }

    def recently_played(
        self, plays: Sequence[tuple[datetime, Play]], limit: int, asked: dict[str, int]
    ) -> Json:
        """Return a page of plays; past the end of the window it has neither items nor cursors.

        ``plays``: ``played_at`` and play, newest first. ``limit``: the most that were asked for.
        ``asked``: ``after`` or ``before``, as they were asked.
        """
        path = "me/player/recently-played"
        cursors = None
        following = None
        if plays:
            newest, oldest = str(in_ms(plays[0][0])), str(in_ms(plays[-1][0]))
            cursors = {"after": newest, "before": oldest}
            further = {"after": newest} if "after" in asked else {"before": oldest}
            following = self._link(path, further | {"limit": limit})
        return {
            "items": [self._play(at, play) for at, play in plays],
            "next": following,
            "cursors": cursors,
            "limit": limit,
            "href": self._link(path, asked | {"limit": limit}),
        }

    def page(
        self,
        path: str,
        items: Sequence[Item],
        as_json: Callable[[Item], Json],
        limit: int,
        offset: int = 0,
        query: dict[str, str] | None = None,
    ) -> Json:
        """Return a page of a list.

        ``path``: of the request, for the links. ``items``: the whole list. ``as_json``: makes the
        JSON of one. ``limit``: how many are on a page. ``offset``: how many come before it.
        ``query``: what else stands in the links.
        """
        total = len(items)
        following = offset + limit if offset + limit < total else None
        previous = max(offset - limit, 0) if offset > 0 else None

        def link(start: int | None) -> str | None:
            place = {"offset": start, "limit": limit}
            return None if start is None else self._link(path, place | (query or {}))

        return {
            "href": link(offset),
            "items": [as_json(item) for item in items[offset : offset + limit]],
            "limit": limit,
            "next": link(following),
            "offset": offset,
            "previous": link(previous),
            "total": total,
        }

    def saved_track(self, kept: Kept) -> Json:
        """Return a track of the library."""
        track = self._account.track_by_api_id(kept.item_id)
        assert track is not None, f"a saved track is unknown: {kept.item_id}"
        return {"added_at": _iso(kept.added_at, "seconds"), "track": self.playable_track(track)}

    def saved_album(self, kept: Kept) -> Json:
        """Return an album of the library."""
        album = self._account.music.albums[kept.item_id]
        return {"added_at": _iso(kept.added_at, "seconds"), "album": self.album(album)}

    def playlist(self, playlist: Playlist) -> Json:
        """Return a playlist as lists have it: with the address and the number of its items."""
        path = f"playlists/{playlist.playlist_id}"
        owner = playlist.owner_id
        total = len(kept_by(self._now, playlist.items))
        return self._named("playlist", playlist.playlist_id, playlist.name) | {
            "collaborative": playlist.is_collaborative,
            "description": playlist.description,
            "images": _images(playlist.playlist_id),
            "owner": self._user(owner) | {"display_name": owner},
            "public": playlist.is_public,
            "snapshot_id": self.snapshot_id(playlist),
            "items": {"href": self._link(f"{path}/items"), "total": total},
        }

    def whole_playlist(self, playlist: Playlist) -> Json:
        """Return a playlist with its first items, which only its owner is shown."""
        shown = self.playlist(playlist) | {"followers": {"href": None, "total": 0}}
        if playlist.owner_id != self._account.user_id:
            return {name: value for name, value in shown.items() if name != "items"}
        items = kept_by(self._now, playlist.items)
        path = f"playlists/{playlist.playlist_id}/items"
        return shown | {
            "items": self.page(path, items, self.playlist_item, _ITEMS_OF_A_PLAYLIST),
        }

    def snapshot_id(self, playlist: Playlist) -> str:
        """Return the name of a playlist's version: another one whenever it was changed."""
        items = map(str, kept_by(self._now, playlist.items))
        details = (playlist.name, playlist.description, str(playlist.revision))
        return spotify_id("snapshot", playlist.playlist_id, *details, *items)

    def playlist_item(self, kept: Kept) -> Json:
        """Return an entry of a playlist; what was ``track`` is ``item`` since 2026."""
        track = self._account.track_by_api_id(kept.item_id)
        assert track is not None, f"a track on a playlist is unknown: {kept.item_id}"
        return {
            "added_at": _iso(kept.added_at, "seconds"),
            "added_by": self._user(self._account.user_id),
            "is_local": False,
            "item": self.playable_track(track),
        }

    def track(self, track: Track) -> Json:
        """Return a track with its album."""
        return self.track_of_album(track) | {
            "album": self.short_album(track.album),
            "external_ids": {"isrc": track.isrc},
        }

    def playable_track(self, track: Track) -> Json:
        """Return a track, as answers show it that know where the listener is.

        The country of the account takes priority over the one that was asked for. Where another
        track is played in its place, that one is shown to who asked for a country.
        """
        shown = self.track(track)
        country = self._account.country or self._market
        if country is None:
            return shown
        gone = self._account.withdrawal(track.track_id, country, self._now)
        if gone is not None and gone.instead is not None:
            instead = self._account.track_by_api_id(gone.instead)
            if instead is not None and self._market is not None:
                return self.playable_track(instead) | self._linked_from(track)
            gone = None
        is_playable = gone is None and not self._account.is_deleted(track.track_id, self._now)
        shown["album"]["is_playable"] = is_playable
        restricted = {} if gone is None else {"restrictions": {"reason": gone.reason}}
        return shown | {"is_playable": is_playable} | restricted

    def _linked_from(self, track: Track) -> Json:
        if not self._account.names_originals:
            return {}
        named = self._named("track", track.track_id, track.name)
        return {"linked_from": {key: named[key] for key in named if key != "name"}}

    def track_of_album(self, track: Track) -> Json:
        """Return a track as it stands in the list of its album."""
        return self._named("track", track.track_id, track.name) | {
            "artists": [self.short_artist(artist) for artist in track.artists],
            "disc_number": 1,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            "is_local": False,
            "preview_url": None,
            "track_number": track.track_number,
        }

    def album(self, album: Album) -> Json:
        """Return an album with its first tracks."""
        tracks = self._account.album_tracks(album)
        path = f"albums/{album.album_id}/tracks"
        return self.short_album(album) | {
            "copyrights": [{"text": f"(C) {album.released.year}", "type": "C"}],
            "external_ids": {"upc": str(int.from_bytes(album.album_id.encode()[:5]))},
            "genres": [],
            "tracks": self.page(path, tracks, self.track_of_album, _TRACKS_OF_AN_ALBUM),
        }

    def short_album(self, album: Album) -> Json:
        """Return an album without its tracks."""
        return self._named("album", album.album_id, album.name) | {
            "album_type": album.kind,
            "artists": [self.short_artist(artist) for artist in album.artists],
            "images": _images(album.album_id),
            "release_date": album.released.isoformat(),
            "release_date_precision": "day",
            "total_tracks": album.total_tracks,
        }

    def artist(self, artist: Artist) -> Json:
        """Return an artist; genres are there and empty."""
        return self.short_artist(artist) | {"genres": [], "images": _images(artist.artist_id)}

    def short_artist(self, artist: Artist) -> Json:
        """Return an artist as credited on a track or an album."""
        return self._named("artist", artist.artist_id, artist.name)

    def audio_features(self, track: Track) -> Json:
        """Return what apps with extended quota still get."""
        return track.features | {
            "type": "audio_features",
            "id": track.track_id,
            "uri": f"spotify:track:{track.track_id}",
            "track_href": self._link(f"tracks/{track.track_id}"),
            "analysis_url": self._link(f"audio-analysis/{track.track_id}"),
            "duration_ms": track.duration_ms,
        }

    def _play(self, at: datetime, play: Play) -> Json:
        return {
            "track": self.track(self._account.as_shown(play.track_id)),
            "played_at": _iso(at, "milliseconds"),
            "context": None if play.context_uri is None else self._context(play.context_uri),
        }

    def _context(self, uri: str) -> Json:
        _, kind, identifier = uri.split(":")
        linked = self._named(kind, identifier, "")
        return {key: linked[key] for key in ("type", "external_urls", "href", "uri")}

    def _user(self, user_id: str) -> Json:
        linked = self._named("user", user_id, "")
        return {key: linked[key] for key in ("external_urls", "href", "id", "type", "uri")}

    def _named(self, kind: str, identifier: str, name: str) -> Json:
        return {
            "external_urls": {"spotify": f"{_OPEN}/{kind}/{identifier}"},
            "href": self._link(f"{kind}s/{identifier}"),
            "id": identifier,
            "name": name,
            "type": kind,
            "uri": f"spotify:{kind}:{identifier}",
        }

    def _link(self, path: str, query: Any = None) -> str:
        return self._base + path + (f"?{urlencode(query)}" if query else "")


def _images(identifier: str) -> list[Json]:
    return [
        {"height": size, "url": f"https://i.scdn.co/image/{identifier}{size}", "width": size}
        for size in _IMAGE_SIZES
    ]


def _iso(instant: datetime, timespec: str) -> str:
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
