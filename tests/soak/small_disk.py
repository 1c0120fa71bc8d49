"""Runs on disks that are too small: one line says so, and with more room the next run finishes.

``python -m tests.soak.small_disk`` mounts file systems in memory, which takes the rights of root on
Linux; they are seen by this command alone. It prints a line a size and ends with 1 where one is
wrong.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.soak import children
from tests.soak.inputs import write_inputs
from tests.soak.lake_digest import digest, unsound
from tests.soak.scenarios import BY_NAME, LAKE

KILOBYTES = range(16, 272, 16)
_ROOM = 256 * 1024
_MARK = "SOUNDLAKE_OWN_MOUNTS"


def main() -> int:
    """Carry out the command; return its exit code."""
    if _MARK not in os.environ:
        command = ["unshare", "--mount", sys.executable, "-m", "tests.soak.small_disk"]
        return subprocess.run(command, check=False, env={**os.environ, _MARK: "1"}).returncode
    children.import_all()
    folder = Path(tempfile.mkdtemp(prefix="soundlake-small-")).resolve()
    write_inputs(folder / "inputs")
    expected, wrong = _run(folder, folder / "reference"), 0
    assert expected[0] == 0, expected
    for size in KILOBYTES:
        disk = folder / f"{size} KB"
        disk.mkdir()
        _mount(disk, f"size={size}k")
        code, said, *_ = _run(folder, disk)
        _mount(disk, f"remount,size={_ROOM}k")
        finished = _run(folder, disk)
        is_told = code == 0 or any(each in said for each in ("disk", "DATA_DIR", str(disk)))
        is_right = is_told and "Traceback" not in said and finished[0] == 0
        is_right &= finished[2] == expected[2] and code in (0, 1, 2)
        wrong += not is_right
        outcome = "as on a large disk" if is_right else "NOT as on a large disk"
        print(f"{size:4} KB: exit code {code}, then {finished[0]}: {outcome}", flush=True)
        if not is_right:
            print(said, finished)
        subprocess.run(["umount", str(disk)], check=True)
    shutil.rmtree(folder)
    return 1 if wrong else 0


def _mount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True)


def _run(folder: Path, disk: Path) -> tuple[int, str, object]:
    """Return the exit code of a run on a disk, what it said, and what the lake holds."""
    command = BY_NAME["first import"].command
    (disk / LAKE).mkdir(parents=True, exist_ok=True)
    output, result = folder / "output", folder / "result"
    output.unlink(missing_ok=True)
    run = children.start(lambda: command.act(disk, folder / "inputs"), output, folder)
    code = children.wait(run)

    def look() -> int:
        result.write_text(json.dumps([digest(disk / LAKE), unsound(disk / LAKE)]), encoding="utf-8")
        return 0

    found = None
    if code == 0 and children.wait(children.start(look, folder / "output of look", folder)) == 0:
        found = json.loads(result.read_bytes())
    return code, output.read_text("utf-8"), found


if __name__ == "__main__":
    sys.exit(main())
