"""Small exports in Spotify's own shapes, for tests to vary."""

import json
import zipfile
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def extended(
    ts: str = "2024-03-01T12:00:00Z",
    track: str | None = "Song",
    artist: str | None = "Artist",
    track_id: str | None = "0uoyRcSBbBsHFpMHmYBJ0j",
    ms_played: Any = 180_000,
    **others: Any,
) -> Record:
    """Return a record of the extended history, with the personal fields that must never land."""
    return {
        "ts": ts,
        "username": "a-user-name",
        "platform": "windows",
        "ms_played": ms_played,
        "conn_country": "DE",
        "ip_addr": "203.0.113.7",
        "user_agent_decrypted": "an-agent",
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": "Album",
        "spotify_track_uri": f"spotify:track:{track_id}" if track_id else None,
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": None,
        "offline": False,
        "offline_timestamp": None,
        "incognito_mode": False,
        **others,
    }


def account(
    end_time: str = "2024-03-01 12:00",
    track: str = "Song",
    artist: str = "Artist",
    ms_played: Any = 180_000,
) -> Record:
    """Return a record of the account data."""
    return {
        "endTime": end_time,
        "artistName": artist,
        "trackName": track,
        "msPlayed": ms_played,
    }


def write_json(path: Path, records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def write_zip(path: Path, members: dict[str, Any]) -> Path:
    """Write a zip; a member that is text goes in as it is, everything else as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return path
