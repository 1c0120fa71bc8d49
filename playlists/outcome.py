"""What a rule wants of its playlist, and what a sync of it did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lake.playlist_mappings import PlaylistMapping
from playlists.edits import Edits

Status = Literal["written", "unchanged", "edited", "ended", "planned", "skipped"]


@dataclass(frozen=True)
class Wanted:
    """What a rule wants: the URIs of its tracks in order, and how many have no Spotify id.

    ``slug`` is the name of the rule's file, ``name`` what its playlist is called once it is made.
    """

    slug: str
    name: str
    uris: Sequence[str]
    without_id: int = 0


@dataclass(frozen=True)
class SyncOutcome:
    """What a sync did, or with status ``planned`` would do.

    ``edited``: the person changed it by hand, and nothing was to be written. ``ended``: they
    deleted it at Spotify. ``skipped``: they did so earlier.
    ``added`` and ``removed`` count the items by which the playlist differs from before,
    ``item_count`` those on it now; ``reads`` and ``writes`` count requests.
    """

    wanted: Wanted
    status: Status
    mapping: PlaylistMapping
    edits: Edits = field(default_factory=Edits)
    reads: int = 0
    writes: int = 0
    added: int = 0
    removed: int = 0
    item_count: int | None = None
    snapshot_before: str | None = None
