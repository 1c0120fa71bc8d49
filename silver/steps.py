"""Steps of silver tables that need more than their models."""

from config.settings import Settings
from engines.models import Parameters
from features.steps import source_ranks, wants_synthetic
from incremental.affected import (
    complete_days_of_anybody,
    listeners_of_changed_artists,
    listeners_of_measured_tracks,
    listeners_of_renamed_tracks,
    listeners_of_synthetic_tracks,
    people_of_changed_rows,
    people_with_new_records,
)
from incremental.bounded_models import (
    names_of_new_records,
    names_of_people,
)
from incremental.step import Step
from ingestion.rejected_records import keep_impossible_plays
from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.bronze_schemas import (
    LISTENING_HISTORY,
    MY_TRACKS_FEATURES,
    SYNTHETIC_FEATURES,
)
from schemas.genre_schemas import ARTIST_GENRES
from schemas.ops_schemas import IMPORTED_FILES, PLAY_GAPS
from schemas.silver_schemas import (
    FEATURE_DONORS,
    LISTENING_COVERAGE,
    LISTENING_WITH_FEATURES,
    TRACK_NAMES,
)
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.unified_schemas import UNIFIED_TRACKS


def listening_parameters(settings: Settings) -> Parameters:
    return {"timezone": settings.timezone, **source_ranks(settings)}


def coverage_parameters(settings: Settings) -> Parameters:
    return {"timezone": settings.timezone}


FOLLOW_GENRES = {ARTIST_GENRES: listeners_of_changed_artists}

STEPS = (
    Step(FEATURE_DONORS, wanted=wants_synthetic),
    Step(TRACK_NAMES, narrow=names_of_new_records),
    Step(
        LISTENING_WITH_FEATURES,
        parameters=listening_parameters,
        follow={
            LISTENING_HISTORY: people_with_new_records,
            TRACK_NAMES: listeners_of_renamed_tracks,
            MY_TRACKS_FEATURES: listeners_of_measured_tracks,
            SYNTHETIC_FEATURES: listeners_of_synthetic_tracks,
        },
        narrow=names_of_people,
        keep_left_out=keep_impossible_plays,
    ),
    Step(
        LISTENING_COVERAGE,
        parameters=coverage_parameters,
        follow={
            LISTENING_HISTORY: people_with_new_records,
            IMPORTED_FILES: people_of_changed_rows,
            PLAY_GAPS: people_of_changed_rows,
        },
        may_be_empty=True,
    ),
    Step(ARTIST_GENRES, find_part=complete_days_of_anybody),
    Step(ARTIST_SUMMARY, follow=FOLLOW_GENRES),
    # Who removed their library and never played anything has no row.
    Step(UNIFIED_TRACKS, may_be_empty=True),
    # Checks without an answer say nothing.
    Step(TRACK_AVAILABILITY, may_be_empty=True),
)
