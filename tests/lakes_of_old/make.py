"""Make the lake of a release and keep it here.

``python -m tests.lakes_of_old.make NAME`` makes ``NAME.tar.gz`` with this checkout; with
``--code FOLDER`` another checkout makes it, such as one of ``git archive COMMIT``. The exports are
a few plays of invented artists; they stay in the archive, beside what that release made of them.
"""

import argparse
import csv
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loaders.kaggle_catalogue import COLUMNS
from tests.export_samples import Record, account, extended, write_json, write_zip

FOLDER = Path(__file__).parent
LAKE = "lake"
"""The folder in an archive: the data folder of that release's run."""

_MAX_BYTES = 200_000
_FIRST = datetime(2024, 1, 1, 7, 30, tzinfo=UTC)
_DAYS = 45
# Title, artist, and whether the catalogue has the track.
_TRACKS = (
    ("Kestrel Hours", "The Invented Lanterns", True),
    ("Paper Weather", "The Invented Lanterns", True),
    ("Ночной трамвай", "Выдуманный оркестр", True),
    ("أغنية بلا اسم", "فرقة خيالية", True),
    ('Comma, Quote "and" <b>Tag</b>', "Röyksopp-like & Söhne", True),
    ("🦊 at Dawn", "Fox Machine 🎛", True),
    ("Tin Roof", "Nobody Real", True),
    ("=SUM(A1:A9)", "+Plus", False),
    ("Long Way Down", "Nobody Real", False),
    ("Last Light", "Fox Machine 🎛", False),
)
# What leads from one release's settings to another's is of no concern here.
SETTINGS = {"TIMEZONE": "Europe/Berlin", "USER_ID": "me", "ENGINE": "auto"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="name of the archive, such as the version: 0.9.0")
    parser.add_argument("--code", type=Path, default=FOLDER.parent.parent, help="checkout to run")
    given = parser.parse_args()
    archive = FOLDER / f"{given.name}.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / LAKE
        write_inputs(lake)
        code = run_release(given.code, lake)
        if code == 0:
            with tarfile.open(archive, "w:gz") as packed:
                packed.add(lake, LAKE, filter=_kept)
    if code != 0:
        print(f"the run of {given.code} ended with {code}: no archive made", file=sys.stderr)
        return 1
    print(f"{archive}: {archive.stat().st_size:,} bytes")
    return 0 if archive.stat().st_size <= _MAX_BYTES else 1


def write_inputs(lake: Path) -> None:
    """Write the exports and the catalogue where a run on ``lake`` finds them."""
    plays = list(_plays())
    half = len(plays) // 2
    write_zip(
        lake / "exports" / "my_spotify_data.zip",
        {
            "Streaming_History_Audio_2024_0.json": plays[:half],
            # The last plays of the first file once more, as exports overlap.
            "Streaming_History_Audio_2024_1.json": plays[half - 10 :],
        },
    )
    told_twice = [
        account(
            each["ts"][:16].replace("T", " "),
            each["master_metadata_track_name"],
            each["master_metadata_album_artist_name"],
            each["ms_played"],
        )
        for each in plays[-20:]
    ]
    rejected = [account(end_time="no time at all")]
    write_json(lake / "exports" / "StreamingHistory0.json", told_twice + rejected)
    catalogue = lake / "kaggle" / "dataset.csv"
    catalogue.parent.mkdir(parents=True)
    with catalogue.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["", *COLUMNS])
        writer.writerows([number, *row] for number, row in enumerate(_catalogue()))


def run_release(code: Path, lake: Path) -> int:
    """Do one run with the code in a folder, and return its exit code."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        **SETTINGS,
    }
    command = [sys.executable, str(code / "run_ingestion.py"), "--no-api", "--data-dir", str(lake)]
    # In the folder of the lake: no settings but these, and the code's own modules.
    return subprocess.run(command, cwd=lake, env=environment, check=False).returncode


def _plays() -> Iterator[Record]:
    for day in range(_DAYS):
        for nth in range(2 + day % 3):
            number = 3 * day + nth * nth
            title, artist, _ = _TRACKS[number % len(_TRACKS)]
            ended = _FIRST + timedelta(days=day, minutes=97 * nth)
            yield extended(
                ts=f"{ended:%Y-%m-%dT%H:%M:%SZ}",
                track=title,
                artist=artist,
                track_id=_track_id(title),
                ms_played=15_000 if number % 7 == 0 else 180_000 + 1_000 * nth,
                reason_end="fwdbtn" if number % 7 == 0 else "trackdone",
                skipped=number % 7 == 0,
                shuffle=day % 2 == 0,
            )
    yield extended(
        ts="2024-02-20T20:00:00Z",
        track=None,
        artist=None,
        track_id=None,
        episode_name="A made-up talk",
        episode_show_name="Nobody Speaks",
        spotify_episode_uri="spotify:episode:5madeupmadeupmadeupmad",
    )


def _catalogue() -> Iterator[list[object]]:
    for number, (title, artist, is_known) in enumerate(_TRACKS):
        if is_known:
            features = {
                "danceability": 0.1 + number / 10,
                "energy": 0.9 - number / 10,
                "key": number % 12,
                "loudness": -5.5 - number,
                "mode": number % 2,
                "speechiness": 0.05,
                "acousticness": number / 10,
                "instrumentalness": 0.25,
                "liveness": 0.125,
                "valence": 0.2 + number / 10,
                "tempo": 90 + 7.5 * number,
                "time_signature": 4,
            }
            told = {
                "track_id": _track_id(title),
                "artists": artist,
                "album_name": "Album",
                "track_name": title,
                "popularity": 10 * number,
                "duration_ms": 200_000,
                "explicit": number % 2 == 1,
                "track_genre": ("indie", "ambient")[number % 2],
            }
            yield [{**features, **told}[name] for name in COLUMNS]


def _track_id(title: str) -> str:
    number = next(place for place, each in enumerate(_TRACKS) if each[0] == title)
    return f"{number:022d}"


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what a run leaves beside the lake, and who made the archive."""
    parts = Path(member.name).parts
    if {"logs", "reports"} & {*parts} or parts[-1].endswith((".lock", ".crc")):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    sys.exit(main())
