"""Silver: one row per real play, enriched, and one row per track."""

from schemas.common_columns import AUDIO_FEATURES, FEATURES_IN_RANGE, PERSON_GROUP_COLUMN, USER_ID
from schemas.play_sources import PLAY_SOURCES
from schemas.shared_numbers import COUNTED_MS
from schemas.table import (
    KEPT,
    LEFT_OUT,
    PERSON_GROUP,
    PSEUDONYM,
    Column,
    Reference,
    Table,
    Total,
    column,
)
from schemas.types import BIGINT, BOOLEAN, DATE, INTEGER, STRING, TIMESTAMP, array

PARTS_OF_DAY = ("late_night", "morning", "afternoon", "evening", "night")
SKIP_SOURCES = ("flag", "reason_end", "time_heard")
SEASONS = ("winter", "spring", "summer", "autumn")

TRACK_KEY = column(
    "track_key",
    STRING,
    "one recording: normalised 'album artist|title', the same for every id it ever had",
    nullable=False,
    in_export=KEPT,
)
_PLAYS = "silver.listening_with_features"
# Plays of what the person excluded count in no statistic.
COUNTS = "is_excluded IS NOT true"
# Local time, as a plain timestamp.
_WALL = "timezone('UTC', played_at) + to_minutes(utc_offset_minutes)"
ARTIST_KEY = column(
    "artist_key",
    STRING,
    "one artist, however written: the name normalised; null where none is named",
    in_export=KEPT,
)
WORK_KEY = column(
    "work_key",
    STRING,
    "one work: artist_key and the title without version, guests and film; null without a title",
    in_export=KEPT,
)
FEATURE_PROVENANCE: tuple[Column, ...] = (
    column(
        "feature_source",
        STRING,
        "real, kaggle or synthetic; null where there are none",
        in_export=KEPT,
    ),
    column(
        "feature_provider",
        STRING,
        "spotify, reccobeats, kaggle, hot_deck or copula",
        in_export=KEPT,
    ),
    column("feature_match", STRING, "id or name: what the features were found by", in_export=KEPT),
    column(
        "feature_donor_level",
        STRING,
        "hot_deck only: artist, genre or global; how close the donor is",
        in_export=KEPT,
    ),
)
FEATURE_SOURCE_KNOWN = {
    "feature_source_known": "feature_source is null or "
    "feature_source in ('real', 'kaggle', 'synthetic')"
}

TRACK_NAMES = Table(
    layer="silver",
    name="track_names",
    description="Every name of a track, its ids, and the recording that it refers to.",
    columns=(
        column(
            "name_key",
            STRING,
            "normalised 'album artist|title'; 'id:' and the id where a record holds no name",
            nullable=False,
            in_export=KEPT,
        ),
        TRACK_KEY,
        column("track_ids", array(STRING), "Spotify ids under this name, sorted", in_export=KEPT),
        column("track_name", STRING, "title; the least of its spellings", in_export=KEPT),
        column("artist_name", STRING, "artist; the least of its spellings", in_export=KEPT),
    ),
    key=("name_key",),
)

CATALOGUE_TRACKS = Table(
    layer="silver",
    name="catalogue_tracks",
    description="The catalogue with the keys by which its tracks are matched.",
    columns=(
        column("track_id", STRING, "Spotify id of the track", nullable=False, in_export=KEPT),
        column("track_genre", STRING, "genre it was found under", nullable=False, in_export=KEPT),
        column("popularity", INTEGER, "0-100, when the catalogue was made"),
        column("duration_ms", BIGINT, "length in ms"),
        *AUDIO_FEATURES,
        column(
            "name_keys", array(STRING), "normalised 'artist|title', one per artist", in_export=KEPT
        ),
        column("work_keys", array(STRING), "work_key of the title, one per artist", in_export=KEPT),
        column("artist_keys", array(STRING), "its artists, normalised", in_export=KEPT),
        column("genre_key", STRING, "track_genre, normalised, spaces for dashes", in_export=KEPT),
        column("is_donor", BOOLEAN, "has all features; one row only of each track"),
    ),
    key=("track_id", "track_genre"),
    checks=FEATURES_IN_RANGE,
)

