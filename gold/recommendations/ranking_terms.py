"""What the sums in SQL and the rankings computed from them share.

It imports nothing: every command reads the pipeline, and few of them rank.
"""

HALF_LIVES = (7, 28, 112, 448)
"""Days in which the memory of a play halves; a track has one memory for each."""

BILLION = 1_000_000_000
"""Memories come as whole billionths, since these add up to the same in any order."""

MAINSTREAM_POPULARITY = 75
"""From this popularity on a track of the catalogue may be recommended to anybody."""


def memory_name(half_life: int) -> str:
    """Name the column of a memory."""
    return f"memory_{half_life}"
