"""What rules can ask of a track: the fields by name, with Navidrome's names for the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal

from playlists.nearest import nearest
from report.page.words import day, minutes, number, percent, plural
from schemas.common_columns import FEATURE_NAMES
from schemas.silver_schemas import SEASONS

Kind = Literal["number", "text", "date", "truth", "hours", "seasons", "key", "playlist"]
Words = Callable[[Any], str]

FEATURE_WORDS: Mapping[str, str] = {
    "real": "features measured",
    "kaggle": "features from the catalogue",
    "synthetic": "features synthetic",
}
HOURS = 24
_NEVER = "never played"


@dataclass(frozen=True)
class Field:
    """What a rule can ask: its name, its kind, and the column of ``playlists.library``.

    ``words`` says a known value as a person would; ``unknown`` stands for a value that is not.
    """

    name: str
    kind: Kind
    column: str
    words: Words
    unknown: str


class UnknownFieldError(ValueError):
    """There is no field of that name; the text says which is meant or why there is none."""


def _counted(one: str, none: str) -> Words:
    return lambda value: plural(value, one) if value else none


def _dated(what: str) -> Words:
    return lambda value: f"{what} {day(value)}"


def _named(what: str) -> Words:
    return lambda value: f"{what} {value}"


def _either(yes: str, no: str) -> Words:
    return lambda value: yes if value else no


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _hours(bits: int) -> str:
    if not bits:
        return _NEVER
    hours = [hour for hour in range(HOURS) if bits >> hour & 1]
    # Hours in a row have the same difference from their number.
    rows = [list(row) for _, row in groupby(hours, key=lambda hour: hour - hours.index(hour))]
    names = [str(row[0]) if len(row) == 1 else f"{row[0]} to {row[-1]}" for row in rows]
    return f"played at {_listed(names)} h"


def _seasons(bits: int) -> str:
    names = [name for place, name in enumerate(SEASONS) if bits >> place & 1]
    return f"played in {_listed(names)}" if names else _NEVER


def _length(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02} long"


def _feature(column: str) -> Field:
    name = "timeSignature" if column == "time_signature" else column
    units = {"tempo": " BPM", "loudness": " dB"}
    return Field(
        name,
        "number",
        column,
        lambda value: f"{name} {number(value)}{units.get(column, '')}",
        f"{name} unknown",
    )


_ALL = (
    Field("plays", "number", "counted_plays", _counted("play", _NEVER), _NEVER),
    Field("minutes", "number", "minutes", lambda value: f"{minutes(value)} heard", _NEVER),
    Field("skips", "number", "skipped_plays", _counted("skip", "no skip"), "no skip"),
    Field(
        "skipRate",
        "number",
        "skip_rate",
        lambda value: f"skipped in {percent(value)} of plays",
        "skips unknown",
    ),
    Field("firstPlayed", "date", "first_played", _dated("first played"), _NEVER),
    Field("lastPlayed", "date", "last_played", _dated("last played"), _NEVER),
    Field("playedInHour", "hours", "played_hours", _hours, _NEVER),
    Field("playedInSeason", "seasons", "played_seasons", _seasons, _NEVER),
    Field("saved", "truth", "saved", _either("saved", "not saved"), "not saved"),
    Field("dateSaved", "date", "date_saved", _dated("saved"), "not saved"),
    Field(
        "inAlbum",
        "truth",
        "in_album",
        _either("on a saved album", "on no saved album"),
        "on no saved album",
    ),
    *map(_feature, FEATURE_NAMES),
    Field(
        "featureSource",
        "text",
        "feature_source",
        lambda value: FEATURE_WORDS.get(value, value),
        "features unknown",
    ),
    Field("cluster", "text", "cluster", _named("mood cluster"), "in no mood cluster"),
    Field("genre", "text", "genre", _named("genre"), "genre unknown"),
    Field("artist", "text", "artist_name", _named("by"), "artist unknown"),
    Field("album", "text", "album_name", _named("on"), "album unknown"),
    Field("title", "text", "track_name", _named("titled"), "title unknown"),
    Field("trackKey", "key", "track_key", lambda _: "named by the rule", "not named by the rule"),
    Field("duration", "number", "seconds", _length, "length unknown"),
    Field(
        "available",
        "truth",
        "available",
        _either("available", "not available"),
        "availability unknown",
    ),
    Field("excluded", "truth", "is_excluded", _either("excluded", "not excluded"), "not excluded"),
)
FIELDS: Mapping[str, Field] = {each.name: each for each in _ALL}
"""By name, as it is written in messages; rules may write it in any case."""

SYNONYMS: Mapping[str, str] = {
    "playcount": "plays",
    "loved": "saved",
    "dateloved": "dateSaved",
    "dateadded": "dateSaved",
    "albumloved": "inAlbum",
    "albumartist": "artist",
    "bpm": "tempo",
}
"""Navidrome's names of our fields, in small letters."""

_NAVIDROMES_OWN = """
year date originalyear originaldate releaseyear releasedate rating averagerating
albumrating artistrating daterated comment lyrics filepath filetype codec bitrate bitdepth
samplerate channels size compilation tracknumber discnumber discsubtitle hascoverart
datemodified explicitstatus sorttitle sortalbum sortartist sortalbumartist albumtype
releasetype albumcomment catalognumber missing library_id mood grouping composer
albumplaycount albumlastplayed artistplaycount artistlastplayed artistloved
"""
PLAYLIST = Field("playlist", "playlist", "playlist_ids", str, "")
"""What ``inPlaylist`` and ``notInPlaylist`` ask."""

_BY_LOWER_NAME = {each.name.lower(): each for each in _ALL} | {
    other: FIELDS[name] for other, name in SYNONYMS.items()
}


def find_field(name: str) -> Field:
    """Return the field of a name in any case, ours or Navidrome's; raises UnknownFieldError."""
    found = _BY_LOWER_NAME.get(name.lower())
    if found is not None:
        return found
    if name.lower() in _NAVIDROMES_OWN.split():
        raise UnknownFieldError(
            f"there is no field {name} here: Navidrome has it, this lake does not"
        )
    raise UnknownFieldError(f"there is no field {name}: {nearest(name, [*FIELDS, *SYNONYMS])}")


def said(field: Field, value: Any) -> str:
    """Return a track's value of a field in words: ``12 plays``, ``last played 3 May 2024``."""
    return field.unknown if value is None else field.words(value)


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: dates as ISO texts."""
    return value.isoformat() if isinstance(value, date) else value
