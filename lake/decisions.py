"""What a person decided, as ``ops`` holds it, and the keys by which."""

from datetime import datetime
from typing import NamedTuple

import duckdb

from engines.models import literal
from engines.python_words import normalised
from lake.reader import has_table, rows_of
from schemas.decision_schemas import CORRECTIONS, EXCLUSIONS, VERDICTS
from schemas.silver_schemas import LISTENING_WITH_FEATURES
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.unified_schemas import UNIFIED_TRACKS


class Exclusion(NamedTuple):
    """What a person excluded; ``kind`` is artist, track, album or show."""

    kind: str
    item_key: str
    name: str | None
    source: str
    excluded_at: datetime


class Verdict(NamedTuple):
    """What a person answered to a recommended track: ``verdict`` is yes or no."""

    track_key: str
    purpose: str | None
    verdict: str
    track_name: str | None
    artist_name: str | None
    answered_at: datetime


class Correction(NamedTuple):
    """What a person corrected: ``kind`` is play (hidden), track or artist (merged)."""

    kind: str
    item_key: str
    chosen_key: str | None
    into_key: str | None
    name: str | None
    into_name: str | None
    played_at: datetime | None
    corrected_at: datetime


class LeftOut(NamedTuple):
    """How many plays count in no statistic: hidden by the person, else of what is excluded."""

    excluded: int
    hidden: int


def album_key(artist_key: str | None, album_name: str) -> str:
    """Return the key by which an album is excluded: that of its plays' artist, and its title."""
    return f"{artist_key or ''}|{normalised(album_name)}"


def show_key(name: str) -> str:
    """Return the key by which a show is excluded."""
    return normalised(name)


def exclusions_of(connection: duckdb.DuckDBPyConnection, user_id: str) -> list[Exclusion]:
    """Return what a person excluded, the newest first."""
    order = "excluded_at DESC, kind, item_key"
    return rows_of(connection, EXCLUSIONS, Exclusion, Exclusion._fields, user_id, order)


def verdicts_of(connection: duckdb.DuckDBPyConnection, user_id: str) -> list[Verdict]:
    """Return what a person answered to recommendations, the newest first."""
    order = "answered_at DESC, track_key"
    return rows_of(connection, VERDICTS, Verdict, Verdict._fields, user_id, order)


def corrections_of(connection: duckdb.DuckDBPyConnection, user_id: str) -> list[Correction]:
    """Return what a person corrected, the newest first."""
    order = "corrected_at DESC, kind, item_key"
    return rows_of(connection, CORRECTIONS, Correction, Correction._fields, user_id, order)


def play_named(
    connection: duckdb.DuckDBPyConnection, user_id: str, play_id: str
) -> tuple[str | None, datetime] | None:
    """Return the name by which a play is shown, and its end; None where there is no such play."""
    if not has_table(connection, LISTENING_WITH_FEATURES.full_name):
        return None
    found = connection.execute(
        f"SELECT concat_ws(' by ', track_name, artist_name), played_at "
        f"FROM {LISTENING_WITH_FEATURES.full_name} "
        f"WHERE user_id = {literal(user_id)} AND play_id = {literal(play_id)}"
    ).fetchone()
    return None if found is None else (found[0], found[1])


def name_of(connection: duckdb.DuckDBPyConnection, user_id: str, kind: str, key: str) -> str | None:
    """Return the name of a person's track or artist; None where there is no such thing."""
    table, of_key, name = (
        (UNIFIED_TRACKS, "track_key", "concat_ws(' by ', track_name, artist_name)")
        if kind == "track"
        else (ARTIST_SUMMARY, "artist_key", "artist_name")
    )
    if not has_table(connection, table.full_name):
        return None
    found = connection.execute(
        f"SELECT coalesce({name}, {of_key}) FROM {table.full_name} "
        f"WHERE user_id = {literal(user_id)} AND {of_key} = {literal(key)}"
    ).fetchone()
    return None if found is None else str(found[0])


def left_out(connection: duckdb.DuckDBPyConnection, user_id: str) -> LeftOut:
    """Return how many of a person's plays count in no statistic, as of the last run."""
    if not has_table(connection, LISTENING_WITH_FEATURES.full_name):
        return LeftOut(0, 0)
    ((plays, hidden),) = connection.execute(
        "SELECT count(*) FILTER (is_excluded), count(*) FILTER (is_hidden) "
        f"FROM {LISTENING_WITH_FEATURES.full_name} WHERE user_id = {literal(user_id)}"
    ).fetchall()
    return LeftOut(int(plays - hidden), int(hidden))
