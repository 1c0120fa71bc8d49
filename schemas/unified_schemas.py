"""Silver: a person's library and listening as one table, which rules of playlists ask."""

from schemas.common_columns import (
    AUDIO_FEATURES,
    FEATURES_IN_RANGE,
    PERSON_GROUP_COLUMN,
    USER_ID,
)
from schemas.silver_schemas import (
    ARTIST_KEY,
    COUNTS,
    FEATURE_PROVENANCE,
    FEATURE_SOURCE_KNOWN,
    SEASONS,
    TRACK_KEY,
    WORK_KEY,
)
from schemas.table import KEPT, LEFT_OUT, PERSON_GROUP, Table, Total, column
from schemas.types import BIGINT, BOOLEAN, INTEGER, STRING, TIMESTAMP, array

_PLAYS = "silver.listening_with_features"
_NOT_EXCLUDED = "is_excluded IS NOT true"

UNIFIED_TRACKS = Table(
    layer="silver",
    name="unified_tracks",
    description="Every track that a person saved, has in a saved album or ever played, as it is in "
    "their library and in their listening; a track that is none of these any more has no row.",
    columns=(
        USER_ID,
        TRACK_KEY,
        column(
            "track_id",
            STRING,
            "a Spotify id of it: the saved one, else one that was played, else the album's",
            in_export=KEPT,
        ),
        column("track_name", STRING, "title, as written most often", in_export=KEPT),
        column("artist_name", STRING, "artist, as written most often", in_export=KEPT),
        ARTIST_KEY,
        WORK_KEY,
        column("album_name", STRING, "album, as written most often", in_export=KEPT),
        column("duration_ms", BIGINT, "length in ms, where known"),
        column("genre", STRING, "genre in the catalogue, where known", in_export=KEPT),
        *AUDIO_FEATURES,
        *FEATURE_PROVENANCE,
        column("plays", BIGINT, "number of plays, short ones too", nullable=False),
        column("counted_plays", BIGINT, "plays of 30 s and more", nullable=False),
        column(
            "heard_ms",
            BIGINT,
            "time heard in ms; track length where the source has none",
            nullable=False,
        ),
        column(
            "skip_known_plays",
            BIGINT,
            "plays of which it is known whether skipped",
            nullable=False,
        ),
        column("skipped_plays", BIGINT, "plays left before their end", nullable=False),
        column(
            "first_played_at", TIMESTAMP, "end of the first counted play, UTC; null without one"
        ),
        column("last_played_at", TIMESTAMP, "end of the last counted play, UTC; null without one"),
        column(
            "played_hours",
            INTEGER,
            "local hours in which counted plays ended, added up: 1 for 0 h, 2 for 1 h, 4 for 2 h, "
            "… 8388608 for 23 h",
            nullable=False,
        ),
        column(
            "played_seasons",
            INTEGER,
            "seasons of counted plays, added up: "
            + ", ".join(f"{1 << place} for {name}" for place, name in enumerate(SEASONS)),
            nullable=False,
        ),
        column("saved_at", TIMESTAMP, "when it was saved (liked), UTC; null: it is not"),
        column("saved_albums", BIGINT, "saved albums that it is on", nullable=False),
        column(
            "playlist_ids",
            array(STRING),
            "Spotify ids of the person's own playlists that it is on, sorted",
            nullable=False,
            in_export=LEFT_OUT,
        ),
        column(
            "is_excluded",
            BOOLEAN,
            "all its plays are excluded (ops.exclusions), or it was never played and is: then the "
            "numbers are of excluded plays, otherwise of the others",
            nullable=False,
        ),
        PERSON_GROUP_COLUMN,
    ),
    key=("user_id", "track_key"),
    partition_by=PERSON_GROUP,
    checks={**FEATURES_IN_RANGE, **FEATURE_SOURCE_KNOWN},
    totals=(
        Total(
            f"coalesce(sum(plays) FILTER ({_NOT_EXCLUDED}), 0)", f"count_if({COUNTS})", of=_PLAYS
        ),
        Total(
            f"coalesce(sum(counted_plays) FILTER ({_NOT_EXCLUDED}), 0)",
            "count_if(is_counted)",
            of=_PLAYS,
        ),
    ),
    invariants={
        "no_orphans": "plays > 0 OR saved_at IS NOT NULL OR saved_albums > 0",
        "counted": "(counted_plays > 0) = (last_played_at IS NOT NULL)",
        "hours": "(counted_plays > 0) = (played_hours > 0)",
    },
)

TABLES = (UNIFIED_TRACKS,)
