"""Steps of the tables of audio features, as far as they are more than their models."""

from config.settings import Settings, SettingsError
from engines.models import Parameters
from incremental.affected import (
    names_of_tracks,
    tracks_to_fill_again,
)
from incremental.step import Step
from schemas.bronze_schemas import SYNTHETIC_FEATURES


def wants_synthetic(settings: Settings) -> bool:
    """Return whether synthetic features are allowed and wanted."""
    return settings.allow_synthetic and "synthetic" in settings.feature_preference


def source_ranks(settings: Settings) -> Parameters:
    """Return the place of each source of features in the person's preference.

    Null where it is not wanted.
    """
    preferred = [
        each
        for each in settings.feature_preference
        if each != "synthetic" or settings.allow_synthetic
    ]
    return {
        f"{source}_rank": preferred.index(source) if source in preferred else None
        for source in ("real", "synthetic", "kaggle")
    }


def synthetic_parameters(settings: Settings) -> Parameters:
    """Return the parameters that generate synthetic features for tracks without others.

    Once requested for every track (``every_track``), they stay so: see ``Step.sticky``.
    """
    return {**source_ranks(settings), "synthetic_rank": None, "every_track": False}


STEPS = (
    Step(
        SYNTHETIC_FEATURES,
        parameters=synthetic_parameters,
        find_part=tracks_to_fill_again,
        narrow=names_of_tracks,
        wanted=wants_synthetic,
        sticky=("every_track",),
    ),
)


def synthetic_step(settings: Settings) -> Step:
    """Return the step that generates synthetic features.

    Raises SettingsError where the settings switch them off.
    """
    step = next(each for each in STEPS if each.table is SYNTHETIC_FEATURES)
    if not step.wanted(settings):
        raise SettingsError(
            "synthetic features are switched off: set ALLOW_SYNTHETIC=true and name "
            "'synthetic' in FEATURE_PREFERENCE"
        )
    return step
