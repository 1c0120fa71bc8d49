"""Random draws that are the same on every machine.

Only the raw 64-bit stream of PCG64, whose stability numpy promises, is used. numpy promises no such
thing for its distributions, and its ``log`` and ``exp`` may differ in the last bit between
processors, so every distribution here is a table of quantiles read with linear interpolation.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_NORMAL_QUANTILES = [round(NormalDist().inv_cdf((i + 0.5) / 2048), 9) for i in range(2048)]


class Draws:
    """A stream of random draws named by whole numbers; the same key gives the same stream."""

    def __init__(self, *key: int) -> None:
        """Start the stream.

        ``key``: non-negative numbers, e.g. a seed and the number of a stream within it. Streams of
        different keys are independent (``numpy.random.SeedSequence``).
        """
        self._bits = np.random.PCG64(np.random.SeedSequence(list(key)))

    def uniform(self, count: int) -> Floats:
        """``count`` numbers, uniform on [0, 1)."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def quantiles(self, table: Sequence[float], count: int) -> Floats:
        """``count`` numbers of the distribution whose evenly spaced quantiles are ``table``."""
        return np.interp(self.uniform(count), np.linspace(0.0, 1.0, len(table)), table)

    def normal(self, count: int) -> Floats:
        """``count`` standard normal numbers, cut off at ±3.5."""
        return self.quantiles(_NORMAL_QUANTILES, count)

    def below(self, limit: int | Integers, count: int) -> Integers:
        """Return ``count`` whole numbers, uniform on [0, limit); ``limit``: one for all or each."""
        return np.floor(self.uniform(count) * limit).astype(np.int64)

    def happens(self, chance: float | Floats, count: int) -> Flags:
        """``count`` flags, each true with its ``chance`` (one number or one each, 0 to 1)."""
        return self.uniform(count) < chance

    def weighted(self, weights: Sequence[float] | Floats, count: int) -> Integers:
        """``count`` positions in ``weights``, each drawn in proportion to its weight."""
        return pick(np.cumsum(np.asarray(weights, dtype=np.float64)), self.uniform(count))


def pick(cumulative: Floats, uniform: Floats) -> Integers:
    """Return the positions that uniforms on [0, 1) hit in cumulative weights; never a zero weight.

    ``cumulative``: running sum of the weights, its last value above 0. ``uniform``: the draws.
    """
    hits = np.searchsorted(cumulative, (1.0 - uniform) * cumulative[-1], side="left")
    return np.asarray(hits, dtype=np.int64)


def table_mean(table: Sequence[float]) -> float:
    """Return the mean of the distribution that ``Draws.quantiles`` makes of ``table``."""
    inner = sum(table[1:-1]) + (table[0] + table[-1]) / 2
    return inner / (len(table) - 1)
