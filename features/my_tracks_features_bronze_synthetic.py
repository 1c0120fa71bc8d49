"""Synthetic features for tracks without measured ones: plausible, repeatable, never evidence.

With a catalogue, a donor's whole row (``features.hot_deck``); without one, a Gaussian copula
(``features.copula``). Both draw from a hash of the track's id alone, so the same track gets the
same numbers on every machine, in any order of rows.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from engines.models import PythonModel
from schemas.bronze_schemas import SYNTHETIC_FEATURES
from schemas.common_columns import CONTINUOUS_FEATURES, FEATURE_NAMES, UNIT_INTERVAL_FEATURES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

GENERATOR_VERSION = "1"

_NEAR_A_TIE = 1e-6


def synthetic_features(tracks: "pd.DataFrame") -> "pd.DataFrame":
    """Return the twelve audio features of every track of ``tracks_with_donors``.

    The result has one row per track with the columns of
    ``bronze.my_tracks_features_bronze_synthetic``: loudness in dB, tempo in beats per minute,
    ``donor_track_id`` and ``donor_level`` null where ``method`` is ``copula``.
    """
    import numpy as np
    import pandas as pd

    from features.copula import copula_features
    from features.hot_deck import jittered

    parts = []
    for method, rows in tracks.groupby("method"):
        uniforms = np.array(rows["uniforms"].to_list())
        made = copula_features(uniforms) if method == "copula" else jittered(rows, uniforms)
        parts.append(rows.assign(**{name: made[name].to_numpy() for name in FEATURE_NAMES}))
    filled = pd.concat(parts) if parts else tracks
    for name in CONTINUOUS_FEATURES:
        filled[name] = as_spotify_writes(name, filled[name].to_numpy(dtype=float))
    return filled.assign(source="synthetic", generator_version=GENERATOR_VERSION)


def as_spotify_writes(name: str, values: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Round as Spotify does: three decimals, three significant digits below 0.1.

    Rounding also keeps a difference in the last bit of a machine's arithmetic out of the table.
    Four decimals throughout would not do: half of all instrumentalness lies below 0.0001.
    """
    import numpy as np

    if name not in UNIT_INTERVAL_FEATURES:
        return half_up(values, 3)
    few = range(3, 8)
    decimals = np.select([values >= 10.0 ** (2 - places) for places in few], few, default=8)
    rounded = np.empty_like(values)
    for places in (*few, 8):
        rounded[decimals == places] = half_up(values[decimals == places], places)
    return rounded


def half_up(values: "NDArray[np.float64]", places: int) -> "NDArray[np.float64]":
    """Round to decimal places the number that is written, halves away from zero: 1.005 to 1.01."""
    import numpy as np

    scaled = np.abs(values) * 10.0**places
    rounded = np.copysign(np.floor(scaled + 0.5) / 10.0**places, values)
    # The floating-point product does not show on which side of a half the written number is.
    for each in np.flatnonzero(np.abs(scaled % 1.0 - 0.5) < _NEAR_A_TIE):
        written = Decimal(repr(float(values[each])))
        rounded[each] = written.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded


MODEL = PythonModel(
    name=SYNTHETIC_FEATURES.name,
    function=synthetic_features,
    reads=("tracks_with_donors",),
    columns=SYNTHETIC_FEATURES.given,
    per="batch",
)
