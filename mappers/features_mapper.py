"""An answer of Spotify or ReccoBeats on a track → a row of ``bronze.my_tracks_features_bronze``."""

from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite
from typing import Any

from mappers.values import storable_text
from schemas.common_columns import AUDIO_FEATURES, FEATURE_NAMES, FEATURE_RANGES
from schemas.types import INTEGER

Json = dict[str, Any]

_RANGES: dict[str, tuple[float, float]] = {
    **FEATURE_RANGES,
    # -1 is a key that is unknown; no measured loudness or tempo is too much.
    "key": (-1, 11),
    "loudness": (-inf, inf),
    # Both providers return an unknown tempo as 0, and Spotify an unknown metre as 0 or 1.
    "tempo": (1, inf),
}
_WHOLE_NUMBERS = {each.name for each in AUDIO_FEATURES if each.data_type == INTEGER}
_LARGEST = 1e6
"""More than any loudness or tempo."""
_NEEDED = ("valence", "energy")


@dataclass(frozen=True)
class KnownTrack:
    """A track as named in the history; ``artist_name`` is the album's artist where known."""

    track_id: str
    track_name: str | None = None
    artist_name: str | None = None
    duration_ms: int | None = None


def features_row(
    track: KnownTrack, provider: str, answer: Json | None, fetched_at: datetime
) -> Json:
    """Return the row of one track that ``provider`` was asked for at ``fetched_at`` (UTC).

    ``answer``: the features as the provider names them; None where it does not know the track. An
    answer without valence or energy counts as unknown too: no later step uses such a track. A
    value that is not numeric or out of range is null, as is one that the provider never returns,
    such as the time signature from ReccoBeats.
    """
    values = {name: _value(name, (answer or {}).get(name)) for name in FEATURE_NAMES}
    is_known = all(values[name] is not None for name in _NEEDED)
    return {
        "track_id": track.track_id,
        "track_name": track.track_name,
        "artist_name": track.artist_name,
        "duration_ms": track.duration_ms,
        "isrc": storable_text(answer.get("isrc")) if is_known and answer else None,
        **(values if is_known else dict.fromkeys(FEATURE_NAMES)),
        "source": provider,
        "status": "ok" if is_known else "not_known",
        "fetched_at": fetched_at,
    }


def _value(name: str, value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    least, most = _RANGES[name]
    # Compared first: a whole number of hundreds of digits is no float.
    if not (least <= value <= most and abs(value) <= _LARGEST and isfinite(value)):
        return None
    if name not in _WHOLE_NUMBERS:
        return float(value)
    return int(value) if value == int(value) else None
