"""The name of a run: the same in tables, log lines and messages."""

import os
from datetime import datetime
from uuid import uuid4

RUN_ID_VARIABLE = "SOUNDLAKE_RUN_ID"
"""Environment variable by which the scheduler names the run that it starts."""


def new_run_id(now: datetime) -> str:
    """Return a name that no other run has and that sorts by time; ``now`` in UTC."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"


def given_run_id() -> str | None:
    """Return the name that the scheduler gave to this process; None where nobody did."""
    return os.environ.get(RUN_ID_VARIABLE)
