"""Every operator on every kind of field, with tracks chosen by hand."""

from typing import Any

import pytest

from playlists.selection import select
from schemas.availability_schemas import TRACK_AVAILABILITY
from schemas.genre_schemas import ARTIST_GENRES
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.library_schemas import PLAYLISTS
from schemas.table import Table
from tests.playlists.libraries import TODAY, ZONE, Row, at, lake_of, rule_of, track

# Names are the answers: what a condition is asked of differs from track to track.
TRACKS = (
    track(
        "much",
        counted_plays=12,
        heard_ms=30 * 60_000,
        skipped_plays=3,
        skip_known_plays=12,
        # In Berlin the last play ended on 15 June, the first on 2 January.
        first_played_at=at(2024, 1, 1, 23),
        last_played_at=at(2024, 6, 14, 23),
        played_hours=2**22 | 2**3,
        played_seasons=1,
        saved_at=at(2024, 5, 1),
        saved_albums=1,
        valence=0.5,
        tempo=120.0,
        key=0,
        time_signature=4,
        feature_source="real",
        genre="Dream Pop",
        album_name="Été",
        duration_ms=200_000,
        playlist_ids=["p1"],
    ),
    track(
        "some",
        counted_plays=5,
        heard_ms=12 * 60_000 + 30_000,
        skip_known_plays=5,
        skipped_plays=0,
        first_played_at=at(2023, 6, 1),
        last_played_at=at(2024, 3, 1),
        played_hours=2**0,
        played_seasons=2 | 4,
        valence=0.9,
        feature_source="synthetic",
        genre="rock",
        album_name="100% Live_",
        artist_name="Björk",
        duration_ms=90_000,
        playlist_ids=["p1", "p2"],
    ),
    track("never", saved_at=at(2023, 12, 24), album_name="ete", artist_name=None),
    track("left out", is_excluded=True, counted_plays=5),
)


