"""An answer of the Web API on a track → a row of ``bronze.track_availability_bronze``."""

from collections.abc import Iterable
from datetime import datetime

from mappers.api_items import id_of, object_of
from mappers.values import Json
from mappers.values import storable_text as text
from schemas.availability_schemas import ACCOUNT_MARKET, NOT_FOUND


def availability_row(
    track_id: str, track: Json, user_id: str, market: str, checked_at: datetime
) -> Json:
    """Return the row of one check at ``checked_at`` (UTC).

    ``track`` is what Spotify showed for ``track_id``; where that is another track, Spotify plays
    it in its place. A track that does not say whether it can be played is one of which that is
    not known.
    """
    playable = track.get("is_playable")
    shown = id_of(track)
    return {
        **_check(track_id, user_id, market, checked_at),
        "is_playable": playable if isinstance(playable, bool) else None,
        "reason": text(object_of(track.get("restrictions")).get("reason")),
        "other_track_id": None if shown == track_id else shown,
        "isrc": _isrc(track),
        "found_track_id": None,
        "searched_at": None,
    }


def not_found_row(track_id: str, user_id: str, market: str, checked_at: datetime) -> Json:
    """Return the row of a track that Spotify does not know any more."""
    row = availability_row(track_id, {"id": track_id}, user_id, market, checked_at)
    return {**row, "is_playable": False, "reason": NOT_FOUND}


def playable_id(found: Iterable[Json], isrc: str, besides: str) -> str | None:
    """Return the id of the first track found that is this recording and can be played."""
    playable = (each for each in found if each.get("is_playable") is True)
    ids = (id_of(each) for each in playable if (_isrc(each) or "").upper() == isrc.upper())
    return next((each for each in ids if each not in (None, besides)), None)


def _isrc(track: Json) -> str | None:
    return text(object_of(track.get("external_ids")).get("isrc"))


def _check(track_id: str, user_id: str, market: str, checked_at: datetime) -> Json:
    return {
        "user_id": user_id,
        "track_id": track_id,
        "market": market or ACCOUNT_MARKET,
        "first_checked_at": checked_at,
        "last_checked_at": checked_at,
    }
