"""Numbers that several models and modules share, each stated once.

A model writes ``$same_play_ms`` for the number of that name in ``IN_MODELS``.
"""

from collections.abc import Mapping
from datetime import timedelta

SAME_PLAY = timedelta(seconds=90)
"""Ends of one track that are no further apart may be of one play, reported by two sources."""

LONGEST_PAUSE = timedelta(minutes=30)
"""A track may be paused for this long while it plays."""

SESSION_GAP = timedelta(minutes=30)
"""A silence after which a new session of listening begins."""

COUNTED_MS = 30_000
"""From this length on a play counts, and is no skip."""

MIN_PLAYS = 100
"""Counted plays with features that a statistic needs."""

MIN_DAYS = 14
"""Local dates with such plays that it needs."""

MIN_GROUNDED_SHARE = 0.5
"""Below, values are mostly copies of others' values, and results are withheld."""

ARTIST_DONOR_KEEPS = {"valence": 0.40, "energy": 0.58}
"""The share of a difference that features of another track of the artist keep.

Measured on 6,557 held-out tracks; features of a track from elsewhere keep nothing.
"""

_MILLISECOND = timedelta(milliseconds=1)

IN_MODELS: Mapping[str, int | float] = {
    "same_play_ms": SAME_PLAY // _MILLISECOND,
    "longest_pause_ms": LONGEST_PAUSE // _MILLISECOND,
    "session_gap_ms": SESSION_GAP // _MILLISECOND,
    "counted_ms": COUNTED_MS,
    "min_plays": MIN_PLAYS,
    "min_days": MIN_DAYS,
    "min_grounded_share": MIN_GROUNDED_SHARE,
    **{f"{feature}_kept": kept for feature, kept in ARTIST_DONOR_KEEPS.items()},
}
