"""The result of a step, and how long it took."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Literal, Protocol

from config.clock import utc_now

StepStatus = Literal["written", "nothing_new", "failed"]


@dataclass(frozen=True)
class StepResult:
    """The result of one step; a row of ``ops.pipeline_runs``."""

    step: str
    status: StepStatus
    started_at: datetime
    seconds: float
    rows_in: int | None = None
    rows_out: int | None = None
    rows_rejected: int | None = None
    versions_read: Mapping[str, int] = field(default_factory=dict)
    version_written: int | None = None
    made_from: str | None = None
    error: str | None = None


class StepTimer:
    """Measures the duration of a step, from now on."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._started_at = utc_now()
        self._began = monotonic()

    def result(self, status: StepStatus, **fields: Any) -> StepResult:
        """Return the result of the step as of now; ``fields`` are others of ``StepResult``."""
        seconds = monotonic() - self._began
        return StepResult(self._step, status, self._started_at, seconds, **fields)


class Observer(Protocol):
    """Is notified when each step of a run begins and ends."""

    def working(self, title: str) -> AbstractContextManager[None]: ...

    def finished(self, result: StepResult) -> None: ...


class SilentObserver:
    """Ignores every notification."""

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        yield

    def finished(self, result: StepResult) -> None:
        """Return nothing."""
