"""Whether a person sits at this machine's own screen."""

import os
import sys
from pathlib import Path

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that the engines put into every container."""


def is_in_container() -> bool:
    """Return whether this process runs in a container."""
    return any(mark.exists() for mark in CONTAINER_MARKS)


def has_browser() -> bool:
    """Return whether a browser with a window can be opened; one of text would take the terminal."""
    if is_in_container():
        return False
    on_a_desktop = "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return on_a_desktop or sys.platform in ("darwin", "win32")
