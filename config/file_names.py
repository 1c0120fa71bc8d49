"""Names for files out of texts that people give."""

import re

_MOST_BYTES = 100
_UNSAFE = re.compile(r"[^\w.() -]|^\.+")


def plain_characters(text: str) -> str:
    """Return a text whose characters every file system takes: no path, no control character."""
    return _UNSAFE.sub("_", text).strip()


def plain_file_name(text: str) -> str:
    """Return the name of a file without a suffix; empty where the text is."""
    # In bytes, as file systems count; what is cut in the middle of a letter goes.
    return (
        plain_characters(text.strip()).encode()[:_MOST_BYTES].decode(errors="ignore").rstrip(". ")
    )
