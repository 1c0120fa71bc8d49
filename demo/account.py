"""The default simulated account, as files that a run finds by itself."""

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from demo.catalogue import make_catalogue, write_catalogue
from demo.export_files import ACCOUNT_ZIP, EXTENDED_ZIP, write_export
from demo.listener import Listener, simulate
from demo.rhythm import Stay

DEMO_END = dt.date(2026, 10, 1)
"""The day after the default account's last."""

# To be raised with every change of what the simulation makes: older files are then rebuilt.
_VERSION = 1
_SEED = 5
_MANIFEST = "demo.json"
_FILES = (f"exports/{EXTENDED_ZIP}", f"exports/{ACCOUNT_ZIP}", "kaggle/dataset.csv")


@dataclass(frozen=True)
class DemoFiles:
    """What ``make_demo`` left on disk.

    ``exports``: the extended history and the account data, zip files. ``catalogue``: the CSV in the
    Kaggle layout. ``n_plays``: plays in the extended history. ``timezone``: IANA name of the zone
    in which the person spent most days, and lives now.
    """

    exports: tuple[Path, ...]
    catalogue: Path
    n_plays: int
    timezone: str


def demo_catalogue() -> pd.DataFrame:
    """Return the default account's world of music; about 4,000 of its tracks are in the CSV."""
    return make_catalogue()


def demo_listener(end: dt.date = DEMO_END) -> Listener:
    """Return the default account: about three years and 35,000 plays.

    Eight months in Berlin, then in Denver (whose clocks change on other days), with two weeks in
    Lisbon each July.

    ``end``: the day after the last of the history; all other dates follow from it.
    """
    start = end - dt.timedelta(days=3 * 365)
    denver, lisbon = ("America/Denver", "US"), ("Europe/Lisbon", "PT")
    first_holiday = end - dt.timedelta(days=445)
    second_holiday = end - dt.timedelta(days=79)
    two_weeks = dt.timedelta(days=14)
    return Listener(
        user_id="me",
        seed=_SEED,
        start=start,
        end=end,
        plays_per_day=33.0,
        stays=(
            Stay(start, "Europe/Berlin", "DE"),
            Stay(start + dt.timedelta(days=240), *denver),
            Stay(first_holiday, *lisbon, listening=0.2),
            Stay(first_holiday + two_weeks, *denver),
            Stay(second_holiday, *lisbon, listening=0.2),
            Stay(second_holiday + two_weeks, *denver),
        ),
    )


def make_demo(folder: Path, end: dt.date = DEMO_END) -> DemoFiles:
    """Write the default account: ``exports/*.zip`` and ``kaggle/dataset.csv`` under ``folder``.

    Each file is complete or not there: all are written to a temporary folder beside and moved in,
    and a manifest (``demo.json``), moved in last, marks the whole. If it is there and fits, nothing
    is written. Other files in the folder are left alone.

    ``folder``: made if it is missing. ``end``: the day after the last play.

    Returns where the files are and what is in them.

    Raises OSError: a file cannot be written.
    """
    listener = demo_listener(end)
    manifest = folder / _MANIFEST
    n_plays = _plays_of_complete(folder, manifest, end)
    if n_plays is None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
            n_plays = _write_and_move(Path(name), folder, listener)
    paths = [folder / name for name in _FILES]
    return DemoFiles(tuple(paths[:2]), paths[2], n_plays, listener.home_zone)


def _write_and_move(temporary: Path, folder: Path, listener: Listener) -> int:
    for name in _FILES:
        (temporary / name).parent.mkdir(exist_ok=True)
        (folder / name).parent.mkdir(exist_ok=True)
    catalogue = demo_catalogue()
    plays = simulate(listener, catalogue)
    write_export(plays, temporary / "exports")
    write_catalogue(catalogue, temporary / "kaggle" / "dataset.csv")
    described = {
        "version": _VERSION,
        "end": listener.end.isoformat(),
        "n_plays": len(plays),
        "sizes": {name: (temporary / name).stat().st_size for name in _FILES},
    }
    (temporary / _MANIFEST).write_text(json.dumps(described, indent=2), encoding="utf-8")
    for name in (*_FILES, _MANIFEST):
        (temporary / name).replace(folder / name)
    return len(plays)


def _plays_of_complete(folder: Path, manifest: Path, end: dt.date) -> int | None:
    """Return the number of plays if the files there are complete and what would be made now."""
    try:
        described = json.loads(manifest.read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in _FILES}
        expected = (_VERSION, end.isoformat(), sizes)
        if (described["version"], described["end"], described["sizes"]) == expected:
            return int(described["n_plays"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None
