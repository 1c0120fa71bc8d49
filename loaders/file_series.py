"""The place of a file in its export: which archive, and which number of which series."""

import re
from typing import NamedTuple

# endsong_3, StreamingHistory0, Streaming_History_Audio_2018-2021_4, StreamingHistory_music_1 (2)
_NAME = re.compile(
    r"(?P<series>.*?[a-z])"
    r"(?:[ _-]*(?P<years>(?:19|20)\d\d(?:-(?:19|20)?\d\d)?))?"
    r"(?:[ _-]*(?P<number>\d{1,3}))?"
    r"(?: *\(\d+\))?"
)


class Place(NamedTuple):
    """``number`` is None where the name has none, as of an export of a single file."""

    archive: str
    series: str
    number: int | None


def place_in_series(name: str) -> Place:
    """Return the place of a file by its name, ``folder/file.json`` or ``a.zip!member``."""
    folder, _, file_name = name.replace("\\", "/").rpartition("/")
    if "!" in file_name:
        inside, _, file_name = file_name.rpartition("!")
        folder = f"{folder}/{inside}"
    stem = file_name.lower().removesuffix(".json")
    found = _NAME.fullmatch(stem)
    if found is None:
        return Place(folder, stem, None)
    number = found["number"]
    return Place(folder, found["series"], None if number is None else int(number))
