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

from writers.row_ids import hash_of

Json = dict[str, Any]

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_FIRST_YEAR = 2006  # Spotify was founded then: an earlier play is a device clock gone wrong.
_CLOCK_TOLERANCE = timedelta(days=1)
_MAX_BIGINT = 2**63 - 1
_EXTENDED_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ACCOUNT_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z_]+)")
_FLAGS = ("shuffle", "skipped", "offline", "incognito_mode")
_TELLING_FLAGS = ("skipped", "offline", "incognito_mode")


def export_rows(
    records: Iterable[tuple[int, Any]], user_id: str, source_file: str, kind: str, now: datetime
) -> Iterator[Json]:
    """Yield a row of ``staging.export_records`` for each record of one file.

    ``records`` are (position from 1, record less personal fields); ``now`` (UTC) tells what lies in
    the future. Identical records of the file all stay, told apart by their occurrence number.
    """
    occurrences: Counter[str] = Counter()
    for position, record in records:
        row = _typed(record if isinstance(record, dict) else {}, kind)
        reason = _reject_reason(row, now)
        row |= {
            "user_id": user_id,
            "source_file": source_file,
            "position": position,
            "record": as_json(record),
            "reject_reason": reason,
        }
        if reason is None:
            identity = _identity(row)
            occurrences[identity] += 1
            played_at: datetime = row["played_at"]
            row |= {
                "record_id": hash_of(f"{identity}:{occurrences[identity]}"),
                "date": played_at.date(),
                "played_month": f"{played_at:%Y-%m}",
            }
        yield row


def damage_row(user_id: str, source_file: str, position: int, damage: str) -> Json:
    """Return the row that tells where a file is damaged; it holds no record."""
    return {
        "user_id": user_id,
        "source_file": source_file,
        "position": position,
        "reject_reason": f"the file {damage}",
    }


def as_json(record: Any) -> str:
    """Return a record as JSON in one line; half a surrogate pair is replaced, as it is no text."""
    text = _ENCODER.encode(record)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _typed(record: Json, kind: str) -> Json:
    """Return the columns that exports can fill; a value of another type than expected is null."""
    is_account = kind.startswith("account")
    track_uri = _text(record.get("spotify_track_uri"))
    media_uri = _first_text(
        record, "spotify_track_uri", "spotify_episode_uri", "audiobook_chapter_uri"
    )
    artist = _first_text(record, "master_metadata_album_artist_name", "artistName")
    found = None if track_uri is None else _TRACK_URI.fullmatch(track_uri)
    milliseconds = _whole(record.get("ms_played"))
    row: Json = {
        "source": "account" if is_account else "extended",
        "played_at": _minute(record) if is_account else _instant(record),
        "media_type": _media_type(record, kind),
        "media_uri": media_uri,
        "track_id": None if found is None else found.group(1),
        "track_name": _filled(
            _first_text(
                record,
                "master_metadata_track_name",
                "trackName",
                "episode_name",
                "episodeName",
                "audiobook_chapter_title",
                "audiobook_title",
            )
        ),
        "artist_name": _filled(
            artist
            if artist is not None
            else _first_text(record, "episode_show_name", "podcastName")
        ),
        "album_artist_name": _filled(artist),
        "album_name": _text(record.get("master_metadata_album_album_name")),
        "ms_played": _whole(record.get("msPlayed")) if milliseconds is None else milliseconds,
        **{
            name: _text(record.get(name))
            for name in ("platform", "conn_country", "reason_start", "reason_end")
        },
        **{name: _flag(record.get(name)) for name in _FLAGS},
    }
    row["flags_known"] = sum(row[name] is not None for name in _TELLING_FLAGS)
    return row


def _instant(record: Json) -> datetime | None:
    text = (_text(record.get("ts")) or "").strip()
    # A year or a bare date is no instant.
    return _read_instant(text) if _EXTENDED_INSTANT.match(text) else None


def _minute(record: Json) -> datetime | None:
    text = _text(record.get("endTime")) or ""
    return _read_instant(text) if _ACCOUNT_MINUTE.fullmatch(text) else None


def _read_instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _media_type(record: Json, kind: str) -> str:
    def names(*fields: str) -> bool:
        return any(record.get(field) is not None for field in fields)

    if names("spotify_track_uri", "master_metadata_track_name", "trackName"):
        return "video" if kind == "extended_video" else "track"
    if names("spotify_episode_uri", "episode_name", "episodeName"):
        return "episode"
    if names("audiobook_chapter_uri", "audiobook_title"):
        return "audiobook"
    return "unknown"


def _reject_reason(row: Json, now: datetime) -> str | None:
    played_at, milliseconds = row["played_at"], row["ms_played"]
    if played_at is None:
        return "its time is missing or cannot be read"
    if played_at > now + _CLOCK_TOLERANCE:
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
    instant = int(row["played_at"].timestamp() * 1000)
    return hash_of(f"{row['source']}|{instant}|{played}|{row['ms_played']}")


def _first_text(record: Json, *fields: str) -> str | None:
    values = (_text(record.get(field)) for field in fields)
    return next((each for each in values if each is not None), None)


def _filled(text: str | None) -> str | None:
    return text if text is not None and text.strip(" ") else None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) and value.isascii() else _other_text(value)


def _other_text(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return as_json(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MAX_BIGINT:
        return None
    return value


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
