"""What a mood cluster is called: an id that lasts from fit to fit, and a label by its sound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gold.mood.k_means import Floats
from schemas.common_columns import CONTINUOUS_FEATURES, QUADRANT_CUT
from silver.names.exact_numbers import DECIMALS

# Between two fits of resampled real tracks a centre moves by a few tenths of a standard deviation;
# centres of one fit stand two and more apart.
MATCH_DISTANCE = 1.0

_VALENCE = CONTINUOUS_FEATURES.index("valence")
_ENERGY = CONTINUOUS_FEATURES.index("energy")
_QUALIFIERS: dict[str, tuple[str, str]] = {
    "danceability": ("less danceable", "danceable"),
    "loudness": ("quiet", "loud"),
    "speechiness": ("few words", "spoken words"),
    "acousticness": ("not acoustic", "acoustic"),
    "instrumentalness": ("with vocals", "instrumental"),
    "liveness": ("studio", "live"),
    "tempo": ("slow", "fast"),
}


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each feature, in its own unit."""

    mean: Floats
    scale: Floats

    @classmethod
    def of(cls, features: Floats) -> "Scaler":
        """Learn from tracks × features, unknown values (NaN) left out; a constant keeps scale 1."""
        scale = np.nanstd(features, axis=0).round(DECIMALS)
        return cls(np.nanmean(features, axis=0).round(DECIMALS), np.where(scale == 0, 1.0, scale))

    def z_scores(self, features: Floats) -> Floats:
        """Scale; an unknown value stands at the mean, where it draws to no centre."""
        return np.nan_to_num((features - self.mean) / self.scale, nan=0.0)

    def natural_units(self, z_scores: Floats) -> Floats:
        """Undo the scaling."""
        return z_scores * self.scale + self.mean


@dataclass(frozen=True)
class PreviousClusters:
    """The centres of the run before, in natural units, and how many ids were ever used."""

    cluster_ids: tuple[int, ...]
    centres: Floats
    ids_used: int


NO_PREVIOUS = PreviousClusters((), np.empty((0, len(CONTINUOUS_FEATURES))), 0)


def lasting_ids(
    centres: Floats, scaler: Scaler, previous: PreviousClusters
) -> tuple[list[int], int]:
    """Return each centre the id of the old centre it goes on from, else an id never used before.

    Pairs are matched so that their distances add up to the least (Kuhn 1955), in z-scores of the
    new scaler; a pair further apart than ``MATCH_DISTANCE`` is no match. New ids follow the
    order of energy, then valence. Also returns how many ids were ever used.
    """
    kept: dict[int, int] = {}
    if previous.cluster_ids:
        # A third of a second to import, and the first model of a lake continues none.
        from scipy.optimize import linear_sum_assignment

        before = scaler.z_scores(previous.centres)
        distances = np.linalg.norm(centres[:, None] - before, axis=2)
        # Capped, so that a pair that cannot match does not bend the matching of the others.
        rows, columns = linear_sum_assignment(np.minimum(distances, MATCH_DISTANCE))
        kept = {
            int(row): previous.cluster_ids[column]
            for row, column in zip(rows, columns, strict=True)
            if distances[row, column] < MATCH_DISTANCE
        }
    ids_used = previous.ids_used
    for row in np.lexsort((centres[:, _VALENCE], centres[:, _ENERGY])):
        if int(row) not in kept:
            kept[int(row)] = ids_used
            ids_used += 1
    return [kept[row] for row in range(len(centres))], ids_used


def _quadrant(features: Floats) -> NDArray[np.bool_]:
    """Return bright and energetic as two truth values a row."""
    return features[..., [_VALENCE, _ENERGY]] >= QUADRANT_CUT


def labels_of(natural: Floats, centres: Floats, cluster_ids: Sequence[int]) -> list[str]:
    """Name each centre by its valence-energy quadrant.

    Clusters that share a quadrant are distinguished by the feature in which the centre is furthest
    from the mean, or the next one where a cluster before it has that name already.
    """
    plain = [
        f"{'bright' if bright else 'dark'} and {'energetic' if energetic else 'calm'}"
        for bright, energetic in _quadrant(natural)
    ]
    given: dict[int, str] = {}
    for row in np.argsort(cluster_ids):
        names = [plain[row]]
        if plain.count(plain[row]) > 1:
            furthest = sorted(
                (-abs(z_score), name, int(z_score > 0))
                for name, z_score in zip(CONTINUOUS_FEATURES, centres[row], strict=True)
                if name in _QUALIFIERS
            )
            names = [f"{plain[row]}, {_QUALIFIERS[name][high]}" for _, name, high in furthest]
        given[int(row)] = next(name for name in names if name not in given.values())
    return [given[row] for row in range(len(centres))]


def purity(members: Floats, scaler: Scaler, centre: Floats) -> float:
    """Return the share of a cluster's tracks that lie in the quadrant of its centre."""
    same = _quadrant(members) == _quadrant(scaler.natural_units(centre))
    return round(float(same.all(axis=1).mean()), DECIMALS)
