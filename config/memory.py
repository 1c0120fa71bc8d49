"""How much memory an engine may take: of the machine, or of the container that it runs in."""

import os
from pathlib import Path

_SHARE = 0.5
# More helped none of the measured lakes, and a laptop has other uses.
_MAX_MEGABYTES = 3_000
_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_limit(setting: str | None) -> str:
    """Return the limit that the setting names, else half of what there is, at most 3 GB."""
    if setting:
        return setting
    return f"{min(int(available_bytes() * _SHARE / 1e6), _MAX_MEGABYTES)}MB"


def available_bytes() -> int:
    """Return the memory of the machine, or of the container where that has less."""
    pages: int = os.sysconf("SC_PHYS_PAGES")
    found = pages * os.sysconf("SC_PAGE_SIZE")
    for file in _CONTAINER_LIMITS:
        try:
            found = min(found, int(file.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found
