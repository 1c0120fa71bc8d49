"""Files that an operating system leaves in folders and zips: nobody put them there."""

from pathlib import PurePath

_NAMES = frozenset({"desktop.ini", "thumbs.db", "ehthumbs.db", "icon\r", "__macosx"})


def is_system_file(path: PurePath) -> bool:
    """Return whether a file, named by its path below the folder that is searched, is such a one."""
    return any(part.startswith(".") or part.lower() in _NAMES for part in path.parts)
