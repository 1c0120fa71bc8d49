"""The folder of a lake: for its owner alone, where one account uses it."""

from pathlib import Path

from config.desktop import is_in_container


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with mode 0700; leave one that is there.

    In a container the mode is the usual one: its user may be another than the one whose files
    these are on the host. Raises OSError.
    """
    mode = 0o777 if is_in_container() else 0o700
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=mode, exist_ok=True)