def chosen(*conditions: Any, **others: Any) -> list[str | None]:
    more: dict[Table, list[Row]] = {
        ARTIST_GENRES: [
            {"artist_key": "artist", "genre": "of the artist"},
            {"artist_key": "björk", "genre": "unclassified"},
        ],
        MOOD_CLUSTERS: [
            {"user_id": "me", "track_key": "artist|much", "label": "dark and calm"},
            {"user_id": "you", "track_key": "björk|some", "label": "bright and calm"},
        ],
        PLAYLISTS: [
            {"user_id": "me", "playlist_id": "p1", "playlist_name": "Mine", "is_own": True},
            {"user_id": "me", "playlist_id": "p2", "playlist_name": "Two", "is_own": True},
            {"user_id": "me", "playlist_id": "p3", "playlist_name": "Other", "is_own": False},
        ],
    }
    with lake_of(TRACKS, more) as lake:
        rule = rule_of(*conditions, sort="title", **others)
        return [each.track_name for each in select(lake, rule, "me", ZONE, TODAY).tracks]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"plays": 5}}, ["some"]),
        ({"is": {"plays": "5"}}, ["some"]),
        ({"is": {"plays": [0, 12]}}, ["much", "never"]),
        ({"isNot": {"plays": 5}}, ["much", "never"]),
        ({"isNot": {"plays": [0, 5]}}, ["much"]),
        ({"gt": {"plays": 5}}, ["much"]),
        ({"lt": {"plays": 5}}, ["never"]),
        ({"inTheRange": {"plays": [5, 12]}}, ["much", "some"]),
        ({"inTheRange": {"plays": [6, 11]}}, []),
        ({"gt": {"minutes": 12.4}}, ["much", "some"]),
        ({"gt": {"minutes": 12.5}}, ["much"]),
        ({"is": {"skips": 0}}, ["never", "some"]),
        ({"gt": {"skipRate": 0.24}}, ["much"]),
        ({"is": {"skipRate": 0}}, ["some"]),
        # What is not known is neither 0 nor anything else.
        ({"isNot": {"skipRate": 7}}, ["much", "some"]),
        ({"isMissing": {"skipRate": True}}, ["never"]),
        ({"isPresent": {"skipRate": True}}, ["much", "some"]),
        ({"isMissing": {"skipRate": False}}, ["much", "some"]),
        ({"gt": {"valence": 0.5}}, ["some"]),
        ({"is": {"valence": 0.5}}, ["much"]),
        ({"isNot": {"valence": 0.5}}, ["some"]),
        ({"lt": {"valence": 2}}, ["much", "some"]),
        ({"gt": {"tempo": 100}}, ["much"]),
        ({"gt": {"bpm": 100}}, ["much"]),
        ({"is": {"key": 0}}, ["much"]),
        ({"is": {"timeSignature": 4}}, ["much"]),
        ({"gt": {"duration": 90}}, ["much"]),
    ],
)
def test_numbers(condition: Any, names: list[str]) -> None:
    assert chosen(condition) == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"lastPlayed": "2024-06-15"}}, ["much"]),
        ({"isNot": {"lastPlayed": "2024-06-15"}}, ["some"]),
        ({"after": {"lastPlayed": "2024-03-01"}}, ["much"]),
        ({"after": {"lastPlayed": "2024-02-29"}}, ["much", "some"]),
        ({"gt": {"lastPlayed": "2024-03-01T00:00:00Z"}}, ["much"]),
        ({"before": {"lastPlayed": "2024-03-01"}}, []),
        ({"before": {"lastPlayed": "2024-03-02"}}, ["some"]),
        ({"lt": {"firstPlayed": "2024-01-02"}}, ["some"]),
        ({"is": {"firstPlayed": "2024-01-02"}}, ["much"]),
        ({"inTheRange": {"lastPlayed": ["2024-03-01", "2024-06-15"]}}, ["much", "some"]),
        ({"inTheRange": {"lastPlayed": ["2024-03-02", "2024-06-14"]}}, []),
        # 106 days lie between 1 March and 15 June.
        ({"inTheLast": {"lastPlayed": 106}}, ["much", "some"]),
        ({"inTheLast": {"lastPlayed": 105}}, ["much"]),
        ({"inTheLast": {"lastPlayed": 0}}, ["much"]),
        # What was never played was not played of late.
        ({"notInTheLast": {"lastPlayed": 105}}, ["never", "some"]),
        ({"notInTheLast": {"lastPlayed": 106}}, ["never"]),
        ({"isMissing": {"lastPlayed": True}}, ["never"]),
        ({"inTheLast": {"dateSaved": 45}}, ["much"]),
        ({"inTheLast": {"dateLoved": 44}}, []),
        ({"isPresent": {"dateAdded": True}}, ["much", "never"]),
    ],
)
def test_dates_are_those_where_the_person_lives(condition: Any, names: list[str]) -> None:
    assert chosen(condition) == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"title": "MUCH"}}, ["much"]),
        ({"isNot": {"title": "much"}}, ["never", "some"]),
        ({"is": {"artist": "bjork"}}, ["some"]),
        ({"is": {"artist": ["BJÖRK", "artist"]}}, ["much", "some"]),
        # A track whose artist is not known is not by Björk.
        ({"isNot": {"artist": "Björk"}}, ["much", "never"]),
        ({"isNot": {"albumArtist": ["Björk", "Artist"]}}, ["never"]),
        ({"contains": {"artist": "RT"}}, ["much"]),
        ({"notContains": {"artist": "rt"}}, ["never", "some"]),
        ({"is": {"album": "ete"}}, ["much", "never"]),
        # No letter stands for others.
        ({"contains": {"album": "%"}}, ["some"]),
        ({"contains": {"album": "_"}}, ["some"]),
        ({"startsWith": {"album": "100"}}, ["some"]),
        ({"startsWith": {"album": "_00"}}, []),
        ({"endsWith": {"album": "live_"}}, ["some"]),
        ({"endsWith": {"album": "liveX"}}, []),
        ({"contains": {"title": "' OR true --"}}, []),
        ({"contains": {"genre": "pop"}}, ["much"]),
        ({"isNot": {"genre": "rock"}}, ["much", "never"]),
        ({"isMissing": {"genre": True}}, ["never"]),
        ({"is": {"cluster": "dark and calm"}}, ["much"]),
        ({"isMissing": {"cluster": True}}, ["never", "some"]),
        ({"is": {"featureSource": "real"}}, ["much"]),
        ({"isNot": {"featureSource": "synthetic"}}, ["much", "never"]),
    ],
)
def test_texts_are_compared_in_small_letters_without_accents(
    condition: Any, names: list[str]
) -> None:
    assert chosen(condition) == names


