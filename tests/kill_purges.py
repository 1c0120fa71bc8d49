"""Ends purges by SIGKILL at random moments, and counts what each left: the old lake or the new one.

``python -m tests.kill_purges [KILLS] [SEED]``: each kill begins with the same lake of two people.
The lake's lock is taken once afterwards, as any run does. Then the person is there with every row,
or no byte of them is left; and the lake is whole either way. Ends with 1 where one is not.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lake.people import people_of
from lake.verification import Verification
from tests.export_samples import extended, write_json
from tests.lakes import one
from tests.left_bytes import places_of
from writers.lake_lock import lake_lock

ROOT = Path(__file__).resolve().parents[1]
GONE, STAYS = "zofia-1974", "bertil"
WORDS = (GONE, "Qxzolany", "Vwyntrella")


def made_lake(folder: Path) -> Path:
    """Return a lake of two people, with a track in common."""
    lake = folder / "lake"
    for person, artist, title in ((GONE, WORDS[1], WORDS[2]), (STAYS, "Nordlys", "Fjell")):
        records = [_record(artist, title, each) for each in range(60)]
        records += [_record("Everyone", "Common Song", each) for each in range(60, 80)]
        write_json(lake / "exports" / person / "Streaming_History_Audio_2024_0.json", records)
    subprocess.run(
        [sys.executable, str(ROOT / "run_ingestion.py"), "--data-dir", str(lake), "--no-api"],
        env=_environment(),
        check=True,
        capture_output=True,
    )
    return lake


def _record(artist: str, title: str, number: int) -> dict[str, Any]:
    at = datetime(2024, 3, 1, 8) + timedelta(hours=7 * number)
    return extended(f"{at:%Y-%m-%dT%H:%M:%S}Z", f"{title} {number % 9}", artist, None)


def kill_one(lake: Path, seconds: float | None) -> tuple[str, float]:
    """Purge, ended after some seconds if any; return what is left, and how long it took."""
    command = [sys.executable, str(ROOT / "main.py"), "purge", "--user", GONE, "--exports", "--yes"]
    began = time.monotonic()
    child = subprocess.Popen(
        [*command, "--data-dir", str(lake)],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    took = time.monotonic() - began
    return _what_is_left(lake), took


def _what_is_left(lake: Path) -> str:
    with lake_lock(lake):
        pass
    found = [each for _, findings in Verification(lake).stages() for each in findings]
    if found:
        return f"BROKEN: {found[0]}"
    people = people_of(lake)
    plays = one(lake, "SELECT count(*) FROM bronze.listening_history_bronze")
    if people == [STAYS, GONE]:
        return "the old lake" if plays == 160 else f"LOST: {plays} plays of 160"
    left = places_of(lake, WORDS)
    if people != [STAYS] or plays != 80 or left:
        return f"HALF: {people}, {plays} plays, {left[:1]}"
    return "the new lake"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "USER_ID": STAYS, "COLUMNS": "200"}


def main() -> int:
    kills, seed = (int(each) for each in [*sys.argv[1:], "20", "1"][:2])
    chance, counts = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="purges-") as name:
        lake = made_lake(Path(name))
        copy = lake.with_name("copy")
        shutil.copytree(lake, copy)
        left, whole = kill_one(lake, None)
        print(f"a whole purge takes {whole:.1f} s and leaves {left}", flush=True)
        for _ in range(kills):
            shutil.rmtree(lake)
            shutil.copytree(copy, lake)
            left, _ = kill_one(lake, chance.uniform(0.1, 1.05) * whole)
            counts[left] += 1
            print(f"{counts.total():>6,}: {left}", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:>6,} of {kills:,} left {what}")
    return 1 if counts.keys() - {"the old lake", "the new lake"} else 0


if __name__ == "__main__":
    sys.exit(main())
