"""Random numbers that a track's id fixes: the same on every machine, in any order of rows."""

from pyspark.sql import Column
from pyspark.sql import functions as F

UNIFORMS_PER_HASH = 16
_HEX_DIGITS = 8  # 32 bits each: far finer than any catalogue is long


def hash_uniforms(seed: Column, purpose: str) -> Column:
    """Give ``UNIFORMS_PER_HASH`` numbers in the open interval (0, 1) as an array of doubles.

    They are the sixteen 32-bit words w of SHA-512('purpose|seed'), each as (w + 0.5) / 2³², so that
    anyone can compute them without Spark. Different purposes give independent numbers.
    """
    digest = F.sha2(F.concat(F.lit(f"{purpose}|"), seed), 512)
    words = (
        F.conv(F.substring(digest, 1 + _HEX_DIGITS * position, _HEX_DIGITS), 16, 10)
        for position in range(UNIFORMS_PER_HASH)
    )
    return F.array(*((word.cast("double") + 0.5) / 2.0**32 for word in words))
