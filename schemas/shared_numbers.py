"""Numbers that several models and modules share, each stated once.

A model writes ``$same_play_ms`` for the number of that name in ``IN_MODELS``.
"""

from collections.abc import Mapping
from datetime import timedelta

SAME_PLAY = timedelta(seconds=90)
"""Ends of one track that are no further apart may be of one play, told by two sources."""

LONGEST_PAUSE = timedelta(minutes=30)
"""A track may be paused for this long while it plays."""

SESSION_GAP = timedelta(minutes=30)
"""A silence after which a new session of listening begins."""

COUNTED_MS = 30_000
"""From this length on a play counts, and is no skip."""

_MILLISECOND = timedelta(milliseconds=1)

IN_MODELS: Mapping[str, int | float] = {
    "same_play_ms": SAME_PLAY // _MILLISECOND,
    "longest_pause_ms": LONGEST_PAUSE // _MILLISECOND,
    "session_gap_ms": SESSION_GAP // _MILLISECOND,
    "counted_ms": COUNTED_MS,
}
