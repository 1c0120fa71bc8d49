"""Whether Spotify still plays a track: what each check said, and what follows from it."""

from schemas.common_columns import PERSON_GROUP_COLUMN, USER_ID
from schemas.table import KEPT, LEFT_OUT, PERSON_GROUP, Column, Table, column
from schemas.types import BOOLEAN, STRING, TIMESTAMP

ACCOUNT_MARKET = "account"
"""The market of checks without a country: that of the person's account, which Spotify knows."""

NOT_FOUND = "not_found"
"""Our reason where Spotify knows no track of an id any more (404)."""

_TRACK_ID = column("track_id", STRING, "Spotify id of the track", nullable=False, in_export=KEPT)


def _market(*, nullable: bool) -> Column:
    return column(
        "market",
        STRING,
        f"country it was asked for (MARKET), or {ACCOUNT_MARKET}: that of the person's account",
        nullable=nullable,
        in_export=LEFT_OUT,
    )


def _reason(when: str) -> Column:
    return column(
        "reason",
        STRING,
        "why not: market, product (not in the person's subscription), explicit or another word of "
        f"Spotify's, or {NOT_FOUND}: it knows no such track any more; null {when}",
        in_export=KEPT,
    )


AVAILABILITY_CHECKS = Table(
    layer="bronze",
    name="track_availability_bronze",
    description="What Spotify said on whether a track can be played, one row for each time that "
    "the answer was another one: checks that say the same again change last_checked_at alone.",
    columns=(
        USER_ID,
        _TRACK_ID,
        _market(nullable=False),
        column(
            "is_playable",
            BOOLEAN,
            "whether it can be played; null: Spotify did not say, which is no 'no'",
        ),
        _reason("where none was given"),
        column(
            "other_track_id",
            STRING,
            "Spotify id of the track that Spotify plays in its place; null: none",
            in_export=KEPT,
        ),
        column("isrc", STRING, "international standard recording code", in_export=KEPT),
        column(
            "found_track_id",
            STRING,
            "Spotify id of the same recording that can be played, as a search found it; null: none",
            in_export=KEPT,
        ),
        column("searched_at", TIMESTAMP, "when it was last searched for, UTC; null: never"),
        column("first_checked_at", TIMESTAMP, "when it was first said, UTC", nullable=False),
        column(
            "last_checked_at",
            TIMESTAMP,
            "when it was last said, UTC; a page of the library that says the same within a week "
            "does not count",
            nullable=False,
        ),
    ),
    key=("user_id", "track_id", "market", "first_checked_at"),
    checks={"checks_in_order": "last_checked_at >= first_checked_at"},
)

TRACK_AVAILABILITY = Table(
    layer="silver",
    name="track_availability",
    description="Whether Spotify still plays a track, by the last check that was answered; a track "
    "of which nothing is known has no row.",
    columns=(
        USER_ID,
        _TRACK_ID,
        _market(nullable=False),
        column("is_available", BOOLEAN, "whether it can be played", nullable=False),
        _reason("where it can, or none was given"),
        column(
            "first_unavailable_at",
            TIMESTAMP,
            "first check that found it unavailable, since it was last found available, UTC; null "
            "while it is available",
        ),
        column("last_checked_at", TIMESTAMP, "last check, UTC", nullable=False),
        column(
            "moved_to_track_id",
            STRING,
            "Spotify id under which it can be played: the one that Spotify plays in its place, or "
            "another one of the same recording (ISRC) that was found or checked; null: none known",
            in_export=KEPT,
        ),
        PERSON_GROUP_COLUMN,
    ),
    key=("user_id", "track_id"),
    partition_by=PERSON_GROUP,
    invariants={
        "unavailable_since": "is_available = (first_unavailable_at IS NULL)",
        "moved_elsewhere": "moved_to_track_id IS NULL OR moved_to_track_id <> track_id",
    },
)

TABLES = (AVAILABILITY_CHECKS, TRACK_AVAILABILITY)
