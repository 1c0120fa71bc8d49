"""The declared providers of audio features as a relation: a row a provider."""

from engines.models import rows_as_model
from schemas.feature_providers import FEATURE_PROVIDERS

MODEL = rows_as_model(
    "feature_providers",
    [
        {
            "feature_provider": each.name,
            "feature_source": each.feature_source,
            "is_catalogue": each.tracks_a_run == 0,
        }
        for each in FEATURE_PROVIDERS
    ],
)
