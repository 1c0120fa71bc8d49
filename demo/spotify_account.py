"""What Spotify knows of its one listener: their plays and their library.

Which plays an answer about recently played tracks holds is decided here: the window of 50, plays
that arrive late, those that never appear, outages, and what ``played_at`` means.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from demo.music import Album, Artist, Music, Track, spotify_id
from demo.plays import Outage, Period, Play, in_ms

WINDOW = 50
"""How many plays exist for the Web API."""

_TERMS = {
    "short_term": timedelta(weeks=4),
    "medium_term": timedelta(weeks=26),
    "long_term": timedelta(days=365),
}


@dataclass(frozen=True)
class Kept:
    """Something in the library or on a playlist, and since when."""

    item_id: str
    added_at: datetime


@dataclass(frozen=True)
class Withdrawn:
    """That a track cannot be played any more, from an instant on.

    ``countries``: where; none: everywhere. ``reason``: as answers give it. ``instead``: the track
    that Spotify plays in its place, as the Web API names it; then it can be played after all.
    """

    since: datetime
    countries: frozenset[str] = frozenset()
    reason: str = "market"
    instead: str | None = None

    def applies(self, country: str, now: datetime) -> bool:
        """Return whether it is so in a country by now."""
        return self.since <= now and (not self.countries or country in self.countries)


@dataclass
class Playlist:
    """A playlist that the listener made, or follows; the items of the latter are not shown.

    ``is_followed``: it is in the list of the listener's playlists; who deletes a playlist in the
    app only stops following it. ``revision``: how often a client wrote to it.
    """

    playlist_id: str
    name: str
    owner_id: str
    items: list[Kept] = field(default_factory=list)
    description: str = ""
    is_public: bool = False
    is_collaborative: bool = False
    is_followed: bool = True
    revision: int = 0

    @property
    def track_ids(self) -> list[str]:
        """The ids of the tracks, in order."""
        return [kept.item_id for kept in self.items]

    def add(self, track_id: str, at: datetime) -> None:
        """Put a track, named as the Web API names it, at the end; it may be there already."""
        self.items.append(Kept(track_id, at))

    def remove(self, track_id: str) -> None:
        """Take a track off, wherever it stands."""
        self.items = [kept for kept in self.items if kept.item_id != track_id]


class Account:
    """The listener's account; a test may change all of it between requests.

    ``plays``: everything played, in any order. ``start_periods``: when asked within one of these,
    ``played_at`` is the start of every play. ``outages``: of the list of recently played tracks.
    ``offered``: the ids of the plays that any answer ever brought to a client. ``saved_tracks``,
    ``saved_albums``: the library; what is added later than now is not there yet. ``playlists``: by
    id. ``country``: the account's; none: not known, so that answers say nothing of playable tracks
    unless they are asked with a market. ``withdrawn``: what cannot be played, by the Web API's id.
    ``names_originals``: answers name the track that another is played for, as they did until 2026.
    ``deleted``: since when the Web API knows nothing of an id.
    """

    def __init__(self, music: Music, plays: Iterable[Play] = (), user_id: str = "demo") -> None:
        self.music = music
        self.user_id = user_id
        self.plays = list(plays)
        self.start_periods: list[Period] = []
        self.outages: list[Outage] = []
        self.offered: set[int] = set()
        self.saved_tracks: list[Kept] = []
        self.saved_albums: list[Kept] = []
        self.playlists: dict[str, Playlist] = {}
        self.country: str | None = "DE"
        self.withdrawn: dict[str, Withdrawn] = {}
        self.names_originals = False
        self.deleted: dict[str, datetime] = {}
        self._relinked: dict[str, Track] = {}
        self._by_api_id: dict[str, Track] = {}
        self._lock = threading.Lock()

    def relink(
        self, track_id: str, api_id: str, artists: tuple[Artist, ...] | None = None
    ) -> Track:
        """Have the Web API show a track under another id, and with other artists if given.

        ``track_id``: as the exports name it. ``api_id``: as the Web API names it from now on.
        ``artists``: credited on the track by the Web API.

        Returns the track as the Web API shows it.
        """
        track = self.music.tracks[track_id]
        shown = replace(track, track_id=api_id, artists=artists or track.artists)
        self._relinked[track_id] = self._by_api_id[api_id] = shown
        return shown

    def as_shown(self, track_id: str) -> Track:
        """Return the Web API's track for one of an export's; KeyError if there is none."""
        return self._relinked.get(track_id) or self.music.tracks[track_id]

    def track_by_api_id(self, api_id: str) -> Track | None:
        """Return the track that the Web API knows by an id."""
        return self._by_api_id.get(api_id) or self.music.tracks.get(api_id)

    def withdrawal(self, api_id: str, country: str, now: datetime) -> Withdrawn | None:
        """Return why a track cannot be played in a country by now; none where it can."""
        found = self.withdrawn.get(api_id)
        return found if found is not None and found.applies(country, now) else None

    def is_deleted(self, api_id: str, now: datetime) -> bool:
        """Return whether the Web API knows nothing of an id any more."""
        since = self.deleted.get(api_id)
        return since is not None and since <= now

    def recently_played(
        self, now: datetime, limit: int, after_ms: int | None, before_ms: int | None
    ) -> list[tuple[datetime, Play]]:
        """Return the newest plays of the window between two instants, with their ``played_at``.

        ``now``: the instant of the request. ``limit``: how many at most. ``after_ms``: only those
        reported as later than this, ms since 1970. ``before_ms``: only those reported as earlier.

        Returns ``played_at`` and play, newest first.
        """
        reports_starts = any(now in period for period in self.start_periods)
        reported = [
            (play.start if reports_starts or play.reports_start else play.ended_at, play)
            for play in list(self.plays)
            if play.is_listed and self._is_visible(play, now)
        ]
        reported.sort(key=lambda each: (each[0], each[1].play_id), reverse=True)
        asked = [
            (at, play)
            for at, play in reported[:WINDOW]
            if (after_ms is None or in_ms(at) > after_ms)
            and (before_ms is None or in_ms(at) < before_ms)
        ]
        return asked[:limit]

    def note_offered(self, play_ids: Iterable[int]) -> None:
        """Remember plays that an answer brought to a client."""
        with self._lock:
            self.offered.update(play_ids)

    def save_track(self, track_id: str, at: datetime) -> None:
        """Save a track, named as the Web API names it."""
        self.saved_tracks.append(Kept(track_id, at))

    def unsave_track(self, track_id: str) -> None:
        """Take a track out of the library."""
        self.saved_tracks = [kept for kept in self.saved_tracks if kept.item_id != track_id]

    def save_album(self, album_id: str, at: datetime) -> None:
        """Save an album."""
        self.saved_albums.append(Kept(album_id, at))

    def unsave_album(self, album_id: str) -> None:
        """Take an album out of the library."""
        self.saved_albums = [kept for kept in self.saved_albums if kept.item_id != album_id]

    def add_playlist(self, name: str, owner_id: str | None = None) -> Playlist:
        """Make an empty playlist, the listener's own unless it is somebody else's."""
        owner_id = owner_id or self.user_id
        playlist = Playlist(spotify_id("playlist", owner_id, name), name, owner_id)
        self.playlists[playlist.playlist_id] = playlist
        return playlist

    def top_tracks(self, term: str, now: datetime) -> list[Track]:
        """Return the tracks played in a term, the most played first."""
        counts = Counter(self.as_shown(play.track_id) for play in self._plays_of(term, now))
        return [track for track, _ in counts.most_common()]

    def top_artists(self, term: str, now: datetime) -> list[Artist]:
        """Return the artists played in a term, the most played first."""
        tracks = (self.as_shown(play.track_id) for play in self._plays_of(term, now))
        counts = Counter(artist for track in tracks for artist in track.artists)
        return [artist for artist, _ in counts.most_common()]

    def album_tracks(self, album: Album) -> list[Track]:
        """Return the tracks of an album as the Web API shows them."""
        return [self.as_shown(track.track_id) for track in self.music.album_tracks[album.album_id]]

    def _is_visible(self, play: Play, now: datetime) -> bool:
        asked_as_of = now
        for outage in self.outages:
            if outage.loses_plays and play.known_from in outage.period:
                return False
            if now in outage.period:
                asked_as_of = min(asked_as_of, outage.period.start)
        return play.known_from <= asked_as_of

    def _plays_of(self, term: str, now: datetime) -> list[Play]:
        since = now - _TERMS[term]
        return [play for play in self.plays if play.is_listed and since < play.ended_at <= now]


def kept_by(now: datetime, kept: Iterable[Kept]) -> list[Kept]:
    """Return what has been added by now, in the order it has."""
    return [each for each in kept if each.added_at <= now]
