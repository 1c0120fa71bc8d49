"""Privacy-export records → rows of ``bronze.listening_history_bronze``.

A record's identity is what makes it the same record in two exports: its source, its instant, what
was played (the id where there is one, else the names) and for how long. Fields that Spotify fills
differently from export to export (shuffle, platform, album) are not part of it.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from loaders.json_records import Damage
from mappers.values import (
    CLOCK_TOLERANCE,
    FIRST_YEAR,
    IN_THE_FUTURE,
    Json,
    flag,
    instant,
    text,
    whole,
)
from schemas.play_sources import ACCOUNT, EXTENDED, PlaySource, source_of_files
from writers.row_ids import hash_of

_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z_]+)")


def export_rows(
    records: Iterable[tuple[int, Any]], user_id: str, source_file: str, kind: str, now: datetime
) -> Iterator[Json]:
    """Yield a row of ``staging.export_records`` for each record of one file.

    ``records`` are (position from 1, record without personal fields, or ``Damage``); ``now`` (UTC)
    decides what lies in the future. Identical records of the file all stay, distinguished by their
    occurrence number. A row for a damage has its reason and no record.
    """
    fields_of = _FIELDS_OF[source_of_files(kind)]
    latest = now + CLOCK_TOLERANCE
    occurrences: Counter[str] = Counter()
    for position, record in records:
        if isinstance(record, Damage):
            yield _damage_row(user_id, source_file, position, record)
            continue
        fields = record if isinstance(record, dict) else {}
        row = fields_of(fields, kind)
        row["user_id"] = user_id
        row["source_file"] = source_file
        row["position"] = position
        reason = row["reject_reason"] = _reject_reason(row, latest)
        if reason is None:
            identity = _identity(row)
            occurrences[identity] += 1
            played_at: datetime = row["played_at"]
            row["record"] = _as_json(record)
            row["record_id"] = hash_of(f"{identity}:{occurrences[identity]}")
            row["date"] = played_at.date()
            row["played_month"] = f"{played_at.year}-{played_at.month:02}"
        else:
            row["record"] = _as_spaced_json(record)
        yield row


def _damage_row(user_id: str, source_file: str, position: int, damage: Damage) -> Json:
    return {
        "user_id": user_id,
        "source_file": source_file,
        "position": position,
        "reject_reason": f"the file {damage.detail}",
    }


def _as_json(record: Any) -> str:
    try:
        return orjson.dumps(record).decode()
    except TypeError:  # a whole number of more than 64 bits, or nested deeply
        return _as_spaced_json(record)


def _as_spaced_json(record: Any) -> str:
    try:
        return json.dumps(record, ensure_ascii=False)
    except RecursionError:
        fields = record if isinstance(record, dict) else {}
        plain = {
            name: value for name, value in fields.items() if not isinstance(value, dict | list)
        }
        return json.dumps(plain, ensure_ascii=False)


def _of_extended(record: Json, kind: str) -> Json:
    """Return the columns that a record of the extended history fills.

    A value of another type than expected is null.
    """
    get = record.get
    track_uri, track = text(get("spotify_track_uri")), get("master_metadata_track_name")
    episode_uri, episode = get("spotify_episode_uri"), get("episode_name")
    chapter_uri, book = get("audiobook_chapter_uri"), get("audiobook_title")
    artist = _filled(get("master_metadata_album_artist_name"))
    if track_uri is not None or track is not None:
        media_type = "video" if kind == "extended_video" else "track"
    elif episode_uri is not None or episode is not None:
        media_type = "episode"
    elif chapter_uri is not None or book is not None:
        media_type = "audiobook"
    else:
        media_type = "unknown"
    found = None if track_uri is None else _TRACK_URI.fullmatch(track_uri)
    skipped, offline = flag(get("skipped")), flag(get("offline"))
    incognito_mode = flag(get("incognito_mode"))
    return {
        "source": EXTENDED.name,
        "played_at": instant(get("ts")),
        "media_type": media_type,
        "media_uri": _first(track_uri, episode_uri, chapter_uri),
        "track_id": None if found is None else found.group(1),
        "track_name": _filled(_first(track, episode, get("audiobook_chapter_title"), book)),
        "artist_name": artist if artist is not None else _filled(get("episode_show_name")),
        "album_artist_name": artist,
        "album_name": text(get("master_metadata_album_album_name")),
        "ms_played": whole(get("ms_played")),
        "platform": text(get("platform")),
        "conn_country": text(get("conn_country")),
        "reason_start": text(get("reason_start")),
        "reason_end": text(get("reason_end")),
        "shuffle": flag(get("shuffle")),
        "skipped": skipped,
        "offline": offline,
        "incognito_mode": incognito_mode,
        "flags_known": 3 - (skipped, offline, incognito_mode).count(None),
    }


def _of_account(record: Json, kind: str) -> Json:
    """Return the columns that a record of the account data fills."""
    get = record.get
    track, episode, book = get("trackName"), get("episodeName"), get("audiobookName")
    chapter = get("chapterName")
    artist = _filled(get("artistName"))
    if track is not None:
        media_type = "track"
    elif episode is not None:
        media_type = "episode"
    elif chapter is not None or book is not None:
        media_type = "audiobook"
    else:
        media_type = "unknown"
    return {
        "source": ACCOUNT.name,
        "played_at": instant(get("endTime")),
        "media_type": media_type,
        "media_uri": None,
        "track_name": _filled(_first(track, episode)) or _filled(chapter) or _filled(book),
        "artist_name": artist or _filled(get("podcastName")) or _filled(get("authorName")),
        "album_artist_name": artist,
        "album_name": text(book),
        "ms_played": whole(get("msPlayed")),
        "flags_known": 0,
    }


_FIELDS_OF: Mapping[PlaySource, Callable[[Json, str], Json]] = {
    EXTENDED: _of_extended,
    ACCOUNT: _of_account,
}


def _reject_reason(row: Json, latest: datetime) -> str | None:
    played_at, milliseconds = row["played_at"], row["ms_played"]
    if played_at is None:
        return "its time is missing or cannot be read"
    if played_at > latest:
        return IN_THE_FUTURE
    if played_at.year < FIRST_YEAR:
        return "its time lies before Spotify existed"
    if milliseconds is None:
        return "its playing time is missing or not a whole number"
    if milliseconds < 0:
        return "its playing time is negative"
    return None


def _identity(row: Json) -> str:
    """Hash the fields that identify a record in every export."""
    names = (row["media_type"], row["artist_name"], row["track_name"])
    played = row["media_uri"]
    if played is None:
        played = "|".join(name for name in names if name is not None)
    played_at: datetime = row["played_at"]
    played_ms = int(played_at.timestamp()) * 1000 + played_at.microsecond // 1000
    return hash_of(f"{row['source']}|{played_ms}|{played}|{row['ms_played']}")


def _first(*values: Any) -> str | None:
    """Return the first value that is not null, as text."""
    for value in values:
        if value is not None:
            return text(value)
    return None


def _filled(value: Any) -> str | None:
    """Return a value as text; null where it is blank."""
    filled = text(value)
    return filled if filled is not None and filled.strip(" ") else None
