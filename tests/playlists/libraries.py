"""A library of a few tracks to ask rules of, and the same rules in plain Python."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from engines.arrow import arrow_rows
from playlists.rules import Comparison, Group, Rule, parse_rule
from schemas.common_columns import FEATURE_NAMES
from schemas.silver_schemas import SEASONS
from schemas.table import Table
from schemas.unified_schemas import UNIFIED_TRACKS

Row = dict[str, Any]
TODAY = date(2024, 6, 15)
ZONE = "Europe/Berlin"
NOTHING: Row = {
    "plays": 0,
    "counted_plays": 0,
    "heard_ms": 0,
    "skip_known_plays": 0,
    "skipped_plays": 0,
    "played_hours": 0,
    "played_seasons": 0,
    "saved_albums": 0,
    "playlist_ids": [],
    "is_excluded": False,
}


def track(name: str, **values: Any) -> Row:
    """Return a track of ``me`` that was never played and is in no library, unless said."""
    row = {"track_name": name, "artist_name": "Artist", "track_id": f"id of {name}", **values}
    artist_key = row["artist_name"] and row["artist_name"].lower()
    return {
        **NOTHING,
        "user_id": "me",
        "track_key": f"{artist_key or ''}|{name}".lower(),
        "artist_key": artist_key,
        "work_key": f"{artist_key or ''}|{name}".lower(),
        "person_group": 0,
        **row,
    }


def lake_of(
    rows: Iterable[Row], more: Mapping[Table, list[Row]] | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection to a lake of these tracks, in memory."""
    lake = duckdb.connect()
    lake.execute("SET TimeZone = 'UTC'")
    for table, those in {UNIFIED_TRACKS: [*rows], **(more or {})}.items():
        put_rows(lake, table, those)
    return lake


def put_rows(lake: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    """Let a table of a lake in memory hold these rows and no others."""
    lake.execute(f"CREATE SCHEMA IF NOT EXISTS {table.layer}")
    lake.register("given", arrow_rows(rows, table.columns))
    lake.execute(f"CREATE OR REPLACE TABLE {table.full_name} AS FROM given")
    lake.unregister("given")


def rule_of(*conditions: Any, slug: str = "rule", **others: Any) -> Rule:
    """Return a rule all of whose conditions must hold."""
    return parse_rule({"all": [*conditions], **others}, slug, f"{slug}.nsp")


def write_rule(data_dir: Path, slug: str, rule: Row) -> Path:
    """Write the file of a rule where a person's rules are; return its path."""
    path = data_dir / "playlists" / f"{slug}.nsp"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(rule))
    return path


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def plain(text: str) -> str:
    """Return a text in small letters without accents."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(each for each in letters if not unicodedata.combining(each))


def _local(instant: datetime | None, zone: str) -> date | None:
    return None if instant is None else instant.astimezone(ZoneInfo(zone)).date()


def values_of(row: Row, zone: str = ZONE) -> Row:
    """Return a track's values of all fields by their names."""
    known = row["skip_known_plays"]
    length = row.get("duration_ms")
    features = {
        "timeSignature" if each == "time_signature" else each: row.get(each)
        for each in FEATURE_NAMES
    }
    return {
        **features,
        "plays": row["counted_plays"],
        "minutes": row["heard_ms"] / 60_000,
        "skips": row["skipped_plays"],
        "skipRate": row["skipped_plays"] / known if known else None,
        "firstPlayed": _local(row.get("first_played_at"), zone),
        "lastPlayed": _local(row.get("last_played_at"), zone),
        "playedInHour": {hour for hour in range(24) if row["played_hours"] >> hour & 1},
        "playedInSeason": {
            name for place, name in enumerate(SEASONS) if row["played_seasons"] >> place & 1
        },
        "saved": row.get("saved_at") is not None,
        "dateSaved": _local(row.get("saved_at"), zone),
        "inAlbum": row["saved_albums"] > 0,
        "featureSource": row.get("feature_source"),
        "cluster": None,
        "genre": row.get("genre"),
        "artist": row.get("artist_name"),
        "album": row.get("album_name"),
        "title": row.get("track_name"),
        "trackKey": row["track_key"],
        "duration": None if length is None else length / 1000,
        "available": row.get("available"),
        "excluded": row["is_excluded"],
        "playlist": row["playlist_ids"],
    }


