"""What went wrong, in one line that names the cure."""

import re

_CURES = (
    (r"No space left on device", "the disk is full: free some space and run again"),
    (r"Permission denied|AccessDenied", "a file cannot be written: mend the permissions"),
    (r"Read-only file system", "DATA_DIR lies on a read-only disk: set DATA_DIR elsewhere"),
    (r"OutOfMemoryError", "Spark ran out of memory: give it more with SPARK_DRIVER_MEMORY=4g"),
)
_NOISE = re.compile(
    r"^(An error occurred while calling|:? ?org\.apache\.spark\.SparkException: Job)"
)


def in_one_line(error: BaseException) -> str:
    """Give an exception, one of Java's too, as one line; what was written before stays whole."""
    text = str(error) if str(error).strip() else type(error).__name__
    for pattern, cure in _CURES:
        found = re.search(pattern, text)
        if found is not None:
            return f"{found.group(0)}: {cure}"
    lines = [line.strip(" :") for line in text.splitlines() if line.strip()]
    telling = next((line for line in lines if not _NOISE.match(line)), lines[0])
    return telling[:300]
