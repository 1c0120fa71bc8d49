"""A note that a run is under way, which stays where the run is killed.

Every table is finished by the next run, whether or not it knows: each records what it was computed
from. What a run does once at its end for all tables has no such record: this is it. The lake's lock
must be held.
"""

from contextlib import suppress
from pathlib import Path

UNFINISHED_FILE = ".unfinished-run"


def note_begun(data_dir: Path) -> bool:
    """Note that a run begins; return whether the one before was killed."""
    file = data_dir / UNFINISHED_FILE
    was_killed = file.exists()
    with suppress(OSError):  # as on a full disk: the run says so by itself
        file.touch()
    return was_killed


def note_ended(data_dir: Path) -> None:
    """Note that the run came to its end."""
    with suppress(OSError):
        (data_dir / UNFINISHED_FILE).unlink()
