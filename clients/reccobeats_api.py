"""Audio features from ReccoBeats, which measures what Spotify no longer provides."""

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from clients.errors import ApiError
from clients.http import Json, JsonSession
from config.clock import utc_now
from schemas.feature_providers import RECCOBEATS

MAX_IDS = RECCOBEATS.tracks_a_call
"""The most tracks that may be asked for in one call."""


class ReccoBeatsApi:
    """ReccoBeats at ``base_url``; free and without a key. ``now`` returns the time in UTC."""

    def __init__(self, base_url: str, now: Callable[[], datetime] = utc_now) -> None:
        self._address = base_url.rstrip("/") + "/v1/audio-features"
        self._session = JsonSession("ReccoBeats", now)

    def audio_features(self, track_ids: Sequence[str]) -> dict[str, Json]:
        """Return the features of at most ``MAX_IDS`` tracks, by Spotify id; unknown ones left out.

        Raises ValueError for more tracks, RateLimitedError where ReccoBeats asks to wait for
        longer than a step should, ApiError for every other failure.
        """
        if len(track_ids) > MAX_IDS:
            raise ValueError(f"{len(track_ids)} tracks asked for at once; {MAX_IDS} is the most")
        if not track_ids:
            return {}
        answer = self._session.get(self._address, params={"ids": ",".join(track_ids)}).json()
        content = answer.get("content")
        if not isinstance(content, list):
            raise ApiError("ReccoBeats returned an answer without content")
        # Unknown tracks are left out of the answer, so positions mean nothing.
        found = {_spotify_id(each): each for each in content if isinstance(each, dict)}
        return {track_id: found[track_id] for track_id in track_ids if track_id in found}


def _spotify_id(features: Json) -> str:
    href = features.get("href")
    return urlsplit(href).path.rpartition("/")[2] if isinstance(href, str) else ""
