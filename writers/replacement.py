"""Replace the lake by another one: old or new whatever happens, and nothing deleted unasked."""

import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

from lake.replacement import DELETION_FILE, REPLACEMENT_FILE


def replace_lake(
    data_dir: Path,
    staged: Path,
    aside: Path,
    taken: Collection[str],
    put_away: Collection[str],
    deleted: Collection[Path] = (),
) -> None:
    """Replace what is in ``data_dir`` by what is in ``staged``, by its names directly below.

    ``taken`` are the names in ``staged``; those of the same name in ``data_dir``, and those that
    are only ``put_away``, are moved to ``aside``. Then files and folders that are to be ``deleted``
    are. All lie in ``data_dir``. The lake's lock must be held.
    """
    note = {
        "staged": staged.relative_to(data_dir).as_posix(),
        "aside": aside.relative_to(data_dir).as_posix(),
        "taken": sorted(taken),
        "put_away": sorted(name for name in put_away if name not in taken),
        "deleted": sorted(each.relative_to(data_dir).as_posix() for each in deleted),
    }
    scratch = data_dir / f"{REPLACEMENT_FILE}.new"
    scratch.write_text(json.dumps(note), encoding="utf-8")
    scratch.replace(data_dir / REPLACEMENT_FILE)
    finish_replacement(data_dir)


def finish_replacement(data_dir: Path) -> None:
    """Finish a replacement that was begun, if any; the lake's lock must be held."""
    file = data_dir / REPLACEMENT_FILE
    with suppress(FileNotFoundError):
        note = json.loads(file.read_bytes())
        _rename(data_dir, note)
        # Readers wait no longer, however long it takes to delete.
        file.replace(data_dir / DELETION_FILE)
    _delete(data_dir)


def not_deleted(data_dir: Path) -> list[Path]:
    """Return what a replacement was to delete and could not; it is tried again by every run."""
    try:
        note = json.loads((data_dir / DELETION_FILE).read_bytes())
    except FileNotFoundError:
        return []
    named = (data_dir / each for each in note.get("deleted", ()))
    return [each for each in named if each.is_symlink() or each.exists()]


def _rename(data_dir: Path, note: dict[str, list[str]]) -> None:
    staged, aside = data_dir / str(note["staged"]), data_dir / str(note["aside"])
    aside.mkdir(parents=True, exist_ok=True)
    for name in note["put_away"]:
        if (data_dir / name).exists():
            (data_dir / name).rename(aside / name)
    for name in note["taken"]:
        if (staged / name).exists():
            # Still there: the one of that name in the lake is the former one.
            if (data_dir / name).exists():
                (data_dir / name).rename(aside / name)
            (staged / name).rename(data_dir / name)
    rmtree(staged, ignore_errors=True)
    if not any(aside.iterdir()):
        aside.rmdir()


def _delete(data_dir: Path) -> None:
    """Delete what a replacement was to delete; what cannot be deleted stays noted."""
    for each in not_deleted(data_dir):
        with suppress(OSError):
            # Of a link what it leads to stays: it may be anywhere.
            if each.is_dir() and not each.is_symlink():
                rmtree(each)
            else:
                each.unlink()
    if not not_deleted(data_dir):
        (data_dir / DELETION_FILE).unlink(missing_ok=True)