def test_a_track_without_a_genre_has_its_artists() -> None:
    tracks = [track("own", genre="rock"), track("none"), track("unknown", artist_name="Other")]
    genres = [
        {"artist_key": "artist", "genre": "of the artist"},
        {"artist_key": "other", "genre": "unclassified"},
    ]
    with lake_of(tracks, {ARTIST_GENRES: genres}) as lake:
        rule = rule_of({"isPresent": {"genre": True}}, sort="title")
        found = select(lake, rule, "me", ZONE, TODAY).tracks

    assert [(each.track_name, each.values["genre"]) for each in found] == [
        ("none", "of the artist"),
        ("own", "rock"),
    ]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"saved": True}}, ["much", "never"]),
        ({"is": {"loved": "true"}}, ["much", "never"]),
        ({"isNot": {"saved": 1}}, ["some"]),
        ({"is": {"saved": False}}, ["some"]),
        ({"is": {"inAlbum": True}}, ["much"]),
        ({"isNot": {"inAlbum": True}}, ["never", "some"]),
        ({"is": {"excluded": True}}, ["left out"]),
        ({"is": {"excluded": [True, False]}}, ["left out", "much", "never", "some"]),
        # No track was checked.
        ({"is": {"available": True}}, []),
        ({"isNot": {"available": True}}, []),
        ({"isMissing": {"available": True}}, ["much", "never", "some"]),
    ],
)
def test_truths(condition: Any, names: list[str]) -> None:
    assert chosen(condition) == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"available": True}}, ["can"]),
        ({"isNot": {"available": True}}, ["cannot"]),
        ({"is": {"available": False}}, ["cannot"]),
        ({"isMissing": {"available": True}}, ["unchecked"]),
        ({"isPresent": {"available": True}}, ["can", "cannot"]),
    ],
)
def test_whether_spotify_plays_it(condition: Any, names: list[str]) -> None:
    """The track that a playlist would hold: another id of the recording says nothing of it."""

    def checked(of: str, *, available: bool, user_id: str = "me") -> Row:
        return {
            "user_id": user_id,
            "track_id": f"id of {of}",
            "market": "account",
            "is_available": available,
            "last_checked_at": at(2024, 3, 1),
        }

    checks = [
        checked("can", available=True),
        checked("cannot", available=False),
        checked("unchecked", available=False, user_id="you"),
        checked("something else", available=True),
    ]
    tracks = [track(each) for each in ("can", "cannot", "unchecked")]
    with lake_of(tracks, {TRACK_AVAILABILITY: checks}) as lake:
        found = select(lake, rule_of(condition, sort="title"), "me", ZONE, TODAY).tracks

    assert [each.track_name for each in found] == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({"is": {"playedInHour": 22}}, ["much"]),
        ({"is": {"playedInHour": [4, 0]}}, ["some"]),
        ({"isNot": {"playedInHour": 22}}, ["never", "some"]),
        ({"inTheRange": {"playedInHour": [0, 3]}}, ["much", "some"]),
        ({"inTheRange": {"playedInHour": [4, 21]}}, []),
        # Past midnight.
        ({"inTheRange": {"playedInHour": [23, 0]}}, ["some"]),
        ({"inTheRange": {"playedInHour": [22, 1]}}, ["much", "some"]),
        ({"is": {"playedInSeason": "Winter"}}, ["much"]),
        ({"is": {"playedInSeason": ["summer", "autumn"]}}, ["some"]),
        ({"isNot": {"playedInSeason": "winter"}}, ["never", "some"]),
        ({"inPlaylist": {"id": "p2"}}, ["some"]),
        ({"inPlaylist": {"name": "mine"}}, ["much", "some"]),
        ({"inPlaylist": {"id": "spotify:playlist:p2"}}, ["some"]),
        ({"inPlaylist": {"id": "https://open.spotify.com/playlist/p2?si=1"}}, ["some"]),
        ({"notInPlaylist": {"id": "p2"}}, ["much", "never"]),
    ],
)
def test_hours_seasons_and_playlists(condition: Any, names: list[str]) -> None:
    assert chosen(condition) == names


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ([{"gt": {"plays": 1}, "lt": {"plays": 9}}], ["some"]),
        ([{"is": {"saved": True, "inAlbum": True}}], ["much"]),
        ([{"any": [{"is": {"plays": 0}}, {"gt": {"plays": 9}}]}], ["much", "never"]),
        (
            [
                {"any": [{"is": {"plays": 0}}, {"gt": {"plays": 9}}]},
                {"any": [{"all": [{"is": {"saved": True}}, {"is": {"title": "never"}}]}]},
            ],
            ["never"],
        ),
        ([{"ANY": [{"IS": {"PLAYCOUNT": 5}}]}], ["some"]),
    ],
)
def test_conditions_stand_within_each_other(conditions: list[Any], names: list[str]) -> None:
    assert chosen(*conditions) == names
