"""Rows of the tables that features come from, each a plain one unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any

SOUND: dict[str, Any] = {
    "danceability": 0.5,
    "energy": 0.8,
    "key": 7,
    "loudness": -6.0,
    "mode": 1,
    "speechiness": 0.04,
    "acousticness": 0.002,
    "instrumentalness": 0.0,
    "liveness": 0.11,
    "valence": 0.3,
    "tempo": 128.0,
    "time_signature": 4,
}


def catalogue_row(track_id: str, **others: Any) -> dict[str, Any]:
    """Return a row of ``bronze.kaggle_tracks_bronze``."""
    named = {"artists": "Somebody", "track_name": f"title of {track_id}", "track_genre": "rock"}
    return {"track_id": track_id, **named, **SOUND, **others}


def measured_row(track_id: str, **others: Any) -> dict[str, Any]:
    """Return a row of ``bronze.my_tracks_features_bronze``."""
    asked = {"source": "reccobeats", "fetched_at": datetime(2024, 1, 1, tzinfo=UTC)}
    return {"track_id": track_id, **asked, **SOUND, **others}


def synthetic_row(track_key: str, **others: Any) -> dict[str, Any]:
    """Return a row of ``bronze.my_tracks_features_bronze_synthetic``."""
    made = {"source": "synthetic", "method": "hot_deck", "donor_level": "artist"}
    return {"track_key": track_key, **made, **SOUND, **others}


def name_row(track_key: str, *track_ids: str, **others: Any) -> dict[str, Any]:
    """Return a row of ``silver.track_names``, by default of the name that is the track's key."""
    return {"name_key": track_key, "track_key": track_key, "track_ids": [*track_ids], **others}
