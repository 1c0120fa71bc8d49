"""Columns that several tables share, so that a feature is described in one place only."""

from schemas.table import LEFT_OUT, PERSON_GROUP, PSEUDONYM, Column, column
from schemas.types import DOUBLE, INTEGER, STRING

PERSON_GROUPS = 64
PERSON_GROUP_COLUMN = column(
    PERSON_GROUP,
    INTEGER,
    f"0-{PERSON_GROUPS - 1}, a hash of user_id: the partition, so that one person's rows can be "
    "rewritten without everybody else's",
    in_export=LEFT_OUT,
)
USER_ID = column("user_id", STRING, "whose listening this is", nullable=False, in_export=PSEUDONYM)

AUDIO_FEATURES: tuple[Column, ...] = (
    column("danceability", DOUBLE, "0-1, how suitable the track is for dancing"),
    column("energy", DOUBLE, "0-1, perceived intensity and activity"),
    column("key", INTEGER, "pitch class 0 (C) to 11 (B); -1 or null where unknown"),
    column("loudness", DOUBLE, "mean loudness in dB, about -60 to 5"),
    column("mode", INTEGER, "1 major, 0 minor"),
    column("speechiness", DOUBLE, "0-1, share of spoken words"),
    column("acousticness", DOUBLE, "0-1, confidence that the track is acoustic"),
    column("instrumentalness", DOUBLE, "0-1, confidence that the track has no vocals"),
    column("liveness", DOUBLE, "0-1, confidence that an audience is present"),
    column("valence", DOUBLE, "0-1, musical positiveness; says nothing about a listener's mood"),
    column("tempo", DOUBLE, "beats per minute; null where unknown"),
    column("time_signature", INTEGER, "beats per bar, 3 to 7; null where unknown"),
)
FEATURE_NAMES: tuple[str, ...] = tuple(each.name for each in AUDIO_FEATURES)
CONTINUOUS_FEATURES: tuple[str, ...] = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
UNIT_INTERVAL_FEATURES: tuple[str, ...] = (
    "danceability",
    "energy",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
)
FEATURE_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(UNIT_INTERVAL_FEATURES, (0.0, 1.0)),
    "loudness": (-60.0, 5.0),  # dB
    "tempo": (1.0, 300.0),  # beats per minute; the catalogue writes 0 for unknown
    "key": (0, 11),
    "mode": (0, 1),
    "time_signature": (3, 7),  # beats per bar; the catalogue writes 0 for unknown
}
"""The ranges of a donor's features (``silver/catalogue_tracks.sql``), and so of the results."""

# Where bright music ends and dark begins, and energetic and calm. The middle of the scale speaks of
# the sound itself and means the same for two people or two months; a median would call the quieter
# half of a metal collection calm.
QUADRANT_CUT = 0.5
FEATURES_IN_RANGE: dict[str, str] = {
    f"{name}_in_range": f"{name} is null or {name} between 0 and 1"
    for name in UNIT_INTERVAL_FEATURES
}
