"""Replace the lake by another one: old or new whatever happens, nothing deleted."""

import json
from collections.abc import Collection
from pathlib import Path
from shutil import rmtree

from lake.replacement import REPLACEMENT_FILE


def replace_lake(
    data_dir: Path, staged: Path, aside: Path, taken: Collection[str], put_away: Collection[str]
) -> None:
    """Replace what is in ``data_dir`` by what is in ``staged``, by its names directly below.

    ``taken`` are the names in ``staged``; those of the same name in ``data_dir``, and those that
    are only ``put_away``, are moved to ``aside``. Both folders are in ``data_dir``. The lake's lock
    must be held.
    """
    note = {
        "staged": staged.name,
        "aside": aside.name,
        "taken": sorted(taken),
        "put_away": sorted(name for name in put_away if name not in taken),
    }
    scratch = data_dir / f"{REPLACEMENT_FILE}.new"
    scratch.write_text(json.dumps(note), encoding="utf-8")
    scratch.replace(data_dir / REPLACEMENT_FILE)
    finish_replacement(data_dir)


def finish_replacement(data_dir: Path) -> None:
    """Finish a replacement that was begun, if any; the lake's lock must be held."""
    file = data_dir / REPLACEMENT_FILE
    try:
        note = json.loads(file.read_bytes())
    except FileNotFoundError:
        return
    staged, aside = data_dir / note["staged"], data_dir / note["aside"]
    aside.mkdir(exist_ok=True)
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
    file.unlink()
