"""Runs that the page starts: one at a time, each a process of its own, as the scheduler's are."""

import logging
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from config.child import Child
from config.clock import utc_now
from config.run_id import new_run_id
from config.settings import Settings

log = logging.getLogger("web")

Kind = Literal[
    "everything",
    "files",
    "recent-plays",
    "liked-tracks",
    "liked-tracks-full",
    "saved-albums",
    "album-tracks",
    "features",
]
KINDS: dict[Kind, tuple[str, str]] = {
    "everything": ("Everything", "plays, library and features from Spotify, and new files"),
    "recent-plays": ("Recent plays", "the last 50 that Spotify shows"),
    "liked-tracks": ("Liked tracks", "those added since the last time"),
    "liked-tracks-full": ("Liked tracks, all", "the whole list, so that removed ones go"),
    "saved-albums": ("Saved albums", "those added since the last time"),
    "album-tracks": ("Tracks of albums", "of saved albums that lack them"),
    "features": ("Audio features", "of tracks that have no measured ones"),
    "files": ("Files", "new exports and the catalogue; Spotify is not asked"),
}
"""What can be asked for: a name, and what comes with it."""

RunKind = Kind | Literal["playlist"]

_MAX_LINES = 1000
_KEPT_RUNS = 20


class RunUnderWayError(RuntimeError):
    """A run of this page is not over; the message is one line."""


@dataclass
class Run:
    """A run, while it is under way and afterwards. ``exit_code`` is None until it ended.

    ``rule`` is the rule whose playlist it syncs; with ``dry_run`` it only says what would be done.
    """

    run_id: str
    kind: RunKind
    started_at: datetime
    rule: str | None = None
    dry_run: bool = False
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_MAX_LINES))
    dropped: int = 0
    child: Child | None = None

    @property
    def title(self) -> str:
        if self.kind != "playlist":
            return KINDS[self.kind][0]
        return f"{'Dry run' if self.dry_run else 'Sync'} of {self.rule}"

    @property
    def exit_code(self) -> int | None:
        return None if self.child is None else self.child.exit_code

    @property
    def status(self) -> Literal["running", "done", "failed"]:
        if self.exit_code is None:
            return "running"
        return "done" if self.exit_code == 0 else "failed"

    def take(self, _: str, line: str) -> None:
        if len(self.lines) == _MAX_LINES:
            self.dropped += 1
        self.lines.append(line)

    def lines_after(self, number: int) -> tuple[list[str], int]:
        """Return the lines after the first ``number``, and how many there were in all."""
        kept = list(self.lines)
        return kept[max(0, number - self.dropped) :], self.dropped + len(kept)


class Runs:
    """Starts runs on the lake of ``settings``; ``root`` is the folder of the commands."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self._settings = settings
        self._root = root
        self._runs: dict[str, Run] = {}
        self._lock = Lock()

    @property
    def latest(self) -> Run | None:
        """The run started last, None where none was."""
        return next(reversed(self._runs.values()), None)

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def latest_of(self, rule: str) -> Run | None:
        """Return the run started last for the playlist of a rule."""
        return next((each for each in [*self._runs.values()][::-1] if each.rule == rule), None)

    def start(self, kind: Kind, files: Sequence[Path] = ()) -> Run:
        """Start a run and return it; ``files`` are imported instead of those in ``exports``.

        Raises RunUnderWayError while another one of this page is not over. One of the scheduler's
        makes the new one end with a line about it: the lake's lock is what keeps them apart.
        """
        return self._started(
            Run(new_run_id(utc_now()), kind, utc_now()), self._command(kind, files)
        )

    def sync_playlist(self, rule: str, path: Path, *, dry_run: bool = False) -> Run:
        """Start the sync of the playlist of a rule, whose file is ``path``, and return it.

        Raises as ``start`` does.
        """
        command = [sys.executable, str(self._root / "main.py"), "playlists", "sync"]
        command += ["--data-dir", str(self._settings.data_dir)]
        command += ["--dry-run"] if dry_run else []
        run = Run(new_run_id(utc_now()), "playlist", utc_now(), rule, dry_run)
        return self._started(run, [*command, str(path)])

    def _started(self, run: Run, command: Sequence[str]) -> Run:
        with self._lock:
            latest = self.latest
            if latest is not None and latest.status == "running":
                raise RunUnderWayError("a run is under way: wait for its end")
            name = f"run of the page ({run.kind})"
            run.child = Child(name, command, run.run_id, log, run.take)
            self._runs[run.run_id] = run
            while len(self._runs) > _KEPT_RUNS:
                del self._runs[next(iter(self._runs))]
            return run

    def stop(self) -> None:
        """End a run under way; the next one continues from there."""
        latest = self.latest
        if latest is not None and latest.child is not None and latest.status == "running":
            latest.child.end()

    def _command(self, kind: Kind, files: Sequence[Path]) -> list[str]:
        command = [sys.executable, str(self._root / "run_ingestion.py")]
        command += ["--data-dir", str(self._settings.data_dir)]
        for file in files:
            command += ["--exports", str(file)]
        match kind:
            case "everything":
                return command
            case "files":
                return [*command, "--no-api"]
            case _:
                return [*command, "--only", kind]
