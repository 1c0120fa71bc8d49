"""Tracks of one artist are kept apart where that is possible."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.separation import separated
from tests.properties import at_most


def apart(tracks: str, others: int = 1) -> str:
    return "".join(separated(tracks, str, others))


@pytest.mark.parametrize(
    ("tracks", "others", "result"),
    [
        ("", 1, ""),
        ("a", 1, "a"),
        ("aab", 0, "aab"),
        ("aab", 1, "aba"),
        ("abab", 1, "abab"),
        # The order stays where nothing hinders.
        ("abcabc", 1, "abcabc"),
        ("aabc", 1, "abac"),
        # They meet where they must, as late as it can be.
        ("aaab", 1, "abaa"),
        ("aaa", 1, "aaa"),
        ("aabbcc", 2, "abcabc"),
        ("aabbc", 2, "abcab"),
    ],
)
def test_by_hand(tracks: str, others: int, result: str) -> None:
    assert apart(tracks, others) == result


def meetings(tracks: Sequence[str]) -> int:
    return sum(one == other for one, other in pairwise(tracks))


@at_most(200)
@given(st.text("abcd", max_size=8))
def test_no_order_has_fewer_meetings(tracks: str) -> None:
    result = apart(tracks)

    assert sorted(result) == sorted(tracks)
    assert meetings(result) == min(meetings("".join(each)) for each in {*permutations(tracks)})


@at_most(200)
@given(st.text("abcdefgh", max_size=60), st.integers(1, 3))
def test_tracks_of_one_artist_keep_their_order_and_none_is_lost(tracks: str, others: int) -> None:
    numbered = list(enumerate(tracks))
    result = separated(numbered, lambda each: each[1], others)

    assert Counter(result) == Counter(numbered)
    for artist in set(tracks):
        places = [place for place, each in result if each == artist]
        assert places == sorted(places)


def test_a_long_list_takes_no_time() -> None:
    """Ten thousand tracks, half of them by one artist."""
    tracks = ["most" if number % 2 else f"artist {number % 500}" for number in range(10_000)]

    assert meetings(separated(sorted(tracks), str, 1)) == 0
