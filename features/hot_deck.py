"""Features of a track from its donor: a whole row of the catalogue, slightly jittered.

``features/tracks_with_donors.sql`` chooses the row.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, FEATURE_RANGES

# Enough that a row is not a copy, and small: real tempos cluster at whole numbers (128.0), and a
# jitter that blurs them is easy to detect (see docs/SYNTHETIC_FEATURES_GUIDE.md).
UNIT_INTERVAL_JITTER = 0.05  # times x · (1 − x): at most ±0.0125
LOUDNESS_JITTER = 0.2  # dB
TEMPO_JITTER = 0.05  # beats per minute


def jittered(donors: pd.DataFrame, uniforms: NDArray[np.float64]) -> pd.DataFrame:
    """Return the twelve features of ``donors``, each number jittered by a uniform.

    ``uniforms`` has a row of numbers in (0, 1) for each donor; the first one of a row chose the
    donor, the next twelve move its features. On the unit interval the step is at most
    ``UNIT_INTERVAL_JITTER`` · x · (1 − x), so a value never leaves the interval and an exact 0 or 1
    stays. Key, mode and time signature stay too.
    """
    made = {}
    for position, name in enumerate(FEATURE_NAMES, start=1):
        values = donors[name].to_numpy()
        if name in CONTINUOUS_FEATURES:
            steps = {"loudness": LOUDNESS_JITTER, "tempo": TEMPO_JITTER}
            step = steps.get(name, UNIT_INTERVAL_JITTER * values * (1.0 - values))
            moved = values + (2.0 * uniforms[:, position] - 1.0) * step
            values = np.clip(moved, *FEATURE_RANGES[name])
        made[name] = values
    return pd.DataFrame(made, index=donors.index)
