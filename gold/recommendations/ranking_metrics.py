"""How good a ranked list is: which tracks of the following week it contains, how varied it is.

NumPy, and SciPy for intervals. A list is what is known of its tracks in their order, best first.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

LIST_LENGTH = 50
_CONFIDENCE = 0.95


def ndcg(found: Flags, relevant: int, length: int = LIST_LENGTH) -> float:
    """Return the normalised discounted cumulative gain of the first ``length`` places, 0-1.

    ``found`` says of each place whether its track was relevant, ``relevant`` how many tracks were.
    A relevant track gains 1 / log2(place + 1), compared with a list that begins with all relevant
    tracks (Järvelin and Kekäläinen 2002, with gains of 0 and 1). NaN where none was relevant.
    ``sklearn.metrics.ndcg_score`` would not count the relevant tracks that the list lacks.
    """
    if relevant == 0:
        return float("nan")
    discounts = 1 / np.log2(np.arange(2, length + 2))
    top = found[:length]
    return float(discounts[: len(top)][top].sum() / discounts[:relevant].sum())


def recall(found: Flags, relevant: int, length: int = LIST_LENGTH) -> float:
    """Return the share of all relevant tracks that the first ``length`` places hold, 0-1."""
    return float(found[:length].sum() / relevant) if relevant else float("nan")


def intra_list_distance(groups: Codes) -> float:
    """Return the share of a list's pairs of tracks that are of different groups, 0-1.

    The mean distance of Ziegler et al. 2005 with a distance of 0 within a group and 1 between two.
    NaN for a list of one.
    """
    pairs = len(groups) * (len(groups) - 1)
    if pairs == 0:
        return float("nan")
    members = np.unique(groups, return_counts=True)[1]
    return float(1 - (members * (members - 1)).sum() / pairs)


def novelty(probabilities: Floats) -> float:
    """Return the mean self-information of a list in bits (Zhou et al. 2010): -log2 of how common.

    ``probabilities``: how likely each track was to be met anyway, above 0 and at most 1.
    """
    return float(-np.log2(probabilities).mean()) if len(probabilities) else float("nan")


def mean_with_interval(values: Floats) -> tuple[float, float, float]:
    """Return mean, low and high of a 95 % t interval over weeks, which count as independent.

    The interval of fewer than two weeks is unbounded.
    """
    mean = float(values.mean())
    if len(values) < 2:
        return mean, float("-inf"), float("inf")
    from scipy.special import stdtrit

    quantile = float(stdtrit(len(values) - 1, 0.5 + _CONFIDENCE / 2))
    half = quantile * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    return mean, mean - half, mean + half