def meets(part: Comparison | Group, values: Row, today: date = TODAY) -> bool:
    """Return whether a track meets a condition, said in plain Python."""
    if isinstance(part, Group):
        found = [meets(each, values, today) for each in part.parts]
        return all(found) if part.kind == "all" else any(found)
    value, given, operator = values[part.field.name], part.value, part.operator
    if operator in ("isMissing", "isPresent"):
        return (value is None) is ((operator == "isMissing") is given)
    if operator == "inPlaylist":
        return given in value
    if operator == "notInPlaylist":
        return given not in value
    if isinstance(value, set):
        asked = set(given)
        if operator == "inTheRange":
            first, last = given
            asked = {
                hour
                for hour in range(24)
                if (first <= hour <= last if first <= last else hour >= first or hour <= last)
            }
        return bool(value & asked) is (operator != "isNot")
    if operator == "notInTheLast":
        return value is None or value < today - timedelta(days=given)
    if part.field.kind == "text":
        return _text_meets(operator, value, given)
    if value is None:
        return False
    match operator:
        case "is":
            return value in given
        case "isNot":
            return value not in given
        case "gt" | "after":
            return bool(value > given)
        case "lt" | "before":
            return bool(value < given)
        case "inTheRange":
            return bool(given[0] <= value <= given[1])
        case "inTheLast":
            return bool(value >= today - timedelta(days=given))
    raise AssertionError(operator)


def _text_meets(operator: str, value: str | None, given: Any) -> bool:
    if value is None:
        return operator in ("isNot", "notContains")
    text = plain(value)
    match operator:
        case "is":
            return text in [plain(each) for each in given]
        case "isNot":
            return text not in [plain(each) for each in given]
        case "contains":
            return plain(given) in text
        case "notContains":
            return plain(given) not in text
        case "startsWith":
            return text.startswith(plain(given))
        case "endsWith":
            return text.endswith(plain(given))
    raise AssertionError(operator)


def chosen_by(rule: Rule, rows: Iterable[Row], today: date = TODAY, zone: str = ZONE) -> list[Row]:
    """Return what a rule chooses, in its order, said in plain Python; artists not kept apart."""
    asked = [each.name for each in rule.fields]
    found = [
        row
        for row in rows
        if row["track_id"] is not None
        and ("excluded" in asked or not row["is_excluded"])
        and meets(rule.where, values_of(row, zone), today)
    ]

    found.sort(key=lambda row: row["track_key"])
    seed = today.isoformat() if rule.seed == "daily" else rule.seed
    # A stable sort by the last key first.
    for key in reversed(rule.sort):
        if key.field is None:
            found.sort(key=lambda row: _random(seed, row["track_key"]))
            continue
        name, is_text = key.field.name, key.field.kind == "text"

        def sorted_by(row: Row, name: str = name, is_text: bool = is_text) -> Any:
            value = values_of(row, zone)[name]
            if name == "trackKey":  # in the order in which the rule names them
                return rule.named_keys.index(value) if value in rule.named_keys else None
            return plain(value) if is_text and value is not None else value

        known = [row for row in found if sorted_by(row) is not None]
        unknown = [row for row in found if sorted_by(row) is None]
        # Equal ones keep their order in either direction.
        found = [*sorted(known, key=sorted_by, reverse=key.descending), *unknown]
    if rule.dedupe:
        once: dict[str, Row] = {}
        for row in found:
            once.setdefault(row["work_key"] or f"|{row['track_key']}", row)
        found = list(once.values())
    most = rule.limit or 10_000
    if rule.limit is None and rule.limit_percent is not None:
        most = max(1, len(found) * rule.limit_percent // 100)
    return found[rule.offset : rule.offset + most]


def _random(seed: str, track_key: str) -> str:
    return hashlib.md5(f"{seed}|{track_key}".encode(), usedforsecurity=False).hexdigest()
