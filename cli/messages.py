"""Error messages: one line with the fix for the screen, the traceback for a file."""

import re
import traceback
from pathlib import Path

from config.folders import make_private_folder

LOG_FOLDER = "logs"
"""In ``DATA_DIR``: a file for each run that met an unforeseen error, with its tracebacks."""

_MAX_LENGTH = 300
_FULL_DISK = r"No space left on device"
_CURES = (
    (_FULL_DISK, "the disk is full: free some space and run again"),
    (r"Read-only file system", "DATA_DIR lies on a read-only disk: set DATA_DIR elsewhere"),
    (
        r"OutOfMemoryError|Out of Memory Error|MemoryError|Java heap space",
        "the engine ran out of memory: give it more with MEMORY_LIMIT=4GB, in .env too",
    ),
)
_REFUSED = re.compile(r"Permission denied|AccessDenied|AccessControlException")
_PATHS = (
    r'"([^"\n]*/[^"\n]*)"',
    r"'([^\n]*/[^\n]*?)'(?=[\s:,;)]|$)",  # a name may have an apostrophe in it
    r"(?:^|[\s(:=])(/[^\s:,;\"]+)",
)
_NOISE = re.compile(
    r"^(An error occurred while calling|:? ?org\.apache\.spark\.SparkException: Job)"
)


def in_one_line(error: BaseException) -> str:
    """Return an exception, also one of Java's, as one line."""
    text = _text(error)
    if _REFUSED.search(text):
        return f"Permission denied{_place(error, text)}: fix its permissions or its owner"
    for pattern, cure in _CURES:
        found = re.search(pattern, f"{type(error).__name__}: {text}")
        if found is not None:
            return f"{found.group(0)}{_place(error)}: {cure}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{_place(error)}"
    lines = [line for each in text.splitlines() if (line := each.strip().strip(" :"))]
    telling = next((line for line in lines if not _NOISE.match(line)), "".join(lines[:1]))
    if isinstance(error, KeyError) and telling:  # its text is the key alone
        telling = f"KeyError: {telling}"
    return telling[:_MAX_LENGTH] or type(error).__name__


def is_failure(error: BaseException) -> bool:
    """Return whether an exception is a failure, not a request to stop."""
    # A panic in Rust, such as in delta-rs, is not an Exception.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def keep_traceback(data_dir: Path, run_id: str, error: BaseException) -> Path | None:
    """Append the traceback of an exception to the log of a run and return the file.

    None where it cannot be written: the line itself reports what is wrong with the disk.
    """
    file = data_dir / LOG_FOLDER / f"{run_id}.log"
    try:
        make_private_folder(file.parent)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.writelines(traceback.format_exception(error))
    except OSError:
        return None
    return file


def with_log(line: str, file: Path | None) -> str:
    """Return a line that names the file in which the traceback is."""
    return line if file is None else f"{line} (details: {file})"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # whatever its own text fails with
        return ""


def _place(error: BaseException, text: str = "") -> str:
    """Return the file that an exception names, as ``: FILE``; empty where it names none."""
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    if named is None:
        found = (re.search(pattern, text) for pattern in _PATHS)
        named = next((each[1] for each in found if each), None)
    return "" if named is None else f": {named}"
