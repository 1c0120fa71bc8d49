"""Privacy-export records → rows of ``bronze.listening_history_bronze``.

A record's identity is what makes it the same record in two exports: its source, its instant, what
was played (the id where there is one, else the names) and for how long. Fields that Spotify fills
differently from export to export (shuffle, platform, album) are no part of it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from writers.row_ids import hash_of

Json = dict[str, Any]

_FIRST_YEAR = 2006  # Spotify was founded then: an earlier play is a device clock gone wrong.
_CLOCK_TOLERANCE = timedelta(days=1)
_MAX_BIGINT = 2**63 - 1
_EXTENDED_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ACCOUNT_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z_]+)")


def export_rows(
    records: Iterable[tuple[int, Any]], user_id: str, source_file: str, kind: str, now: datetime
) -> Iterator[Json]:
    """Yield a row of ``staging.export_records`` for each record of one file.

    ``records`` are (position from 1, record less personal fields); ``now`` (UTC) tells what lies in
    the future. Identical records of the file all stay, told apart by their occurrence number.
    """
    is_account = kind.startswith("account")
    latest = now + _CLOCK_TOLERANCE
    occurrences: Counter[str] = Counter()
    for position, record in records:
        fields = record if isinstance(record, dict) else {}
        row = _of_account(fields) if is_account else _of_extended(fields, kind)
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
            row["played_month"] = played_at.isoformat()[:7]
        else:
            row["record"] = json.dumps(record, ensure_ascii=False)
        yield row


def damage_row(user_id: str, source_file: str, position: int, damage: str) -> Json:
    """Return the row that tells where a file is damaged; it holds no record."""
    return {
        "user_id": user_id,
        "source_file": source_file,
        "position": position,
        "reject_reason": f"the file {damage}",
    }


def _as_json(record: Any) -> str:
    try:
        return orjson.dumps(record).decode()
    except TypeError:  # a whole number of more than 64 bits
        return json.dumps(record, ensure_ascii=False)


def _of_extended(record: Json, kind: str) -> Json:
    """Return the columns that a record of the extended history fills.

    A value of another type than expected is null.
    """
    get = record.get
    track_uri, track = _text(get("spotify_track_uri")), get("master_metadata_track_name")
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
    skipped, offline = _flag(get("skipped")), _flag(get("offline"))
    incognito_mode = _flag(get("incognito_mode"))
    return {
        "source": "extended",
        "played_at": _instant(get("ts")),
        "media_type": media_type,
        "media_uri": _first(track_uri, episode_uri, chapter_uri),
        "track_id": None if found is None else found.group(1),
        "track_name": _filled(_first(track, episode, get("audiobook_chapter_title"), book)),
        "artist_name": artist if artist is not None else _filled(get("episode_show_name")),
        "album_artist_name": artist,
        "album_name": _text(get("master_metadata_album_album_name")),
        "ms_played": _whole(get("ms_played")),
        "platform": _text(get("platform")),
        "conn_country": _text(get("conn_country")),
        "reason_start": _text(get("reason_start")),
        "reason_end": _text(get("reason_end")),
        "shuffle": _flag(get("shuffle")),
        "skipped": skipped,
        "offline": offline,
        "incognito_mode": incognito_mode,
        "flags_known": 3 - (skipped, offline, incognito_mode).count(None),
    }


def _of_account(record: Json) -> Json:
    """Return the columns that a record of the account data fills."""
    get = record.get
    track, episode = get("trackName"), get("episodeName")
    artist = _filled(get("artistName"))
    without_track = "unknown" if episode is None else "episode"
    return {
        "source": "account",
        "played_at": _minute(get("endTime")),
        "media_type": without_track if track is None else "track",
        "media_uri": None,
        "track_name": _filled(_first(track, episode)),
        "artist_name": artist if artist is not None else _filled(get("podcastName")),
        "album_artist_name": artist,
        "ms_played": _whole(get("msPlayed")),
        "flags_known": 0,
    }


def _instant(value: Any) -> datetime | None:
    text = value.rstrip() if isinstance(value, str) else ""
    # A year or a bare date is no instant.
    return _read_instant(text) if _EXTENDED_INSTANT.match(text) else None


def _minute(value: Any) -> datetime | None:
    text = value if isinstance(value, str) else ""
    return _read_instant(text) if _ACCOUNT_MINUTE.fullmatch(text) else None


def _read_instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may lie outside the years that there are
        return None


def _reject_reason(row: Json, latest: datetime) -> str | None:
    played_at, milliseconds = row["played_at"], row["ms_played"]
    if played_at is None:
        return "its time is missing or cannot be read"
    if played_at > latest:
        return "its time lies in the future"
    if played_at.year < _FIRST_YEAR:
        return "its time lies before Spotify existed"
    if milliseconds is None:
        return "its playing time is missing or no whole number"
    if milliseconds < 0:
        return "its playing time is negative"
    return None


def _identity(row: Json) -> str:
    """Hash what makes a record the same record wherever it is met again."""
    names = (row["media_type"], row["artist_name"], row["track_name"])
    played = row["media_uri"]
    if played is None:
        played = "|".join(name for name in names if name is not None)
    played_at: datetime = row["played_at"]
    instant = int(played_at.timestamp()) * 1000 + played_at.microsecond // 1000
    return hash_of(f"{row['source']}|{instant}|{played}|{row['ms_played']}")


def _first(*values: Any) -> str | None:
    """Return the first value that is not null, as text."""
    for value in values:
        if value is not None:
            return _text(value)
    return None


def _filled(value: Any) -> str | None:
    """Return a value as text; null where it is blank."""
    text = _text(value)
    return text if text is not None and text.strip(" ") else None


def _text(value: Any) -> str | None:
    """Return a value as text; what is no text is shown as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MAX_BIGINT:
        return None
    return value


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
