"""Lists of tracks as files: what other programs read is what was meant, whatever the names hold."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import SettingsError
from playlists.files import ListedTrack, as_file, listed, selection_as_json, write_file
from playlists.preview import in_short, why
from playlists.selection import select
from tests.playlists.libraries import TODAY, ZONE, at, lake_of, rule_of, track
from tests.properties import at_most

NAMESPACE = {"x": "http://xspf.org/ns/0/"}
TRACKS = [
    ListedTrack("1", "Song", "Artist", "Album", 200_499, "12 plays"),
    ListedTrack("2", '=HYPERLINK("x")', "", "", None, "-1"),
]


def texts(root: ET.Element, name: str) -> list[str | None]:
    return [each.text for each in root.iterfind(f".//x:track/x:{name}", NAMESPACE)]


def test_csv_holds_no_formula() -> None:
    rows = list(csv.reader(StringIO(as_file("csv", "T", "", TRACKS).removeprefix("\ufeff"))))

    assert rows == [
        ["track", "artist", "album", "why", "uri", "link", "duration_ms"],
        [
            *("Song", "Artist", "Album", "12 plays", "spotify:track:1"),
            *("https://open.spotify.com/track/1", "200499"),
        ],
        [
            *('\'=HYPERLINK("x")', "", "", "'-1", "spotify:track:2"),
            *("https://open.spotify.com/track/2", ""),
        ],
    ]


def test_m3u8_has_a_line_of_names_and_an_address_for_each_track() -> None:
    tracks = [TRACKS[0], ListedTrack("2", "A\n#EXTM3U\r\n", "B\u2028", "", None)]

    assert as_file("m3u8", "My\nlist", "", tracks) == (
        "#EXTM3U\n"
        "#PLAYLIST:My list\n"
        "#EXTINF:200,Artist - Song\n"
        "https://open.spotify.com/track/1\n"
        "#EXTINF:-1,B  - A #EXTM3U \n"
        "https://open.spotify.com/track/2\n"
    )


def test_xspf_is_as_the_format_says() -> None:
    root = ET.fromstring(as_file("xspf", "T & <b>", "why", TRACKS))

    assert (root.tag, root.get("version")) == ("{http://xspf.org/ns/0/}playlist", "1")
    assert root.findtext("x:title", namespaces=NAMESPACE) == "T & <b>"
    assert root.findtext("x:annotation", namespaces=NAMESPACE) == "why"
    assert texts(root, "location") == [each.link for each in TRACKS]
    assert texts(root, "identifier") == ["spotify:track:1", "spotify:track:2"]
    assert texts(root, "title") == ["Song", '=HYPERLINK("x")']
    assert (texts(root, "creator"), texts(root, "duration")) == (["Artist"], ["200499"])


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@at_most(100)
@given(st.lists(st.builds(ListedTrack, st.just("id"), ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=3))
def test_whatever_names_hold_the_files_can_be_read(tracks: list[ListedTrack]) -> None:
    root = ET.fromstring(as_file("xspf", "T", "", tracks))
    m3u8 = as_file("m3u8", "T", "", tracks).split("\n")
    rows = list(csv.reader(StringIO(as_file("csv", "T", "", tracks), newline="")))

    assert len(texts(root, "location")) == len(tracks)
    assert len(m3u8) == 2 + 2 * len(tracks) + 1
    assert [row[0].removeprefix("'") for row in rows[1:]] == [
        each.title.removeprefix("'") for each in tracks
    ]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_file(tmp_path / "a.m3u8", "é\r\n")

    assert (tmp_path / "a.m3u8").read_bytes() == "é\r\n".encode()
    with pytest.raises(SettingsError, match="is a folder"):
        write_file(tmp_path, "x")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_file(tmp_path / "none" / "a.m3u8", "x")


HEARD = track(
    "Song",
    counted_plays=1_234,
    heard_ms=90 * 60_000,
    skipped_plays=1,
    skip_known_plays=3,
    first_played_at=at(2023, 12, 31, 23),
    last_played_at=at(2024, 5, 3),
    played_hours=2**0 | 2**1 | 2**2 | 2**9 | 2**22 | 2**23,
    played_seasons=5,
    saved_at=at(2024, 1, 2),
    saved_albums=1,
    valence=0.456,
    tempo=120.0,
    feature_source="real",
    genre="rock",
    duration_ms=185_000,
)


def reasons(row: dict[str, Any], *conditions: Any, **others: Any) -> str:
    rule = rule_of(*conditions, **others)
    with lake_of([row]) as lake:
        (found,) = select(lake, rule, "me", ZONE, TODAY).tracks
    return why(rule, found)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"gt": {"plays": 1}}, "1,234 plays"),
        ({"gt": {"minutes": 1}}, "1 h 30 min heard"),
        ({"gt": {"skips": 0}}, "1 skip"),
        ({"gt": {"skipRate": 0}}, "skipped in 33% of plays"),
        ({"before": {"firstPlayed": "2025-01-01"}}, "first played 1 Jan 2024"),
        ({"before": {"lastPlayed": "2025-01-01"}}, "last played 3 May 2024"),
        # The hours that the rule asks for, not all.
        ({"inTheRange": {"playedInHour": [22, 2]}}, "played at 0 to 2 and 22 to 23 h"),
        ({"is": {"playedInHour": 9}}, "played at 9 h"),
        ({"is": {"playedInSeason": ["summer", "winter"]}}, "played in winter and summer"),
        ({"is": {"saved": True, "inAlbum": True}}, "saved, on a saved album"),
        ({"isPresent": {"dateSaved": True}}, "saved 2 Jan 2024"),
        ({"gt": {"valence": 0, "tempo": 1}}, "valence 0.46, tempo 120 BPM"),
        ({"is": {"featureSource": "real"}}, "features measured"),
        ({"is": {"genre": "ROCK"}}, "genre rock"),
        ({"lt": {"duration": 1000}}, "3:05 long"),
        ({"isNot": {"excluded": True}}, "not excluded"),
        ({"isMissing": {"available": True}}, "availability unknown"),
        ({"any": [{"gt": {"energy": 0}}, {"gt": {"plays": 3}}]}, "energy unknown, 1,234 plays"),
        # What everybody sees is not said again.
        ({"is": {"title": "song", "artist": "artist"}}, ""),
    ],
)
def test_why_a_track_is_in(condition: Any, words: str) -> None:
    assert reasons(HEARD, condition) == words


def test_what_never_was_is_said_once() -> None:
    never = [{"is": {"plays": 0}}, {"isMissing": {"lastPlayed": True}}]

    assert reasons(track("Song"), *never, {"is": {"saved": False}}) == "never played, not saved"


def test_what_a_rule_sorts_by_is_a_reason() -> None:
    assert reasons(HEARD, {"gt": {"plays": 0}}, sort="-lastPlayed,plays") == (
        "1,234 plays, last played 3 May 2024"
    )


def test_a_selection_as_json_has_the_values_that_the_rule_names() -> None:
    rule = rule_of({"gt": {"plays": 1}}, name="Näme", sort="-lastPlayed", limit=1)
    with lake_of([HEARD, track("No id", track_id=None, counted_plays=9)]) as lake:
        found = select(lake, rule, "me", ZONE, TODAY)
    told = json.loads(selection_as_json(found))

    assert (told["rule"], told["name"]) == ("rule", "Näme")
    assert (told["matching"], told["without_id"]) == (2, 1)
    assert told["tracks"] == [
        {
            "track_key": "artist|song",
            "track_id": "id of Song",
            "title": "Song",
            "artist": "Artist",
            "album": "",
            "duration_ms": 185_000,
            "why": "1,234 plays, last played 3 May 2024",
            "uri": "spotify:track:id of Song",
            "link": "https://open.spotify.com/track/id of Song",
            "values": {"plays": 1234, "lastPlayed": "2024-05-03"},
        }
    ]
    assert [each.link for each in listed(found)] == [each["link"] for each in told["tracks"]]
    assert in_short(found) == (
        "1 track of 2 that the rule matches (1 without a Spotify id left out)"
    )
