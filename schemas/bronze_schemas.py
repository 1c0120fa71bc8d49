"""Bronze: the records of the sources, append-only, each record once."""

from schemas.common_columns import AUDIO_FEATURES, FEATURES_IN_RANGE, USER_ID
from schemas.play_sources import PLAY_SOURCES
from schemas.table import KEPT, LEFT_OUT, PSEUDONYM, Table, column
from schemas.types import BIGINT, BOOLEAN, DATE, INTEGER, STRING, TIMESTAMP

SOURCES = tuple(each.name for each in PLAY_SOURCES)
IS_MUSIC = "media_type IN ('track', 'video')"
"""The condition in SQL for records of music, those of video files too."""

IS_SPOKEN = "media_type IN ('episode', 'audiobook')"
"""The condition in SQL for records of podcasts and audiobooks."""

MEDIA_TYPES = ("track", "episode", "audiobook", "video", "unknown")


def _one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{name} in ({', '.join(repr(value) for value in values)})"


LISTENING_HISTORY = Table(
    layer="bronze",
    name="listening_history_bronze",
    description="Every play as each source reported it, never changed after it landed.",
    columns=(
        USER_ID,
        column(
            "record_id",
            STRING,
            "hash of the record's identifying fields and its occurrence number among identical "
            "records of one file",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column(
            "source", STRING, f"the source: {', '.join(SOURCES)}", nullable=False, in_export=KEPT
        ),
        column("played_at", TIMESTAMP, "end of the play, UTC", nullable=False),
        column(
            "told_at",
            TIMESTAMP,
            "the instant that the API returned, UTC: where it is not played_at, the play's start; "
            "null from exports, whose instant is the end",
        ),
        column("date", DATE, "UTC date of played_at", nullable=False),
        column(
            "played_month",
            STRING,
            "UTC month of played_at, YYYY-MM",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "media_type", STRING, f"one of {', '.join(MEDIA_TYPES)}", nullable=False, in_export=KEPT
        ),
        column("track_id", STRING, "Spotify id of the track, 22 characters", in_export=KEPT),
        column("track_name", STRING, "title of the track, episode or chapter", in_export=KEPT),
        column(
            "artist_id", STRING, "Spotify id of the track's first artist (API only)", in_export=KEPT
        ),
        column("artist_name", STRING, "artist of the track, show of an episode", in_export=KEPT),
        column(
            "album_artist_name", STRING, "artist of the album, as exports name it", in_export=KEPT
        ),
        column("album_name", STRING, "title of the album", in_export=KEPT),
        column("duration_ms", BIGINT, "length of the track in ms (API only)"),
        column("ms_played", BIGINT, "how long it was heard, in ms; null from the API"),
        column("context_type", STRING, "playlist, album, artist … (API only)", in_export=KEPT),
        column("context_uri", STRING, "where it was played from (API only)", in_export=LEFT_OUT),
        column("platform", STRING, "device and system, as the export names it", in_export=LEFT_OUT),
        column("conn_country", STRING, "ISO country code of the connection", in_export=LEFT_OUT),
        column(
            "reason_start", STRING, "why the play began, as the export names it", in_export=KEPT
        ),
        column("reason_end", STRING, "why the play ended, as the export names it", in_export=KEPT),
        column("shuffle", BOOLEAN, "whether shuffle was on"),
        column("skipped", BOOLEAN, "whether it was skipped; null where the source is silent"),
        column("offline", BOOLEAN, "whether it was played offline"),
        column("incognito_mode", BOOLEAN, "whether it was a private session"),
        column(
            "item",
            STRING,
            "the whole item of the API, as JSON, without images and markets; null from exports",
            in_export=LEFT_OUT,
        ),
        column(
            "source_file", STRING, "file of the record, zip members after '!'", in_export=LEFT_OUT
        ),
        column("run_id", STRING, "run that landed it", nullable=False, in_export=KEPT),
        column("ingested_at", TIMESTAMP, "when it landed, UTC", nullable=False),
    ),
    key=("user_id", "record_id"),
    partition_by="played_month",
    checks={
        "source_known": _one_of("source", SOURCES),
        "media_type_known": _one_of("media_type", MEDIA_TYPES),
        "ms_played_not_negative": "ms_played is null or ms_played >= 0",
    },
)

KAGGLE_TRACKS = Table(
    layer="bronze",
    name="kaggle_tracks_bronze",
    description="The Kaggle catalogue of Spotify tracks, one row per track and genre.",
    columns=(
        column("track_id", STRING, "Spotify id of the track", nullable=False, in_export=KEPT),
        column("artists", STRING, "artists, separated by ';'", in_export=KEPT),
        column("album_name", STRING, "title of the album", in_export=KEPT),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        column("popularity", INTEGER, "0-100, when the catalogue was made"),
        column("duration_ms", BIGINT, "length in ms"),
        column("explicit", BOOLEAN, "whether the lyrics are marked explicit"),
        *AUDIO_FEATURES,
        column("track_genre", STRING, "genre it was found under", nullable=False, in_export=KEPT),
        column("source_file", STRING, "file of the row", in_export=LEFT_OUT),
        column("run_id", STRING, "run that landed it", nullable=False, in_export=KEPT),
        column("ingested_at", TIMESTAMP, "when it landed, UTC", nullable=False),
    ),
    key=("track_id", "track_genre"),
    checks=FEATURES_IN_RANGE,
)

MY_TRACKS_FEATURES = Table(
    layer="bronze",
    name="my_tracks_features_bronze",
    description="Measured audio features of tracks in the history, as a provider returned them.",
    columns=(
        column("track_id", STRING, "Spotify id that was requested", nullable=False, in_export=KEPT),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        column("artist_name", STRING, "artist of its album, as exports name it", in_export=KEPT),
        column("duration_ms", BIGINT, "length in ms"),
        column("isrc", STRING, "international standard recording code", in_export=KEPT),
        *AUDIO_FEATURES,
        column("source", STRING, "spotify or reccobeats", nullable=False, in_export=KEPT),
        column(
            "status", STRING, "ok, or not_known: asked, but the provider has none", in_export=KEPT
        ),
        column("fetched_at", TIMESTAMP, "when it was requested, UTC", nullable=False),
    ),
    key=("track_id", "source", "fetched_at"),
    checks=FEATURES_IN_RANGE,
)

SYNTHETIC_FEATURES = Table(
    layer="bronze",
    name="my_tracks_features_bronze_synthetic",
    description="Synthetic features for tracks without measured ones; never evidence.",
    columns=(
        column(
            "track_key",
            STRING,
            "normalised 'artist|title', see silver.tracks",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "track_id", STRING, "Spotify id of the track, null where only named", in_export=KEPT
        ),
        column("track_name", STRING, "title of the track", in_export=KEPT),
        column("artist_name", STRING, "artist of the track", in_export=KEPT),
        *AUDIO_FEATURES,
        column("source", STRING, "always 'synthetic'", nullable=False, in_export=KEPT),
        column("method", STRING, "hot_deck or copula", nullable=False, in_export=KEPT),
        column(
            "donor_track_id",
            STRING,
            "catalogue track whose row was used (hot_deck)",
            in_export=KEPT,
        ),
        column(
            "donor_level",
            STRING,
            "where the donor was found: artist, genre or global",
            in_export=KEPT,
        ),
        column(
            "generator_version", STRING, "version of the generator", nullable=False, in_export=KEPT
        ),
    ),
    key=("track_key",),
    checks={
        **FEATURES_IN_RANGE,
        "source_is_synthetic": "source = 'synthetic'",
        "method_known": _one_of("method", ("hot_deck", "copula")),
    },
)

TABLES = (LISTENING_HISTORY, KAGGLE_TRACKS, MY_TRACKS_FEATURES, SYNTHETIC_FEATURES)
