"""Checksums of files, by which damage is noticed that no size and no count shows."""

import hashlib
from pathlib import Path


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
