"""A wall clock that a test moves, for processes and all that they start."""

import os
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path


class ShiftedClock:
    """The wall clock of the processes that are started with ``environment``."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self._file = folder / "shift"
        self._library = folder / "clock_shift.so"
        source = Path(__file__).with_name("clock_shift.c")
        build = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(source), "-ldl"]
        subprocess.run(build, check=True)
        self._seconds = round((start - datetime.now(UTC)).total_seconds())
        self._dated: dict[Path, int] = {}
        self._keep()

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "CLOCK_SHIFT": str(self._file)}

    def now(self) -> datetime:
        """Return the instant it shows, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._seconds)

    def advance(self, by: timedelta) -> None:
        """Show a later instant, in all processes at once."""
        self._seconds += round(by.total_seconds())
        self._keep()

    def date_files(self, folder: Path) -> None:
        """Date the files that were written since the last time by this clock.

        The kernel dated them by its own, and upkeep deletes by age.
        """
        now = int(self.now().timestamp() * 1e9)
        there: dict[Path, int] = {}
        for each in folder.rglob("*"):
            try:
                at = each.stat().st_mtime_ns
                if self._dated.get(each) != at:
                    os.utime(each, ns=(now, now))
                    at = each.stat().st_mtime_ns
            except FileNotFoundError:  # the scheduler is at work
                continue
            there[each] = at
        self._dated = there

    def _keep(self) -> None:
        # In place: the file is mapped by those who read it.
        mode = "r+b" if self._file.exists() else "wb"
        with self._file.open(mode) as file:
            file.write(struct.pack("=q", self._seconds))
