"""Seeds of random numbers that are the same on every machine."""

import hashlib


def seed_of(*parts: str) -> int:
    """Return a seed of 64 bits that the parts fix: a person, and what is drawn for."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big")
