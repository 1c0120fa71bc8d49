"""Features without a catalogue: a Gaussian copula whose every draw is a hash of the track's id.

Standard normals by Box and Muller from hash uniforms, correlated by a Cholesky factor, each mapped
to its feature's own distribution. The marginals are kept as quantiles at Φ(z) over evenly spaced
z, so that a normal score is looked up directly, linear between two knots: no normal CDF and no
search is needed.

The constants are aggregates of a public catalogue of 17,751 tracks, as
``python bench/synthetic_quality.py PATH/dataset.csv --constants`` prints them. The latent
correlations are the Pearson correlations of the features themselves, which brings the generated
correlations closer to the real ones (mean |Δr| .03) than normal scores do (.05), as most
distributions here are far from normal. Key, mode and time signature are independent of the rest.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES

Numbers = NDArray[np.float64]

Z_KNOTS = tuple(round(-3.2 + 0.2 * position, 1) for position in range(33))
# fmt: off
# Quantiles at the normal CDF of each of Z_KNOTS; loudness in dB, tempo in beats per minute.
MARGINALS: dict[str, tuple[float, ...]] = {
    "danceability": (
        0.0631, 0.0667, 0.0796, 0.0929, 0.118, 0.149, 0.176, 0.218, 0.256, 0.295, 0.342, 0.385,
        0.429, 0.469, 0.506, 0.542, 0.578, 0.614, 0.648, 0.683, 0.712, 0.743, 0.772, 0.798, 0.82,
        0.844, 0.868, 0.891, 0.909, 0.927, 0.941, 0.956, 0.962,
    ),
    "energy": (
        0.00252, 0.00352, 0.00679, 0.0118, 0.0259, 0.0463, 0.0758, 0.114, 0.163, 0.217, 0.286,
        0.349, 0.418, 0.487, 0.552, 0.616, 0.678, 0.733, 0.791, 0.837, 0.876, 0.91, 0.935, 0.952,
        0.967, 0.978, 0.986, 0.991, 0.994, 0.996, 0.997, 0.998, 0.999,
    ),
    "loudness": (
        -38, -36.1, -33, -31.1, -29, -26.4, -23, -20.1, -17.6, -15.5, -13.7, -12.3, -11, -9.86,
        -8.82, -7.95, -7.13, -6.44, -5.83, -5.28, -4.79, -4.32, -3.89, -3.5, -3.11, -2.74, -2.36,
        -1.94, -1.56, -1.24, -0.902, -0.574, -0.184,
    ),
    "speechiness": (
        0.0236, 0.024, 0.0243, 0.0249, 0.0255, 0.026, 0.0268, 0.0276, 0.0285, 0.0296, 0.0309,
        0.0325, 0.0344, 0.0369, 0.0399, 0.0439, 0.0488, 0.0555, 0.0651, 0.0787, 0.0982, 0.126,
        0.165, 0.217, 0.27, 0.325, 0.386, 0.467, 0.747, 0.92, 0.941, 0.948, 0.953,
    ),
    "acousticness": (
        1.08e-06, 1.31e-06, 1.74e-06, 2.98e-06, 4.97e-06, 9.44e-06, 2.12e-05, 5.57e-05, 0.000151,
        0.000441, 0.00126, 0.00356, 0.00955, 0.024, 0.0548, 0.107, 0.189, 0.303, 0.436, 0.573,
        0.687, 0.779, 0.849, 0.903, 0.944, 0.97, 0.983, 0.99, 0.993, 0.994, 0.995, 0.995, 0.996,
    ),
    "instrumentalness": (
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.36e-06, 8.09e-06, 5.7e-05, 0.000446, 0.0036,
        0.0362, 0.25, 0.65, 0.82, 0.877, 0.904, 0.923, 0.938, 0.948, 0.958, 0.966, 0.976, 0.983,
        0.988,
    ),
    "liveness": (
        0.0218, 0.024, 0.0282, 0.0335, 0.0383, 0.0433, 0.0491, 0.0554, 0.0618, 0.069, 0.0767,
        0.0846, 0.0923, 0.1, 0.108, 0.116, 0.131, 0.156, 0.196, 0.25, 0.308, 0.35, 0.395, 0.516,
        0.664, 0.762, 0.87, 0.925, 0.953, 0.968, 0.978, 0.983, 0.988,
    ),
    "valence": (
        1e-05, 1e-05, 0.0121, 0.0277, 0.0337, 0.0366, 0.0387, 0.0499, 0.0709, 0.099, 0.14, 0.181,
        0.224, 0.28, 0.335, 0.394, 0.461, 0.527, 0.597, 0.662, 0.719, 0.776, 0.825, 0.869, 0.903,
        0.93, 0.953, 0.962, 0.965, 0.969, 0.973, 0.976, 0.979,
    ),
    "tempo": (
        49.3, 52.3, 58.7, 61.8, 64.9, 68, 72.2, 75, 78, 81.1, 86, 91.2, 95.6, 101, 108, 116, 122,
        127, 132, 138, 145, 152, 162, 170, 174, 178, 182, 188, 197, 200, 204, 207, 208,
    ),
}
# Lower triangle, rows and columns in the order of CONTINUOUS_FEATURES.
CHOLESKY: tuple[tuple[float, ...], ...] = (
    (1,),
    (0.134, 0.991),
    (0.255, 0.731, 0.633),
    (0.119, 0.129, -0.102, 0.979),
    (-0.174, -0.719, -0.018, 0.11, 0.664),
    (-0.182, -0.142, -0.431, -0.103, -0.065, 0.864),
    (-0.128, 0.209, -0.074, 0.211, 0.132, -0.089, 0.93),
    (0.488, 0.189, 0.033, -0.046, 0.175, -0.235, -0.003, 0.798),
    (-0.043, 0.242, 0.056, -0.022, -0.065, 0.018, -0.05, 0.062, 0.962),
)
# fmt: on
# Shares of the values; the last value takes what rounding leaves.
FREQUENCIES: dict[str, dict[int, float]] = {
    "key": dict(
        enumerate(
            (0.114, 0.095, 0.104, 0.033, 0.078, 0.082, 0.07, 0.118, 0.062, 0.099, 0.065, 0.081)
        )
    ),
    "mode": {0: 0.362, 1: 0.638},
    "time_signature": {3: 0.085, 4: 0.896, 5: 0.018},
}


def copula_features(uniforms: Numbers) -> pd.DataFrame:
    """Return the twelve features that follow from each row of ``uniforms``.

    A row has at least thirteen numbers in (0, 1): ten for the normals, one each for key, mode and
    time signature. Loudness in dB, tempo in beats per minute.
    """
    normals = _standard_normals(uniforms, len(CONTINUOUS_FEATURES))
    values: dict[str, NDArray[Any]] = {
        name: _quantiles(name, _dot(weights, normals))
        for name, weights in zip(CONTINUOUS_FEATURES, CHOLESKY, strict=True)
    }
    first_free = len(CONTINUOUS_FEATURES) + len(CONTINUOUS_FEATURES) % 2
    for position, (name, shares) in enumerate(FREQUENCIES.items(), start=first_free):
        values[name] = _categories(shares, uniforms[:, position])
    return pd.DataFrame({name: values[name] for name in FEATURE_NAMES})


def _standard_normals(uniforms: Numbers, count: int) -> list[Numbers]:
    """Return ``count`` independent standard normals (Box & Muller 1958), two from two uniforms."""
    normals: list[Numbers] = []
    for first in range(0, count, 2):
        radius = np.sqrt(-2.0 * np.log(uniforms[:, first]))
        angle = 2.0 * math.pi * uniforms[:, first + 1]
        normals += [radius * np.cos(angle), radius * np.sin(angle)]
    return normals[:count]


def _dot(weights: tuple[float, ...], normals: list[Numbers]) -> Numbers:
    # Term by term: a matrix product adds them in an order that depends on the machine.
    total = np.zeros_like(normals[0])
    for weight, normal in zip(weights, normals, strict=False):
        total = total + weight * normal
    return total


def _quantiles(name: str, scores: Numbers) -> Numbers:
    """Return the values of feature ``name`` at normal scores; beyond the knots the last knot's."""
    values: Numbers = np.interp(scores, Z_KNOTS, MARGINALS[name])
    return values


def _categories(shares: dict[int, float], uniforms: Numbers) -> NDArray[np.int64]:
    """Return the value whose share of the unit interval each of ``uniforms`` falls into."""
    *others, _ = shares.values()
    borders = [round(math.fsum(others[: count + 1]), 3) for count in range(len(others))]
    return np.array(list(shares))[np.searchsorted(borders, uniforms, side="right")]
