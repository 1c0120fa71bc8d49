"""The id of a run: the same in tables, log lines and messages."""

import os
from datetime import datetime
from uuid import uuid4

RUN_ID_VARIABLE = "SOUNDLAKE_RUN_ID"
"""Environment variable by which the scheduler names the run that it starts."""


def new_run_id(now: datetime) -> str:
    """Return a unique id that sorts by time; ``now`` in UTC."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"


def given_run_id() -> str | None:
    """Return the id that the scheduler assigned to this process; None where it did not."""
    return os.environ.get(RUN_ID_VARIABLE)
