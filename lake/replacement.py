"""A lake that is being replaced by another as a whole: the note of it, and what readers do then.

The folders of a lake cannot all be renamed in one instant. So what is to be renamed is noted first;
from then on the new lake holds, and whoever takes the lock next finishes it (``writers``).
"""

from pathlib import Path
from time import monotonic, sleep

REPLACEMENT_FILE = ".replacement.json"
DELETION_FILE = ".deletion.json"
"""What is left of the note once the new lake is in place: files that are still to be deleted."""

_PATIENCE = 2.0  # seconds; the renames take milliseconds


class HalfReplacedError(RuntimeError):
    """The lake is half replaced; the message is one line with the fix."""


def require_whole(data_dir: Path) -> None:
    """Wait until no replacement is under way; raise HalfReplacedError where one was interrupted."""
    file = data_dir / REPLACEMENT_FILE
    until = monotonic() + _PATIENCE
    while file.exists():
        if monotonic() > until:
            raise HalfReplacedError(
                f"replacing the lake in {data_dir} was interrupted: the next run, or "
                "`main.py maintain`, finishes it"
            )
        sleep(0.02)
