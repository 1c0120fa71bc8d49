"""A list of tracks as a file for other programs: CSV, M3U8, XSPF or JSON."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args
from xml.etree import ElementTree as ET

from playlists.fields import plain
from playlists.preview import why
from playlists.selection import Selection, track_uri
from report import csv_text
from report.export_table import scratch_beside
from report.spotify_links import track_link

FileFormat = Literal["csv", "m3u8", "xspf", "json"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "m3u8": "application/vnd.apple.mpegurl",
    "xspf": "application/xspf+xml",
    "json": "application/json",
}

_XSPF = "http://xspf.org/ns/0/"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class ListedTrack(NamedTuple):
    """A track of a list as files hold it: its Spotify id, names, length, and why it is in."""

    track_id: str
    title: str
    artist: str
    album: str
    duration_ms: int | None = None
    why: str = ""

    @property
    def link(self) -> str:
        """The address at which Spotify opens it."""
        return track_link(self.track_id) or ""

    @property
    def uri(self) -> str:
        return track_uri(self.track_id)


def listed(selection: Selection) -> list[ListedTrack]:
    """Return the tracks of a selection as files hold them."""
    return [
        ListedTrack(
            each.track_id,
            each.track_name or "",
            each.artist_name or "",
            each.album_name or "",
            each.duration_ms,
            why(selection.rule, each),
        )
        for each in selection.tracks
    ]


def as_file(
    file_format: FileFormat, title: str, comment: str, tracks: Sequence[ListedTrack]
) -> str:
    """Return a list of tracks as the text of a file."""
    match file_format:
        case "csv":
            return _as_csv(tracks)
        case "m3u8":
            return _as_m3u8(title, tracks)
        case "xspf":
            return _as_xspf(title, comment, tracks)
        case "json":
            shown = [_shown(each) for each in tracks]
            return _json({"name": title, "comment": comment, "tracks": shown})


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises SettingsError where it cannot be written."""
    with scratch_beside(path) as scratch:
        written = scratch / "written"
        written.write_text(text, encoding="utf-8", newline="")
        written.replace(path)


def selection_as_json(selection: Selection) -> str:
    """Return a selection as JSON: the rule, and its tracks with the values that the rule names."""
    tracks = [
        {
            "track_key": each.track_key,
            **_shown(shown),
            "values": {name: plain(value) for name, value in each.values.items()},
        }
        for each, shown in zip(selection.tracks, listed(selection), strict=True)
    ]
    rule = selection.rule
    found = {
        "rule": rule.slug,
        "name": rule.name,
        "comment": rule.comment,
        "matching": selection.matching,
        "without_id": selection.without_id,
        "tracks": tracks,
    }
    return _json(found)


def _shown(track: ListedTrack) -> dict[str, Any]:
    return {**track._asdict(), "uri": track.uri, "link": track.link}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _as_csv(tracks: Iterable[ListedTrack]) -> str:
    """Return CSV; a text that begins like a formula is marked as a text."""
    text = StringIO()
    text.write("\ufeff")
    written = csv.writer(text)
    written.writerow(("track", "artist", "album", "why", "uri", "link", "duration_ms"))
    for each in tracks:
        row = (each.title, each.artist, each.album, each.why, each.uri, each.link, each.duration_ms)
        written.writerow([csv_text.plain(value) for value in row])
    return text.getvalue()


def _as_m3u8(title: str, tracks: Iterable[ListedTrack]) -> str:
    """Return M3U8: a line of names and the address of each track. Names are one line each."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(title)}"]
    for each in tracks:
        seconds = -1 if each.duration_ms is None else round(each.duration_ms / 1000)
        lines += [f"#EXTINF:{seconds},{_one_line(_full_title(each))}", each.link]
    return "\n".join(lines) + "\n"


def _full_title(track: ListedTrack) -> str:
    return " - ".join(each for each in (track.artist, track.title) if each)


def _one_line(text: str) -> str:
    return _LINE_ENDS.sub(" ", text)


def _as_xspf(title: str, comment: str, tracks: Iterable[ListedTrack]) -> str:
    """Return XSPF 1 (xspf.org), less the characters that XML cannot hold."""
    root = ET.Element("playlist", {"version": "1", "xmlns": _XSPF})
    _add(root, "title", title)
    _add(root, "annotation", comment)
    track_list = ET.SubElement(root, "trackList")
    for each in tracks:
        track = ET.SubElement(track_list, "track")
        _add(track, "location", each.link)
        _add(track, "identifier", each.uri)
        _add(track, "title", each.title)
        _add(track, "creator", each.artist)
        _add(track, "annotation", each.why)
        _add(track, "album", each.album)
        _add(track, "duration", "" if each.duration_ms is None else str(each.duration_ms))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add(parent: ET.Element, name: str, text: str) -> None:
    if text:
        ET.SubElement(parent, name).text = _NOT_IN_XML.sub("", text)
