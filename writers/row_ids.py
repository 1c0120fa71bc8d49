"""Ids of rows: a hash of the values that identify a row."""

import hashlib


def hash_of(text: str) -> str:
    """Return the MD5 of ``text`` in hexadecimal, as Spark's ``F.md5`` does."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
