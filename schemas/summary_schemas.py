"""Summaries of plays: by day, by month, by genre, by artist.

Which plays count is the same in all of them. ``total_plays`` are all plays, ``minutes`` the time
heard in all of them; every other number is over counted plays, those of 30 s and more (or of
unknown length). A top is the value with the most counted plays, of ties the one with the most
minutes, then the first by name.
"""

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.gold_schemas import STATUS_KNOWN
from schemas.silver_schemas import COUNTS
from schemas.table import KEPT, PERSON_GROUP, Column, Table, Total, column
from schemas.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, STRING, TIMESTAMP


def _plays(of: str) -> tuple[Column, ...]:
    return (
        column("total_plays", BIGINT, f"plays {of}, short ones too", nullable=False),
        column("counted_plays", BIGINT, "plays of 30 s and more", nullable=False),
        column("minutes", DOUBLE, "minutes heard; track length where the source has none"),
    )


_UNIQUE_TRACKS = column("unique_tracks", BIGINT, "different tracks", nullable=False)
_UNIQUE_ARTISTS = column("unique_artists", BIGINT, "different artists", nullable=False)
_UNIQUE_GENRES = column("unique_genres", BIGINT, "different known genres", nullable=False)
_GENRE_KNOWN = column(
    "genre_known_plays", BIGINT, "counted plays of which a genre is known", nullable=False
)
_TOP_ARTIST = (
    column("top_artist", STRING, "artist with the most counted plays", in_export=KEPT),
    column("top_artist_plays", BIGINT, "counted plays of top_artist"),
)
_TOP_TRACK = (
    column("top_track", STRING, "title of the track with the most counted plays", in_export=KEPT),
    column("top_track_artist", STRING, "artist of top_track", in_export=KEPT),
    column("top_track_plays", BIGINT, "counted plays of top_track"),
)
_TOP_GENRE = (
    column("top_genre", STRING, "known genre with the most counted plays", in_export=KEPT),
    column("top_genre_plays", BIGINT, "counted plays of top_genre"),
)
_LISTENING_HOUR = (
    column(
        "average_listening_hour",
        DOUBLE,
        "circular mean of the local time at which counted plays ended, 0 to below 24 h; null where "
        "listening_hour_concentration is under 0.2 or null",
    ),
    column(
        "listening_hour_concentration",
        DOUBLE,
        "mean resultant length: 0 all around the clock, 1 all at one time; null unless ok",
    ),
)
_MAINSTREAM = (
    column(
        "mainstream_score",
        DOUBLE,
        "0-100, mean popularity, when the catalogue was made, of the plays whose popularity is "
        "known; null of fewer than half of the counted plays, of 5 plays of a day or 30 of a month",
    ),
    column(
        "mainstream_reason",
        STRING,
        "why mainstream_score is null, as text; else null",
        in_export=KEPT,
    ),
    column(
        "popularity_known_plays",
        BIGINT,
        "counted plays whose popularity is known",
        nullable=False,
    ),
)
_STATUS = (
    column(
        "status",
        STRING,
        "ok, or too_few_data for means and shares; counts and minutes hold in either case",
        nullable=False,
        in_export=KEPT,
    ),
    column("reason", STRING, "why the status is not ok, as text; null where it is", in_export=KEPT),
)
_SESSIONS = column("sessions", BIGINT, "listening sessions with a counted play", nullable=False)
_NEW_TRACKS = column(
    "new_tracks", BIGINT, "counted plays that are the person's first of a track", nullable=False
)
_ACTIVE_DAYS = column("active_days", BIGINT, "local dates with a counted play", nullable=False)
_FIRST_AND_LAST = (
    column("first_played_at", TIMESTAMP, "end of the first play, UTC", nullable=False),
    column("last_played_at", TIMESTAMP, "end of the last play, UTC", nullable=False),
)

_PLAYS = "silver.listening_with_features"
_ALL_PLAYS = (
    Total("sum(total_plays)", f"count_if({COUNTS})", of=_PLAYS),
    Total("sum(counted_plays)", "count_if(is_counted)", of=_PLAYS),
)

ARTIST_SUMMARY = Table(
    layer="silver",
    name="artist_summary",
    description="Every artist a person ever played, and how much.",
    columns=(
        USER_ID,
        column("artist_key", STRING, "artist's name, normalised", nullable=False, in_export=KEPT),
        column("artist_name", STRING, "artist's name, as in most counted plays", in_export=KEPT),
        *_plays("of the artist"),
        column("share_of_listening", DOUBLE, "0-1, of the person's counted plays"),
        _UNIQUE_TRACKS,
        _ACTIVE_DAYS,
        *_FIRST_AND_LAST,
        *(each for each in _TOP_TRACK if each.name != "top_track_artist"),
        column("genre", STRING, "known genre with the most counted plays", in_export=KEPT),
        _GENRE_KNOWN,
        column(
            "skip_known_plays",
            BIGINT,
            "plays, short ones too, of which it is known whether skipped",
            nullable=False,
        ),
        column("skip_rate", DOUBLE, "0-1, skipped plays / skip_known_plays"),
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "artist_key"),
    totals=(Total("sum(total_plays)", f"count(artist_key) FILTER ({COUNTS})", of=_PLAYS),),
)

