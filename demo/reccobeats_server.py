"""ReccoBeats: audio features for Spotify's ids, where it knows the track."""

import hashlib
import uuid

from flask import Blueprint, Response, jsonify, request

from demo.music import FEATURES, Track
from demo.spotify_account import Account
from demo.spotify_answers import Json

MAX_IDS = 40

_FEATURES = tuple(name for name in FEATURES if name != "time_signature")


class ReccoBeats:
    """The one route that is used; its limits show as faults that a test orders.

    ``account``: whose tracks it knows some of.

    ``known_share``: the share of tracks that it knows, 0 to 1; which they are follows from the id.
    """

    def __init__(self, account: Account) -> None:
        self.known_share = 0.6
        self._account = account

    def knows(self, track_id: str) -> bool:
        """Return whether it has the features of a track, named as the Web API names it."""
        track = self._account.track_by_api_id(track_id)
        place = hashlib.sha256(track_id.encode()).digest()[0] / 256
        return track is not None and bool(track.features) and place < self.known_share

    def blueprint(self) -> Blueprint:
        """``/reccobeats/v1/audio-features``."""
        routes = Blueprint("reccobeats", __name__, url_prefix="/reccobeats/v1")
        routes.get("/audio-features")(self._audio_features)
        return routes

    def _audio_features(self) -> Json | tuple[Response, int]:
        sent = ",".join(request.args.getlist("ids"))
        ids = list(dict.fromkeys(each for each in sent.split(",") if each))
        if not 1 <= len(ids) <= MAX_IDS:
            return jsonify({"status": 400, "error": f"ids must be 1 to {MAX_IDS}"}), 400
        tracks = [self._account.track_by_api_id(each) for each in ids if self.knows(each)]
        content = [_as_json(track) for track in tracks if track is not None]
        # In no order that a caller could rely on.
        return {"content": sorted(content, key=lambda each: str(each["id"]))}


def _as_json(track: Track) -> Json:
    href = f"https://open.spotify.com/track/{track.track_id}"
    answer = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, href)), "href": href, "isrc": track.isrc}
    return answer | {name: track.features[name] for name in _FEATURES}
