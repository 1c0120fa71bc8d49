"""Rows of the history to vary, and the plays that are computed from them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.common_columns import FEATURE_NAMES
from schemas.decision_schemas import CORRECTIONS, EXCLUSIONS
from schemas.play_sources import PLAY_SOURCES, PlaySource
from schemas.silver_schemas import TRACK_NAMES
from tests.models import compute

Row = dict[str, Any]
NOON = datetime(2024, 3, 1, 12, 0, 0, tzinfo=UTC)


def after_noon(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def record(**values: Any) -> Row:
    """Return a row of ``bronze.listening_history_bronze``: of ``Song``, heard at noon UTC."""
    row = {
        "user_id": "me",
        "source": "extended",
        "media_type": "track",
        "played_at": NOON,
        "track_name": "Song",
        "album_artist_name": "Artist",
        "artist_name": "Artist",
    }
    row |= values
    row.setdefault("played_month", f"{row['played_at']:%Y-%m}")
    return row


def numbered(records: Iterable[Row]) -> list[Row]:
    """Return records with a ``record_id`` each that follows their order, ``r000``, unless set."""
    return [{"record_id": f"r{number:03}"} | each for number, each in enumerate(records)]


def features_of(track_key: str, **values: Any) -> Row:
    """Return a row of the model ``track_features``; what is not given is null."""
    names = (*FEATURE_NAMES, "feature_source", "feature_provider", "feature_match")
    nothing = dict.fromkeys((*names, "feature_donor_level", "genre", "duration_ms"))
    return {"track_key": track_key, **nothing, **values}


def listening(
    *records: Row,
    timezone: str = "UTC",
    features: Iterable[Row] = (),
    sources: Iterable[PlaySource] = PLAY_SOURCES,
    exclusions: Iterable[Row] = (),
    corrections: Iterable[Row] = (),
) -> list[dict[str, Any]]:
    """Return the rows of ``silver.listening_with_features`` of a history, in the order of time."""
    history = {LISTENING_HISTORY.full_name: numbered(records)}
    names = compute("track_names", history)
    # One row at least says which columns the model has.
    known = [*features, features_of("a track that nobody played")]
    rows = compute(
        "listening_with_features",
        {
            **history,
            TRACK_NAMES.full_name: names,
            EXCLUSIONS.full_name: exclusions,
            CORRECTIONS.full_name: corrections,
            "track_features": known,
            "play_sources": [each.row for each in sources],
        },
        timezone=timezone,
        real_rank=0,
        synthetic_rank=1,
        kaggle_rank=2,
    )
    return sorted(rows, key=lambda row: (row["user_id"], row["played_at"], row["play_id"]))
