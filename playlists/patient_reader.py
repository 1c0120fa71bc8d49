"""Reads playlists at Spotify, whose answers may lag behind what was written a moment ago."""

from collections.abc import Callable, Iterator, Sequence
from html import unescape
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from tenacity.nap import sleep

from clients.errors import ApiError
from clients.spotify_playlists import PlaylistState, SpotifyPlaylists

READINGS = 5
"""How often something is read that is not yet as it should be."""

Answer = TypeVar("Answer")


class EndedError(Exception):
    """The playlist was deleted at Spotify."""


class Reading(NamedTuple):
    """A playlist as read: ``is_settled`` where that is what the last write made of it."""

    version: str
    uris: list[str]
    is_settled: bool


class PatientReader:
    """Reads a person's playlists; raises EndedError where one is not there, however often read."""

    def __init__(self, spotify: SpotifyPlaylists) -> None:
        self._spotify = spotify

    def version(self, playlist_id: str) -> str:
        """Return the snapshot id of a playlist, in one request."""
        return _once_there(lambda: self._spotify.playlist_version(playlist_id))

    def uris(self, playlist_id: str) -> list[str]:
        """Return the URIs of a playlist's items, in order."""
        return _once_there(lambda: self._spotify.uris(playlist_id))

    def written(self, playlist_id: str, version: str | None, expected: Sequence[str]) -> Reading:
        """Read a playlist until it is as written: at that version and with the expected items.

        ``version`` is None where the answer to the last write was lost. Returns the last reading
        where the playlist does not become so.
        """
        reading = Reading("", [], False)
        for _ in _patiently(READINGS):
            found = self.version(playlist_id)
            is_written = found == version
            if version is None or is_written:
                reading = Reading(found, self.uris(playlist_id), is_written)
                if reading.uris == expected:
                    return reading
        if version is not None and not is_written:
            reading = Reading(found, self.uris(playlist_id), False)
        return reading

    def require_followed(self, playlist_id: str) -> None:
        """Raise EndedError where the person deleted a playlist: it is not in their library.

        Spotify still shows a deleted playlist to whoever asks for it by its id.
        """
        for _ in _patiently(READINGS):
            if any(each.playlist_id == playlist_id for each in self._spotify.states()):
                return
        raise EndedError

    def own_described(self, description: str, readings: int) -> PlaylistState | None:
        """Return the person's own playlist with a description, None where there is none."""
        me = self._spotify.me().get("id")
        for _ in _patiently(readings):
            for each in self._spotify.states():
                if each.owner_id == me and unescape(each.description) == description:
                    return each
        return None


def _once_there(read: Callable[[], Answer]) -> Answer:
    for _ in _patiently(READINGS):
        try:
            return read()
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
    raise EndedError


def _patiently(readings: int) -> Iterator[None]:
    """Return as many turns, with a growing pause before each but the first."""
    for number in range(readings):
        if number:
            sleep(number)
        yield
