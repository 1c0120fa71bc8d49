"""The zip files that Spotify would send for a simulated person's plays.

File names, folders, key order, indentation and placeholders follow real exports. The oddities they
are known for are there too: ``ts`` has whole seconds, so that several short plays can share one;
``offline_timestamp`` is in ms in the older records and in s in the newer, and 0 or null now and
then.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from demo.draws import Draws

EXTENDED_ZIP = "my_spotify_data_extended.zip"
ACCOUNT_ZIP = "my_spotify_data.zip"
EXTENDED_FOLDER = "Spotify Extended Streaming History"
ACCOUNT_FOLDER = "Spotify Account Data"
ACCOUNT_RECORDS_A_FILE = 10_000
EXTENDED_RECORDS_A_FILE = 16_000
"""About 12 MB."""

_DAYS_IN_ACCOUNT_DATA = 365
_TRACK_MEDIA = ("track", "video")
_READ_ME = b"%PDF-1.4\n% A stand-in for Spotify's explanations.\n%%EOF\n"
Record = dict[str, Any]


def write_export(plays: pd.DataFrame, folder: Path) -> list[Path]:
    """Write a person's two exports: the extended streaming history and the account data.

    The extended history holds every play; the account data hold those whose ``played_at`` lies
    within 365 days before the last one, with no ids and ``endTime`` cut to the minute. Both are in
    UTC.

    ``plays``: the plays of one person, from ``demo.listener.simulate``; at least one. ``folder``:
    where the zip files go; it must be there.

    Returns the two paths. The same plays give the same bytes (for one version of zlib).

    Raises ValueError: no plays, or those of several people. Raises OSError: a file cannot be
    written.
    """
    if plays["user_id"].nunique() != 1:
        raise ValueError("an export holds the plays of exactly one person")
    extended = folder / EXTENDED_ZIP
    account = folder / ACCOUNT_ZIP
    _write_zip(extended, _extended_files(plays))
    since = plays["played_at"].max() - pd.Timedelta(days=_DAYS_IN_ACCOUNT_DATA)
    _write_zip(account, _account_files(plays[plays["played_at"] > since]))
    return [extended, account]


def _write_zip(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            # A fixed time and system: else the bytes would depend on when and where.
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=4)


def _as_json(records: Iterable[Record], indent: int, colon: str) -> bytes:
    """Return the records as Spotify formats them, as ``json.dumps(indent=…)`` but much faster.

    The separators given to the fast encoder hold the line breaks; records are flat.
    """
    inner = " " * (2 * indent)
    outer = " " * indent
    encode = json.JSONEncoder(ensure_ascii=False, separators=(f",\n{inner}", colon)).encode
    text = io.StringIO()
    text.write("[")
    for number, record in enumerate(records):
        comma = "," if number else ""
        text.write(f"{comma}\n{outer}{{\n{inner}{encode(record)[1:-1]}\n{outer}}}")
    text.write("\n]")
    return text.getvalue().encode()


def _offline_timestamps(plays: pd.DataFrame) -> list[int | None]:
    """Return when each play began: ms in the first half, later s, some 0 or null."""
    started = plays["started_at"].dt.tz_localize(None)
    started_ms = started.to_numpy().astype("datetime64[ms]").astype(np.int64)
    middle = (started_ms[0] + started_ms[-1]) // 2
    stamps = np.where(started_ms < middle, started_ms, started_ms // 1000).astype(object)
    oddity = Draws(0, 4).uniform(len(plays))
    stamps[oddity < 0.01] = 0
    stamps[(oddity >= 0.01) & (oddity < 0.03)] = None
    result: list[int | None] = stamps.tolist()
    return result


def _extended_records(plays: pd.DataFrame) -> Iterator[Record]:
    is_track = plays["media_type"].isin(_TRACK_MEDIA)
    track, episode = is_track.to_numpy(), ~is_track.to_numpy()

    def where(mask: np.typing.NDArray[np.bool_], column: str, prefix: str = "") -> list[str | None]:
        values = (prefix + plays[column]).astype(object).to_numpy()
        values[~mask] = None
        return list(values)

    nothing: list[None] = [None] * len(plays)
    columns: Mapping[str, list[Any]] = {
        "ts": plays["played_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist(),
        "platform": plays["platform"].tolist(),
        "ms_played": plays["ms_played"].tolist(),
        "conn_country": plays["conn_country"].tolist(),
        "ip_addr": ["0.0.0.0"] * len(plays),
        "master_metadata_track_name": where(track, "track_name"),
        "master_metadata_album_artist_name": where(track, "artist_name"),
        "master_metadata_album_album_name": where(track, "album_name"),
        "spotify_track_uri": where(track, "track_id", "spotify:track:"),
        "episode_name": where(episode, "track_name"),
        "episode_show_name": where(episode, "artist_name"),
        "spotify_episode_uri": where(episode, "track_id", "spotify:episode:"),
        "audiobook_title": nothing,
        "audiobook_uri": nothing,
        "audiobook_chapter_uri": nothing,
        "audiobook_chapter_title": nothing,
        "reason_start": plays["reason_start"].tolist(),
        "reason_end": plays["reason_end"].tolist(),
        "shuffle": plays["shuffle"].tolist(),
        "skipped": plays["skipped"].tolist(),
        "offline": plays["offline"].tolist(),
        "offline_timestamp": _offline_timestamps(plays),
        "incognito_mode": plays["incognito"].tolist(),
    }
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _years(records: list[Record]) -> str:
    first, last = records[0]["ts"][:4], records[-1]["ts"][:4]
    return str(first if first == last else f"{first}-{last}")


def _extended_files(plays: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    records = list(_extended_records(plays))
    is_video = (plays["media_type"] == "video").tolist()
    audio = [record for record, video in zip(records, is_video, strict=True) if not video]
    videos = [record for record, video in zip(records, is_video, strict=True) if video]
    yield f"{EXTENDED_FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf", _READ_ME
    for number, first in enumerate(range(0, len(audio), EXTENDED_RECORDS_A_FILE)):
        part = audio[first : first + EXTENDED_RECORDS_A_FILE]
        name = f"Streaming_History_Audio_{_years(part)}_{number}.json"
        yield f"{EXTENDED_FOLDER}/{name}", _as_json(part, 1, ": ")
    if videos:
        name = f"Streaming_History_Video_{_years(videos)}.json"
        yield f"{EXTENDED_FOLDER}/{name}", _as_json(videos, 1, ": ")


def _account_records(plays: pd.DataFrame, artist: str, title: str) -> list[Record]:
    end_times = plays["played_at"].dt.strftime("%Y-%m-%d %H:%M")
    rows = zip(
        end_times, plays["artist_name"], plays["track_name"], plays["ms_played"], strict=True
    )
    return [
        {"endTime": end, artist: by, title: name, "msPlayed": int(played)}
        for end, by, name, played in rows
    ]


def _account_files(plays: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    is_track = plays["media_type"].isin(_TRACK_MEDIA)
    music = _account_records(plays[is_track], "artistName", "trackName")
    podcasts = _account_records(plays[~is_track], "podcastName", "episodeName")
    yield f"{ACCOUNT_FOLDER}/Read_Me_First.pdf", _READ_ME
    for kind, records in (("music", music), ("podcast", podcasts)):
        for number, first in enumerate(range(0, len(records), ACCOUNT_RECORDS_A_FILE)):
            part = records[first : first + ACCOUNT_RECORDS_A_FILE]
            name = f"StreamingHistory_{kind}_{number}.json"
            yield f"{ACCOUNT_FOLDER}/{name}", _as_json(part, 2, " : ")
    for name, content in _other_account_data(plays[is_track]).items():
        text = json.dumps(content, ensure_ascii=False, indent=2)
        yield f"{ACCOUNT_FOLDER}/{name}", text.encode()


def _other_account_data(plays: pd.DataFrame) -> dict[str, Record]:
    """Small stand-ins for what else is in the account data; of no use to a listening history."""
    top = plays.drop_duplicates("track_id").head(20)
    tracks = [
        {"artist": artist, "album": album, "track": title, "uri": f"spotify:track:{track_id}"}
        for artist, album, title, track_id in zip(
            top["artist_name"], top["album_name"], top["track_name"], top["track_id"], strict=True
        )
    ]
    items = [
        {
            "track": {
                "trackName": track["track"],
                "artistName": track["artist"],
                "albumName": track["album"],
                "trackUri": track["uri"],
            },
            "episode": None,
            "localTrack": None,
            "addedDate": "2026-01-01",
        }
        for track in tracks
    ]
    playlist = {
        "name": "Kept",
        "lastModifiedDate": "2026-01-01",
        "items": items,
        "description": None,
        "numberOfFollowers": 0,
    }
    library: Record = {"tracks": tracks, "albums": [], "shows": [], "episodes": [], "other": []}
    user = {"username": "demo", "email": "demo@example.org", "country": "US"}
    return {
        "Playlist1.json": {"playlists": [playlist]},
        "YourLibrary.json": library,
        "Inferences.json": {"inferences": []},
        "Userdata.json": user,
    }
