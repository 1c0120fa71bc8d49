"""The smallest telling input: zips, account data that overlaps with them, a catalogue."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loaders.kaggle_catalogue import COLUMNS
from tests.export_samples import Record, account, extended, write_json, write_zip

SONGS, START = 6, datetime(2024, 1, 28, 9, tzinfo=UTC)
BEGUN, ALL = 24, 40
"""How many records of the extended history the first zip has, and both zips together."""


def write_inputs(folder: Path) -> None:
    """Write ``first.zip``, ``second.zip``, the account data of both, and ``dataset.csv``."""
    folder.mkdir(parents=True)
    records = [_extended(number) for number in range(ALL)]
    broken = extended(ts="not a time")
    name = "Spotify Extended Streaming History/Streaming_History_Audio_2024_{}.json"
    write_zip(folder / "first.zip", {name.format(0): [*records[:BEGUN], broken]})
    write_zip(folder / "second.zip", {name.format(2): records[BEGUN + 4 :]})
    write_json(folder / "StreamingHistory_music_0.json", [*map(_account, range(10, BEGUN + 4))])
    write_json(folder / "StreamingHistory_music_1.json", [*map(_account, range(BEGUN, ALL + 4))])
    with (folder / "dataset.csv").open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        for number in range(0, SONGS, 2):
            writer.writerow({each: _of_catalogue(each, number) for each in COLUMNS})


def _extended(number: int) -> Record:
    return extended(
        ts=f"{_ended(number):%Y-%m-%dT%H:%M:%SZ}",
        track=f"Song {number % SONGS}",
        artist=f"Artist {number % SONGS % 3}",
        track_id=_track_id(number % SONGS),
        ms_played=150_000 + number,
    )


def _account(number: int) -> Record:
    return account(
        end_time=f"{_ended(number):%Y-%m-%d %H:%M}",
        track=f"Song {number % SONGS}",
        artist=f"Artist {number % SONGS % 3}",
        ms_played=150_000 + number,
    )


def _ended(number: int) -> datetime:
    return START + timedelta(hours=5 * number, minutes=number)


def _track_id(number: int) -> str:
    return f"{number:022}"


def _of_catalogue(column: str, number: int) -> object:
    texts = {
        "track_id": _track_id(number),
        "artists": f"Artist {number % 3}",
        "album_name": "Album",
        "track_name": f"Song {number}",
        "track_genre": "pop",
        "explicit": "False",
    }
    numbers = {"popularity": 40, "duration_ms": 180_000, "tempo": 120.5, "loudness": -6.5}
    whole = {"key": 5, "mode": 1, "time_signature": 4}
    return {**texts, **numbers, **whole}.get(column, 0.25 + number / 20)
