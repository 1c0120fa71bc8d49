"""Older account data name episodes as tracks: what another source calls an episode is one."""

from collections.abc import Iterable

import pytest

from tests.silver.histories import Row, after_noon, listening, record

pytestmark = pytest.mark.heavy


def episode(seconds: float = 20, **values: object) -> Row:
    return record(
        media_type="episode",
        played_at=after_noon(seconds),
        track_name="1. Beginnings",
        artist_name="The Show",
        album_artist_name=None,
        ms_played=1_800_000,
        **values,
    )


def as_track(title: str, artist: str, seconds: float = 0, **values: object) -> Row:
    return record(
        source="account",
        played_at=after_noon(seconds),
        track_name=title,
        artist_name=artist,
        album_artist_name=artist,
        ms_played=600_000,
    ) | dict(values)


def titles(*records: Row) -> list[str]:
    return [row["track_name"] for row in listening(*records)]


@pytest.mark.parametrize(
    "records",
    [
        # The minute and the title, though account data name the publisher.
        [episode(59), as_track("1. Beginnings", "A Publisher")],
        [episode(-5), as_track("1. BEGINNINGS ", "A Publisher")],
        # The minute and the length, though the title is another, or none.
        [episode(), as_track("1. The Beginnings", "A Publisher", ms_played=1_800_000)],
        [episode() | {"track_name": None}, as_track("x", "y", ms_played=1_800_000)],
        # The show, days apart, however written, and by whichever source.
        [episode(), as_track("2. Ends", "The Show", 900_000)],
        [episode(), as_track("2. Ends", "the  SHOW", 900_000)],
        [episode(source="api"), as_track("2. Ends", "The Show", 900_000)],
        [episode(source="account"), as_track("2. Ends", "The Show", 900_000)],
        # An audiobook of that minute.
        [episode() | {"media_type": "audiobook"}, as_track("1. Beginnings", "An author")],
    ],
)
def test_what_another_source_calls_spoken_is_no_play(records: Iterable[Row]) -> None:
    assert titles(*records) == []


@pytest.mark.parametrize(
    "records",
    [
        [episode(), as_track("Song", "Artist")],
        [episode(200), as_track("1. Beginnings", "A Publisher")],
        [episode(user_id="you"), as_track("1. Beginnings", "The Show")],
        # Whoever has an id of a track by that name knows the artist.
        [episode(), record(track_id="i", artist_name="The Show", album_artist_name="The Show")],
    ],
)
def test_music_beside_it_stays(records: Iterable[Row]) -> None:
    assert len(titles(*records)) == 1


def test_an_artist_who_bears_the_name_of_a_show_keeps_the_music_and_loses_the_episodes() -> None:
    by_id = record(track_id="i", artist_name="The Show", album_artist_name="The Show")

    found = titles(
        episode(),
        by_id,
        as_track("Song", "The Show", 5_000),
        as_track("Other song", "The Show", 9_000),
        as_track("1. Beginnings", "The Show", 90_000),
    )

    assert found == ["Song", "Song", "Other song"]
