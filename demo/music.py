"""The simulated world of music as the Web API knows it: tracks, albums and artists with ids."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from demo.catalogue import distinct_tracks

FEATURES = (
    *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness"),
    *("instrumentalness", "liveness", "valence", "tempo", "time_signature"),
)
"""The audio features of a track, by their names in Spotify's answers."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LETTERS = 22
_FIRST_RELEASE = date(1990, 1, 5)
_RELEASE_WEEKS = 1_850


@dataclass(frozen=True)
class Artist:
    """An artist by id and name."""

    artist_id: str
    name: str


@dataclass(frozen=True)
class Album:
    """An album; ``kind`` is ``album``, ``single`` or ``compilation``."""

    album_id: str
    name: str
    artists: tuple[Artist, ...]
    total_tracks: int
    kind: str = "album"
    released: date = date(2020, 1, 3)


@dataclass(frozen=True)
class Track:
    """A track as the Web API shows it.

    ``artists``: those credited on the track; an export names the album's instead. ``isrc``: of the
    recording; several releases of it share one. ``features``: by the names in ``FEATURES``; none if
    nobody has measured it.
    """

    track_id: str
    name: str
    artists: tuple[Artist, ...]
    album: Album
    duration_ms: int
    isrc: str
    track_number: int = 1
    explicit: bool = False
    features: dict[str, float] = field(default_factory=dict, hash=False)


class Music:
    """All tracks, albums and artists, by id.

    ``tracks``: those of one album in its order.
    """

    def __init__(self, tracks: Iterable[Track]) -> None:
        self.tracks: dict[str, Track] = {}
        self.albums: dict[str, Album] = {}
        self.artists: dict[str, Artist] = {}
        self.album_tracks: dict[str, list[Track]] = {}
        for track in tracks:
            self.tracks[track.track_id] = track
            self.albums[track.album.album_id] = track.album
            self.album_tracks.setdefault(track.album.album_id, []).append(track)
            for artist in (*track.artists, *track.album.artists):
                self.artists[artist.artist_id] = artist


def music_of(catalogue: pd.DataFrame) -> Music:
    """Return the tracks with what only the Web API has: ids of albums and artists, ISRCs.

    ``catalogue``: what ``demo.catalogue.make_catalogue`` returned.

    Returns every track that can be played. Ids follow from the names: the same whatever else is
    there.
    """
    rows = distinct_tracks(catalogue)
    of_album = rows.groupby(["album_artist_name", "album_name"], sort=False)["track_id"]
    rows = rows.assign(place=of_album.cumcount() + 1, size=of_album.transform("size"))
    return Music(_track(row) for row in rows.to_dict("records"))


def spotify_id(*words: str) -> str:
    """Return the identifier, of the shape Spotify uses, that belongs to some words."""
    number = _digest(*words) >> 128
    letters = []
    for _ in range(_ID_LETTERS):
        number, letter = divmod(number, len(_BASE62))
        letters.append(_BASE62[letter])
    return "".join(reversed(letters))


def _digest(*words: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(words).encode()).digest())


def _track(row: Mapping[Hashable, Any]) -> Track:
    return Track(
        track_id=row["track_id"],
        name=row["track_name"],
        artists=tuple(_artist(name) for name in row["artists"].split(";")),
        album=_album(row["album_artist_name"], row["album_name"], row["size"]),
        duration_ms=row["duration_ms"],
        isrc=_isrc(row["artists"], row["track_name"]),
        track_number=row["place"],
        explicit=row["explicit"],
        features={name: row[name] for name in FEATURES},
    )


def _artist(name: str) -> Artist:
    return Artist(spotify_id("artist", name), name)


def _album(artist: str, name: str, size: int) -> Album:
    kind = "compilation" if artist == "Various Artists" else "single" if size == 1 else "album"
    weeks = _digest("released", artist, name) % _RELEASE_WEEKS
    return Album(
        album_id=spotify_id("album", artist, name),
        name=name,
        artists=(_artist(artist),),
        total_tracks=size,
        kind=kind,
        released=_FIRST_RELEASE + timedelta(weeks=weeks),
    )


def _isrc(artists: str, title: str) -> str:
    number = _digest("isrc", artists, title)
    return f"QZDEM{number % 100:02d}{number // 100 % 100_000:05d}"
