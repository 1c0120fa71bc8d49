"""Ways from the sound of the last days to a calmer, brighter or more focused one, in steps.

NumPy only. A prediction of the sound that is played, never of how somebody will feel.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold.recommendations.ranking_metrics import Codes, Floats

STEPS = 20
MIN_TRACKS = 50
SOUND = ("valence", "energy", "speechiness", "instrumentalness")
"""The features that a way may lead through, each 0-1."""
# Smaller differences are hardly audible: within the error of the features themselves.
_ALREADY_THERE = 0.05


@dataclass(frozen=True)
class Target:
    """Where a way leads: ``at_least`` and ``at_most`` bound features, others stay as they are.

    ``words`` name the sound in a sentence.
    """

    words: str
    at_least: Mapping[str, float]
    at_most: Mapping[str, float]

    def place(self, current: Floats) -> Floats:
        """Return the target from the current sound: a feature already beyond its bound stays."""
        place = current.copy()
        for name, bound in self.at_least.items():
            place[SOUND.index(name)] = max(bound, place[SOUND.index(name)])
        for name, bound in self.at_most.items():
            place[SOUND.index(name)] = min(bound, place[SOUND.index(name)])
        return place

    @property
    def features(self) -> list[int]:
        """The places in ``SOUND`` that tracks are compared by; valence and energy are always."""
        named = {"valence", "energy", *self.at_least, *self.at_most}
        return [place for place, name in enumerate(SOUND) if name in named]


TARGETS: Mapping[str, Target] = {
    "calm": Target("a calmer sound", {}, {"energy": 0.25}),
    "lift": Target("a brighter sound", {"valence": 0.8, "energy": 0.7}, {}),
    "focus": Target(
        "a sound with few words", {"instrumentalness": 0.8}, {"energy": 0.45, "speechiness": 0.05}
    ),
}


def is_there(target: Target, current: Floats) -> bool:
    """Return whether the current sound is the target's already."""
    return float(np.linalg.norm(target.place(current) - current)) < _ALREADY_THERE


def steps(target: Target, current: Floats, sounds: Floats) -> tuple[Codes, Floats]:
    """Choose a track for each of 20 equal steps on the straight way to the target.

    ``current``: the features of ``SOUND`` where the way begins; ``sounds``: tracks × ``SOUND``.
    Each step takes the track nearest to it that no step before has taken; of two equally near ones
    the lower row. The last step is the target itself. Returns the rows in the order of the steps
    and each one's nearness: 1 less the distance to its step.

    Raises ValueError with fewer tracks than steps.
    """
    if len(sounds) < STEPS:
        raise ValueError(f"{len(sounds)} tracks for {STEPS} steps")
    used = target.features
    way = np.linspace(current, target.place(current), STEPS + 1)[1:, used]
    is_free: NDArray[np.bool_] = np.ones(len(sounds), dtype=np.bool_)
    rows, nearness = [], []
    for step in way:
        distances = np.linalg.norm(sounds[:, used] - step, axis=1).round(9)
        row = int(np.where(is_free, distances, np.inf).argmin())
        is_free[row] = False
        rows.append(row)
        nearness.append(1 - float(distances[row]))
    return np.array(rows, dtype=np.int64), np.array(nearness)
