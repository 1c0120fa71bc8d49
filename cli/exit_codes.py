"""What a command's exit code means."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    LAKE_BUSY = 3
    INTERRUPTED = 130