FEATURE_DONORS = Table(
    layer="silver",
    name="feature_donors",
    description="Catalogue tracks that lend their features, numbered within each group of donors.",
    columns=(
        column(
            "donor_group", STRING, "'artist:' or 'genre:' and a name, or 'global'", in_export=KEPT
        ),
        column("donor_number", BIGINT, "from 0, in the order of the ids", nullable=False),
        column("group_size", BIGINT, "donors in the group", nullable=False),
        column("donor_track_id", STRING, "Spotify id of the donor", nullable=False, in_export=KEPT),
    ),
    key=("donor_group", "donor_number"),
)

TRACKS = Table(
    layer="silver",
    name="tracks",
    description="Every track a person ever played and did not exclude, with its features and where "
    "they come from.",
    columns=(
        USER_ID,
        TRACK_KEY,
        column(
            "track_id",
            STRING,
            "a Spotify id of it (the least), null where only named",
            in_export=KEPT,
        ),
        column("track_name", STRING, "title, as written most often", in_export=KEPT),
        column("artist_name", STRING, "artist, as written most often", in_export=KEPT),
        ARTIST_KEY,
        WORK_KEY,
        column("album_name", STRING, "album, as written most often", in_export=KEPT),
        column("duration_ms", BIGINT, "length in ms, from the API or the catalogue"),
        column(
            "genre", STRING, "genre in the catalogue; the least by name of several", in_export=KEPT
        ),
        *AUDIO_FEATURES,
        *FEATURE_PROVENANCE,
        column("plays", BIGINT, "number of plays, short ones too", nullable=False),
        column("counted_plays", BIGINT, "plays of 30 s and more", nullable=False),
        column("ms_played", BIGINT, "time heard in ms, where the source has it"),
        column("first_played_at", TIMESTAMP, "end of the first play, UTC", nullable=False),
        column("last_played_at", TIMESTAMP, "end of the last play, UTC", nullable=False),
        PERSON_GROUP_COLUMN,
    ),
    key=("user_id", "track_key"),
    partition_by=PERSON_GROUP,
    checks={**FEATURES_IN_RANGE, **FEATURE_SOURCE_KNOWN},
    totals=(
        Total("sum(plays)", f"count_if({COUNTS})", of=_PLAYS),
        Total("sum(counted_plays)", "count_if(is_counted)", of=_PLAYS),
        Total(
            "coalesce(sum(ms_played), 0)",
            f"coalesce(sum(ms_played) FILTER ({COUNTS}), 0)",
            of=_PLAYS,
        ),
        Total("count(*)", f"count(DISTINCT track_key) FILTER ({COUNTS})", of=_PLAYS),
    ),
)

