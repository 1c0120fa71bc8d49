"""Planted clusters, and rows of ``silver.tracks`` for the tests of the mood clusters."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gold.mood import mood_fit
from schemas.common_columns import CONTINUOUS_FEATURES

Floats = NDArray[np.float64]

# Mean and spread of a catalogue's features, roughly; blobs are planted in these units.
_MIDDLE = np.array([0.55, 0.5, -10.0, 0.3, 0.5, 0.5, 0.4, 0.5, 120.0])
_SPREAD = np.array([0.12, 0.16, 3.0, 0.08, 0.15, 0.15, 0.1, 0.16, 20.0])
_CENTRES = np.array(
    [
        [1, 2, 1, -1, -1, -1, 0, 2, 1],
        [-1, 2, 2, 1, -1, 1, 1, -2, 1],
        [-1, -2, -2, -1, 2, 1, -1, -2, -1],
        [1, -2, -1, 1, 2, -1, 1, 2, -1],
        [2, 0.5, -1, 2, 0, 2, -2, 0, 2],
    ]
)
_WHEN = datetime(2024, 1, 1, tzinfo=UTC)


def blobs(k: int, per_blob: int, seed: int = 1) -> tuple[Floats, NDArray[np.int64]]:
    """Return tracks of k planted kinds of sound in natural units, and which kind each is."""
    random = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(k), per_blob)
    z_scores = _CENTRES[kinds] + 0.35 * random.standard_normal((len(kinds), 9))
    features = _MIDDLE + z_scores * _SPREAD
    unit = [each for each in range(9) if CONTINUOUS_FEATURES[each] not in ("loudness", "tempo")]
    features[:, unit] = features[:, unit].clip(0, 1)
    return features, kinds


def fit_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search with fewer starts and resamples, which planted clusters and plain noise need not."""
    fewer = {"STARTS": 3, "BOOTSTRAPS": 2, "BOOTSTRAP_STARTS": 1, "STABILITY_SHUFFLES": 1}
    for name, number in fewer.items():
        monkeypatch.setattr(mood_fit, name, number)


def track_rows(
    features: Floats,
    source: str | None = "real",
    user: str = "me",
    prefix: str = "t",
    plays: int = 1,
) -> list[dict[str, Any]]:
    """Return a row of silver.tracks for each row of features; NaN becomes null."""
    return [
        {
            "user_id": user,
            "track_key": f"{prefix}{number:05d}",
            "feature_source": source,
            "plays": plays,
            "counted_plays": plays,
            "first_played_at": _WHEN,
            "last_played_at": _WHEN,
        }
        | {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(CONTINUOUS_FEATURES, values, strict=True)
        }
        for number, values in enumerate(features)
    ]
