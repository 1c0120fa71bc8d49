"""The providers of audio features, each declared once.

To add one that is asked over the network: its ``FeatureProvider`` here, a client, a line in
``ingestion.audio_features`` that asks it, its value of the setting ``ENRICH``, and their tests.
Models join ``feature_providers``, a relation with a row for each provider.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FeatureProvider:
    """A provider of measured features, and how much of it may be asked.

    ``feature_source`` is the source in ``FEATURE_PREFERENCE`` that it belongs to. ``tracks_a_run``
    are the tracks that one run asks it for, by their Spotify ids, ``tracks_a_call`` those of one
    call; 0: it is a file, imported by ``ingestion.catalogue``. ``blocked_until`` is the field of
    ``ApiState`` that says until when it limits our rate.
    """

    name: str
    title: str
    feature_source: Literal["real", "kaggle"]
    in_words: str
    tracks_a_run: int = 0
    tracks_a_call: int = 0
    blocked_until: str = ""

    def is_wanted(self, enrich: str) -> bool:
        """Return whether the setting ``ENRICH`` wants it asked."""
        return self.tracks_a_run > 0 and enrich in (self.name, "all")


SPOTIFY = FeatureProvider(
    "spotify",
    "Spotify",
    "real",
    "measured (Spotify)",
    tracks_a_run=100,
    tracks_a_call=1,
    blocked_until="blocked_until",
)
RECCOBEATS = FeatureProvider(
    "reccobeats",
    "ReccoBeats",
    "real",
    "measured (ReccoBeats)",
    tracks_a_run=800,
    tracks_a_call=40,
    blocked_until="reccobeats_blocked_until",
)
KAGGLE = FeatureProvider("kaggle", "the Kaggle catalogue", "kaggle", "catalogue")
FEATURE_PROVIDERS = (SPOTIFY, RECCOBEATS, KAGGLE)
