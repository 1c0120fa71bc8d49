"""The log lines of a run, collected while it runs and kept in ``ops.logs`` at its end."""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from config.settings import Settings

if TYPE_CHECKING:  # commands that run no step need not import what steps need
    from incremental.results import StepResult

MAX_LINES = 5_000
MAX_LENGTH = 2_000

# To the kept log alone: on the screen the steps are shown as they run.
steps_log = logging.getLogger("steps")
steps_log.propagate = False
steps_log.setLevel(logging.INFO)
steps_log.addHandler(logging.NullHandler())

_SECRETS = (
    (r"(?i)\b(authorization['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s'\",;]+", r"\1***"),
    (r"(?i)\b((?:bearer|basic)\s+)[\w+/.=~-]{16,}", r"\1***"),
    (
        r"(?i)((?:access_token|refresh_token|client_secret|code_verifier|password)"
        r"['\"]?\s*[:=]\s*['\"]?)[^\s&'\",;]+",
        r"\1***",
    ),
    (r"(?i)([?&]code=)[^\s&'\",;]+", r"\1***"),
)


class RunLog(logging.Handler):
    """Collects what is logged, as rows of ``ops.logs``; of too much, what came first.

    Nothing secret is kept: no value of a secret setting, and nothing that follows the name of a
    token, a password or ``Authorization``.
    """

    def __init__(self, settings: Settings, run_id: str, max_lines: int = MAX_LINES) -> None:
        super().__init__(logging.INFO)
        self._run_id = run_id
        self._max_lines = max_lines
        self._rows: list[dict[str, Any]] = []
        self._left_out = 0
        secrets = (getattr(settings, name) for name in type(settings).model_fields)
        self._secrets = [
            value
            for each in secrets
            if isinstance(each, SecretStr) and (value := each.get_secret_value())
        ]

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line of a record."""
        if len(self._rows) >= self._max_lines:
            self._left_out += 1
            return
        try:
            message = record.getMessage()
        except Exception:  # wrong arguments must not end the run
            message = str(record.msg)
        at = datetime.fromtimestamp(record.created, UTC)
        self._keep(at, record.levelname, record.name, message)

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines so far; the last one says how many are left out, if any are."""
        if not self._left_out:
            return [*self._rows]
        last = self._rows[-1] | {
            "line_number": len(self._rows) + 1,
            "level": "WARNING",
            "logger": "soundlake",
            "message": f"{self._left_out:,} more lines are left out: a run keeps "
            f"{self._max_lines:,}",
        }
        return [*self._rows, last]

    def _keep(self, at: datetime, level: str, logger: str, message: str) -> None:
        self._rows.append(
            {
                "run_id": self._run_id,
                "line_number": len(self._rows) + 1,
                "logged_at": at,
                "level": level,
                "logger": logger,
                "message": self._without_secrets(message)[:MAX_LENGTH],
            }
        )

    def _without_secrets(self, message: str) -> str:
        for secret in self._secrets:
            message = message.replace(secret, "***")
        for pattern, kept in _SECRETS:
            message = re.sub(pattern, kept, message)
        return message


@contextmanager
def collected(settings: Settings, run_id: str) -> Iterator[RunLog]:
    """Collect what this process logs within the block."""
    run_log = RunLog(settings, run_id)
    loggers = (logging.getLogger(), steps_log)
    for each in loggers:
        each.addHandler(run_log)
    try:
        yield run_log
    finally:
        for each in loggers:
            each.removeHandler(run_log)


def log_step(result: "StepResult") -> None:
    """Log how a step ended; one without news is of no interest later."""
    if result.status == "failed":
        steps_log.error("%s failed after %.1f s: %s", result.step, result.seconds, result.error)
    elif result.status == "written":
        steps_log.info(
            "%s: %s rows written in %.1f s", result.step, f"{result.rows_out:,}", result.seconds
        )


def log_notes(problems: Iterable[tuple[str, str]], notes: Iterable[str]) -> None:
    """Log the files that were skipped, with the reason, and the notes of a run."""
    for name, reason in problems:
        steps_log.warning("skipped %s: %s", name, reason)
    for note in notes:
        steps_log.info("%s", note)
