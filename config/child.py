"""A command that runs in a process of its own, as the scheduler and the page start runs."""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from config.run_id import RUN_ID_VARIABLE

STOP_SECONDS = 8.0
LAST_LINES_SECONDS = 0.5
RUN_LIMIT = timedelta(hours=6)  # a first import of many years can take hours


class Child:
    """A running command, in its own process group, so that all it starts ends with it.

    Its output goes where ours goes or, where ``take`` is given, line by line to that, called with
    ``run_id`` and the line.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        run_id: str,
        log: logging.Logger,
        take: Callable[[str, str], None] | None = None,
    ) -> None:
        self.name = name
        self.run_id = run_id
        self.log = logging.LoggerAdapter(log, {"run_id": run_id})
        self._take = take
        self.log.info("the %s starts", name)
        # This clock stands still while the machine sleeps, and so does the child.
        self._started = time.monotonic()
        relayed = take is not None
        self._process = subprocess.Popen(
            command,
            env={**os.environ, RUN_ID_VARIABLE: self.run_id},
            stdin=subprocess.DEVNULL,  # there is nobody to ask
            stdout=subprocess.PIPE if relayed else None,
            stderr=subprocess.STDOUT if relayed else None,
            start_new_session=True,  # Ctrl-C in a terminal reaches it through us alone, in order
            encoding="utf-8",
            errors="replace",
        )
        self._relay = threading.Thread(target=self._relay_lines, daemon=True)
        self._relay.start()
        self._is_relayed = False

    @property
    def exit_code(self) -> int | None:
        """The exit code once its last line was taken, None while it is running."""
        code = self._process.poll()
        if code is not None and not self._is_relayed:
            # Once: what it started may hold its output open for as long as it lives.
            self._relay.join(timeout=LAST_LINES_SECONDS)
            self._is_relayed = True
        return code

    @property
    def is_overdue(self) -> bool:
        return time.monotonic() - self._started > RUN_LIMIT.total_seconds()

    def end(self) -> None:
        """Terminate it if it runs; what is left of its group after 8 s is killed."""
        deadline = time.monotonic() + STOP_SECONDS
        self._process.terminate()
        while self._group_lives():
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)  # the JVM with it
                break
            time.sleep(0.05)
        self._process.wait()
        self._relay.join(timeout=LAST_LINES_SECONDS)

    def _group_lives(self) -> bool:
        self._process.poll()  # until it is asked for, an ended process stays in its group
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _relay_lines(self) -> None:
        for line in self._process.stdout or ():
            if self._take is not None and line.strip():
                self._take(self.run_id, line.rstrip())
