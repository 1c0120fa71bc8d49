"""Ops: what a person decided, which every run respects."""

from schemas.common_columns import USER_ID
from schemas.table import KEPT, PSEUDONYM, Table, column
from schemas.types import STRING, TIMESTAMP

EXCLUDED_KINDS = ("artist", "track", "album", "show")
EXCLUSION_SOURCES = ("page", "playlist")
ANSWERS = ("yes", "no")
MERGED_KINDS = ("track", "artist")
CORRECTED_KINDS = ("play", *MERGED_KINDS)

EXCLUSIONS = Table(
    layer="ops",
    name="exclusions",
    description="What a person excluded: its plays stay in bronze and silver, and count in no "
    "statistic.",
    columns=(
        USER_ID,
        column("kind", STRING, f"{', '.join(EXCLUDED_KINDS)}", nullable=False, in_export=KEPT),
        column(
            "item_key",
            STRING,
            "artist_key, track_key, 'artist_key|normalised title' of an album, or the normalised "
            "name of a show",
            nullable=False,
            in_export=KEPT,
        ),
        column("name", STRING, "its name, as shown", in_export=KEPT),
        column(
            "source",
            STRING,
            "where it was excluded: page, or playlist (the one of excluded tracks)",
            nullable=False,
            in_export=KEPT,
        ),
        column("excluded_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("user_id", "kind", "item_key"),
    checks={
        "kind_known": f"kind in ({', '.join(repr(each) for each in EXCLUDED_KINDS)})",
        "source_known": f"source in ({', '.join(repr(each) for each in EXCLUSION_SOURCES)})",
    },
)

VERDICTS = Table(
    layer="ops",
    name="verdicts",
    description="What a person answered to recommended tracks; the next lists respect it.",
    columns=(
        USER_ID,
        column(
            "track_key",
            STRING,
            "the track, as gold.track_recommendations names it",
            nullable=False,
            in_export=KEPT,
        ),
        column("purpose", STRING, "the list it was in, where known", in_export=KEPT),
        column(
            "verdict",
            STRING,
            "no: in no list again, under whichever title of the work; yes: not again as new",
            nullable=False,
            in_export=KEPT,
        ),
        column("track_name", STRING, "its title, as shown", in_export=KEPT),
        column("artist_name", STRING, "its artist, as shown", in_export=KEPT),
        column("answered_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("user_id", "track_key"),
    checks={"verdict_known": f"verdict in ({', '.join(repr(each) for each in ANSWERS)})"},
)

CORRECTIONS = Table(
    layer="ops",
    name="corrections",
    description="What a person corrected: plays that are hidden, tracks and artists that are the "
    "same as others. Bronze stays as it is.",
    columns=(
        USER_ID,
        column(
            "kind",
            STRING,
            "play: hidden; track, artist: the same as another",
            nullable=False,
            in_export=KEPT,
        ),
        column(
            "item_key",
            STRING,
            "record_id of any record of the play, track_key or artist_key",
            nullable=False,
            in_export=PSEUDONYM,
        ),
        column(
            "chosen_key",
            STRING,
            "the track_key or artist_key that the person says it is; null of a play",
            in_export=KEPT,
        ),
        column(
            "into_key",
            STRING,
            "the key that counts for it: chosen_key, or what that one is corrected to",
            in_export=KEPT,
        ),
        column("name", STRING, "its name, as shown", in_export=KEPT),
        column("into_name", STRING, "the name of chosen_key, as shown", in_export=KEPT),
        column("played_at", TIMESTAMP, "end of a hidden play, UTC; null of others"),
        column("corrected_at", TIMESTAMP, "UTC", nullable=False),
    ),
    key=("user_id", "kind", "item_key"),
    checks={
        "kind_known": f"kind in ({', '.join(repr(each) for each in CORRECTED_KINDS)})",
        "merged_into_another": "(kind = 'play' and chosen_key is null and into_key is null) or "
        "(kind <> 'play' and chosen_key is not null and into_key is not null "
        "and chosen_key <> item_key and into_key <> item_key)",
    },
)

TABLES = (EXCLUSIONS, VERDICTS, CORRECTIONS)