LISTENING_WITH_FEATURES = Table(
    layer="silver",
    name="listening_with_features",
    description="The distinct music plays of each person over all sources, with audio features.",
    columns=(
        USER_ID,
        column(
            "play_id",
            STRING,
            "record_id of the row that the play's values come from",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column("played_at", TIMESTAMP, "end of the play, UTC", nullable=False),
        column(
            "played_month",
            STRING,
            "UTC month of played_at, YYYY-MM",
            nullable=False,
            in_export=KEPT,
        ),
        TRACK_KEY,
        column("track_id", STRING, "Spotify id, null where only named", in_export=KEPT),
        column(
            "track_name", STRING, "title of the track; of a merged one, the other's", in_export=KEPT
        ),
        column("artist_id", STRING, "Spotify id of the first artist, where known", in_export=KEPT),
        column(
            "artist_name", STRING, "artist of the track; of a merged one, the other", in_export=KEPT
        ),
        ARTIST_KEY,
        column("album_name", STRING, "title of the album", in_export=KEPT),
        column("duration_ms", BIGINT, "length of the track in ms, where known"),
        column("ms_played", BIGINT, "how long it was heard, in ms, where known"),
        column("media_type", STRING, "track, or video for plays of a video file", in_export=KEPT),
        column("context_type", STRING, "playlist, album, artist … where known", in_export=KEPT),
        column("platform", STRING, "device and system, where known", in_export=LEFT_OUT),
        column(
            "conn_country",
            STRING,
            "ISO country code of the connection, where known",
            in_export=LEFT_OUT,
        ),
        column("shuffle", BOOLEAN, "whether shuffle was on"),
        column(
            "skipped",
            BOOLEAN,
            "left for something else before its end; null where unknown",
        ),
        column(
            "skip_source",
            STRING,
            f"how it is known: {', '.join(SKIP_SOURCES)} (under 30 s); null where unknown",
            in_export=KEPT,
        ),
        column("sources", array(STRING), "the sources that have it, sorted", in_export=KEPT),
        *AUDIO_FEATURES,
        *FEATURE_PROVENANCE,
        column("genre", STRING, "genre in the catalogue, where known", in_export=KEPT),
        column("local_date", DATE, "local date where the person lives"),
        column("utc_offset_minutes", INTEGER, "local time = played_at + this many minutes"),
        column("hour_of_day", INTEGER, "0-23, local"),
        column("part_of_day", STRING, f"local: {', '.join(PARTS_OF_DAY)}", in_export=KEPT),
        column("day_of_week", INTEGER, "1 Monday to 7 Sunday, local"),
        column("is_weekend", BOOLEAN, "Saturday or Sunday, local"),
        column("season", STRING, f"meteorological, northern: {', '.join(SEASONS)}", in_export=KEPT),
        column(
            "session_id",
            STRING,
            "a new one after 30 silent minutes",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column("is_counted", BOOLEAN, "heard 30 s or more, or length unknown; never if excluded"),
        column("first_play", BOOLEAN, "the person's first play of this track that is not excluded"),
        column(
            "is_excluded",
            BOOLEAN,
            "its artist, track or album is in ops.exclusions, or it is hidden: it counts in no "
            "statistic",
        ),
        column("is_hidden", BOOLEAN, "the person hid this play (ops.corrections)"),
    ),
    key=("user_id", "play_id"),
    partition_by="played_month",
    checks={**FEATURES_IN_RANGE, **FEATURE_SOURCE_KNOWN},
    totals=(
        Total("count_if(first_play)", f"count(DISTINCT track_key) FILTER ({COUNTS})", of=_PLAYS),
    ),
    references=(Reference(("user_id", "track_key"), "silver.tracks", where=COUNTS),),
    invariants={
        "month": "played_month = strftime(played_at, '%Y-%m')",
        "local_date": f"local_date = CAST({_WALL} AS DATE)",
        "hour_of_day": f"hour_of_day = hour({_WALL})",
        "day_of_week": "day_of_week = isodow(local_date)",
        "is_weekend": "is_weekend = (day_of_week >= 6)",
        "is_counted": f"is_counted = ({COUNTS} AND coalesce(ms_played >= {COUNTED_MS}, true))",
        "skip_source": "(skip_source IS NULL) = (skipped IS NULL)",
        "features_have_a_source": "(feature_source IS NULL) = (valence IS NULL)",
        "sources": f"len(sources) BETWEEN 1 AND {len(PLAY_SOURCES)}",
    },
)

LISTENING_COVERAGE = Table(
    layer="silver",
    name="listening_coverage",
    description="The times that a person's sources cover; what lies between is not known.",
    columns=(
        USER_ID,
        column("begins_at", TIMESTAMP, "first instant of the span, UTC", nullable=False),
        column("ends_at", TIMESTAMP, "last instant of the span, UTC", nullable=False),
        column("first_date", DATE, "local date of begins_at", nullable=False),
        column("last_date", DATE, "local date of ends_at", nullable=False),
    ),
    key=("user_id", "begins_at"),
    checks={"begins_before_end": "begins_at <= ends_at"},
)

TABLES = (
    CATALOGUE_TRACKS,
    FEATURE_DONORS,
    TRACK_NAMES,
    TRACKS,
    LISTENING_WITH_FEATURES,
    LISTENING_COVERAGE,
)
