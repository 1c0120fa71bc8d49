"""Numbers that are reproducible in any order, with any number of threads, on any machine.

Fractions are added up as whole millionths, and results are rounded to six decimals.
"""

MILLION = 1_000_000
DECIMALS = 6


def rounded(value: float) -> float | None:
    """Return ``value`` as a table holds it; None for NaN."""
    return None if value != value else round(float(value), DECIMALS)
