"""The mood model of the lake: one row per cluster, the same for everybody.

It is fitted only where the sample differs from the one that the present model was fitted on.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from engines.models import PythonModel
from schemas.common_columns import CONTINUOUS_FEATURES
from schemas.gold_schemas import MOOD_CLUSTER_PROFILES
from silver.names.exact_numbers import DECIMALS

if TYPE_CHECKING:
    import pandas as pd

    from gold.mood.k_means import Floats
    from gold.mood.mood_fit import MoodModel
    from gold.mood.mood_names import PreviousClusters

NO_MODEL = -1
"""The ``cluster_id`` of the only row where there are too few tracks for a model."""

FIT_VERSION = 2
"""To be raised when a change of the code changes the model of the same sample."""

_PERSONAL = frozenset(
    {
        *("user_id", "tracks", "plays", "share_of_plays", "status", "reason"),
        *("measured_share", "catalogue_share", "synthetic_share"),
    }
)
MODEL_COLUMNS = tuple(each for each in MOOD_CLUSTER_PROFILES.given if each.name not in _PERSONAL)
"""The columns of ``gold.mood_cluster_profiles`` that are the same for all people."""


def mood_model(
    sample: "pd.DataFrame", month: "pd.DataFrame", standing: "pd.DataFrame"
) -> "pd.DataFrame":
    """Return the model of the sample: ``MODEL_COLUMNS``, one row per cluster.

    ``sample``: ``fitted_sample``; ``month``: ``newest_month``; ``standing``:
    ``standing_mood_model``, which is returned, but for ``fitted_before``, where it was fitted on
    the same sample. Else it lends the clusters their identities. With too few tracks there is one
    row, of cluster -1.
    """
    import numpy as np
    import pandas as pd

    in_order = sample.sort_values("track_key")[list(CONTINUOUS_FEATURES)]
    features = in_order.to_numpy(dtype=np.float64)
    fingerprint = fingerprint_of(features)
    before = month["fitted_before"].iloc[0]
    of_run = {
        "fitted_before": before if isinstance(before, str) else None,
        "sample_fingerprint": fingerprint,
    }
    if len(standing) and (standing["sample_fingerprint"] == fingerprint).all():
        return standing.assign(**of_run)
    # scikit-learn takes a second to import, and most runs fit no model.
    from gold.mood.mood_fit import fit_mood_model

    model = fit_mood_model(features, _previous_clusters(standing))
    return pd.DataFrame(_rows(model)).assign(**of_run)


def fingerprint_of(features: "Floats") -> str:
    """Return a text that is the same for the same values in the same order of tracks only."""
    import numpy as np

    # One NaN for all, so that unknown tempos are equal; zero likewise has a sign.
    plain = np.where(np.isnan(features), np.nan, features + 0.0).astype("<f8")
    digest = hashlib.md5(f"{FIT_VERSION}|".encode(), usedforsecurity=False)
    digest.update(np.ascontiguousarray(plain).tobytes())
    return digest.hexdigest()


def _previous_clusters(standing: "pd.DataFrame") -> "PreviousClusters":
    import numpy as np

    from gold.mood.mood_names import NO_PREVIOUS, PreviousClusters

    if len(standing) == 0:
        return NO_PREVIOUS
    centred = standing[standing["cluster_id"] != NO_MODEL].sort_values("cluster_id")
    means = centred[[f"mean_{name}" for name in CONTINUOUS_FEATURES]]
    return PreviousClusters(
        cluster_ids=tuple(int(each) for each in centred["cluster_id"]),
        centres=means.to_numpy(dtype=np.float64),
        ids_used=int(standing["ids_used"].max()),
    )


def _rows(model: "MoodModel") -> list[dict[str, Any]]:
    of_model: dict[str, Any] = {
        "n_fitted": model.n_fitted,
        "ids_used": model.ids_used,
        "model_status": model.status,
        "model_reason": model.reason,
    }
    if model.scaler is None or model.scores is None:
        return [of_model | {"cluster_id": NO_MODEL}]
    of_model |= vars(model.scores) | {
        "feature_names": list(CONTINUOUS_FEATURES),
        "scaler_mean": model.scaler.mean.tolist(),
        "scaler_scale": model.scaler.scale.tolist(),
        "k": len(model.clusters),
    }
    rows = []
    for cluster in model.clusters:
        natural = model.scaler.natural_units(cluster.centroid).round(DECIMALS).tolist()
        means = zip(CONTINUOUS_FEATURES, natural, strict=True)
        of_cluster = {
            "cluster_id": cluster.cluster_id,
            "label": cluster.label,
            "label_purity": cluster.label_purity,
            "centroid": cluster.centroid.tolist(),
        }
        rows.append(of_model | of_cluster | {f"mean_{name}": value for name, value in means})
    return rows


MODEL = PythonModel(
    name="mood_model",
    function=mood_model,
    reads=("fitted_sample", "newest_month", "standing_mood_model"),
    columns=MODEL_COLUMNS,
    per="once",
)