DAILY_LISTENING_SUMMARY = Table(
    layer="gold",
    name="daily_listening_summary",
    description="What a person heard on each local day with a play.",
    columns=(
        USER_ID,
        column("date", DATE, "local date", nullable=False),
        *_plays("of the day"),
        _UNIQUE_TRACKS,
        _UNIQUE_ARTISTS,
        _UNIQUE_GENRES,
        _GENRE_KNOWN,
        column(
            "genre_diversity_score",
            DOUBLE,
            "effective number of genres, e to the power of Shannon's H over genre_known_plays: 1 "
            "where all are of one genre, unique_genres where all genres are as frequent; null "
            "under 5 of these plays",
        ),
        *_MAINSTREAM,
        column(
            "popularity_sum",
            BIGINT,
            "sum of popularity over popularity_known_plays, from which means over several days are "
            "computed",
            nullable=False,
        ),
        *_LISTENING_HOUR,
        *_TOP_ARTIST,
        *_TOP_TRACK,
        *_TOP_GENRE,
        _SESSIONS,
        _NEW_TRACKS,
        *_STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "date"),
    checks=STATUS_KNOWN,
    totals=(
        *_ALL_PLAYS,
        Total("sum(new_tracks)", "count_if(is_counted AND first_play)", of=_PLAYS),
        Total("count(*)", f"count(DISTINCT local_date) FILTER ({COUNTS})", of=_PLAYS),
    ),
)

GENRE_ANALYSIS = Table(
    layer="gold",
    name="genre_analysis",
    description="How much a person plays each genre, and whom most.",
    columns=(
        USER_ID,
        column(
            "genre",
            STRING,
            "genre; 'unclassified' where none is known",
            nullable=False,
            in_export=KEPT,
        ),
        *_plays("of the genre"),
        column(
            "percentage_of_total_listening",
            DOUBLE,
            "0-100, of all the person's counted plays; adds up to 100 with 'unclassified'",
        ),
        _UNIQUE_TRACKS,
        _UNIQUE_ARTISTS,
        *_TOP_ARTIST,
        _ACTIVE_DAYS,
        *_FIRST_AND_LAST,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "genre"),
    totals=_ALL_PLAYS,
)

MONTHLY_INSIGHTS = Table(
    layer="gold",
    name="monthly_insights",
    description="What a person heard in each local month with a play, and how it changed.",
    columns=(
        USER_ID,
        column("month", STRING, "local month, YYYY-MM", nullable=False, in_export=KEPT),
        *_plays("of the month"),
        column(
            "days_covered",
            INTEGER,
            "days of the month that the person's sources cover; no day of an unknown time",
            nullable=False,
        ),
        column(
            "is_complete",
            BOOLEAN,
            "whether days_covered are all its days; the first and last month are seldom",
            nullable=False,
        ),
        _ACTIVE_DAYS,
        column("plays_per_day", DOUBLE, "plays a day, total_plays / days_covered"),
        column(
            "plays_growth_rate",
            DOUBLE,
            "%, total_plays against those of the calendar month before; null where that one has "
            "fewer than 30, or either of the two is not complete",
        ),
        _UNIQUE_TRACKS,
        _UNIQUE_ARTISTS,
        _UNIQUE_GENRES,
        _GENRE_KNOWN,
        *_TOP_ARTIST,
        *_TOP_TRACK,
        *_TOP_GENRE,
        *_MAINSTREAM,
        column(
            "mainstream_tendency",
            STRING,
            "mainstream_score in a word: high above 70, moderate above 50, else niche",
            in_export=KEPT,
        ),
        _NEW_TRACKS,
        column(
            "discovery_share",
            DOUBLE,
            "0-1, new_tracks / counted_plays; null of fewer than 30 plays, and where a time of "
            "which nothing is known ended under 90 days before: most is new to the lake only",
        ),
        *_LISTENING_HOUR,
        column(
            "most_active_weekday",
            INTEGER,
            "1 Monday to 7 Sunday, with the most counted plays; a month holds some five times",
        ),
        _SESSIONS,
        *_STATUS,
        PERSON_GROUP_COLUMN,
    ),
    partition_by=PERSON_GROUP,
    key=("user_id", "month"),
    checks=STATUS_KNOWN,
    totals=(
        *_ALL_PLAYS,
        Total(
            "count(*)",
            f"count(DISTINCT strftime(local_date, '%Y-%m')) FILTER ({COUNTS})",
            of=_PLAYS,
        ),
        Total("sum(new_tracks)", "count_if(is_counted AND first_play)", of=_PLAYS),
    ),
)

TABLES = (ARTIST_SUMMARY, DAILY_LISTENING_SUMMARY, GENRE_ANALYSIS, MONTHLY_INSIGHTS)
