"""What a person can ask Spotify for alone, without the rest of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ingestion.audio_features import MEASURED_FEATURES
from ingestion.library import LIBRARY, LibraryPart
from ingestion.recent_plays import RECENTLY_PLAYED


class SyncKind(StrEnum):
    """The kinds, as the option ``--only`` takes them."""

    RECENT_PLAYS = "recent-plays"
    LIKED_TRACKS = "liked-tracks"
    LIKED_TRACKS_FULL = "liked-tracks-full"
    SAVED_ALBUMS = "saved-albums"
    ALBUM_TRACKS = "album-tracks"
    FEATURES = "features"


@dataclass(frozen=True)
class Sync:
    """The step that asks, and of the library which parts; ``is_full`` reads a list as a whole."""

    step: str
    parts: frozenset[LibraryPart] = frozenset()
    is_full: bool = False


SYNCS: Mapping[SyncKind, Sync] = MappingProxyType(
    {
        SyncKind.RECENT_PLAYS: Sync(RECENTLY_PLAYED),
        SyncKind.LIKED_TRACKS: Sync(LIBRARY, frozenset({"saved_tracks"})),
        SyncKind.LIKED_TRACKS_FULL: Sync(LIBRARY, frozenset({"saved_tracks"}), is_full=True),
        SyncKind.SAVED_ALBUMS: Sync(LIBRARY, frozenset({"saved_albums"})),
        # The list of albums says which there are now.
        SyncKind.ALBUM_TRACKS: Sync(LIBRARY, frozenset({"saved_albums", "album_tracks"})),
        SyncKind.FEATURES: Sync(MEASURED_FEATURES),
    }
)
"""What each kind asks for."""
