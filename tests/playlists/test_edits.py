"""What a person changed on a playlist by hand, and what it should hold then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.edits import Edits, find_edits, merged, target
from playlists.plan import MOST_ON_A_PLAYLIST, applied, plan


def tracks(text: str) -> list[str]:
    return [f"spotify:track:{letter}" for letter in text]


def edits(added: str = "", removed: str = "", *, is_reordered: bool = False) -> Edits:
    return Edits(tuple(tracks(added)), tuple(tracks(removed)), is_reordered)


@pytest.mark.parametrize(
    ("last", "now", "found"),
    [
        ("abc", "abc", edits()),
        ("abc", "abxc", edits("x")),
        ("abc", "ac", edits("", "b")),
        ("abc", "acb", edits(is_reordered=True)),
        ("abc", "xcaa", edits("x", "b", is_reordered=True)),
        ("", "ab", edits("ab")),
        ("ab", "", edits("", "ab")),
    ],
)
def test_edits_are_the_differences_between_two_readings(last: str, now: str, found: Edits) -> None:
    assert find_edits(tracks(last), tracks(now), None) == found


def test_what_a_sync_was_writing_is_no_edit() -> None:
    # It was writing "cdx" over "abc", and had removed b and added x when it was killed.
    assert find_edits(tracks("abc"), tracks("acx"), tracks("cdx")) == edits()
    assert find_edits(tracks("abc"), tracks("acxy"), tracks("cdx")) == edits("y")


def test_all_on_a_playlist_that_was_never_read_was_put_there_by_hand() -> None:
    assert find_edits(None, tracks("ab"), None) == edits("ab")


@pytest.mark.parametrize(
    ("wanted", "now", "kept", "result"),
    [
        ("abc", "abc", edits(), "abc"),
        ("abac", "", edits(), "abc"),
        ("abc", "axbc", edits("x"), "axbc"),
        ("bcd", "axbc", edits("x"), "xbcd"),  # what it stood behind is gone
        ("abc", "xyabc", edits("xy"), "xyabc"),
        ("abc", "abc", edits("x"), "abcx"),  # its place is not known
        ("abc", "ac", edits("", "b"), "ac"),
        ("abcd", "cxa", edits("x", "b", is_reordered=True), "cxad"),
        ("axc", "axc", edits("x"), "axc"),  # the rule wants it by now
    ],
)
def test_a_playlist_holds_what_the_rule_wants_as_the_person_changed_it(
    wanted: str, now: str, kept: Edits, result: str
) -> None:
    assert target(tracks(wanted), tracks(now), kept) == tracks(result)


def test_an_edit_is_kept_until_it_is_taken_back() -> None:
    earlier = edits("xy", "ab", is_reordered=True)

    found = merged(earlier, edits("z"), tracks("xzb"), is_whole=True)

    assert found == edits("xz", "a", is_reordered=True)
    assert merged(earlier, edits(), tracks("x"), is_whole=False) == earlier


def test_a_playlist_holds_no_more_than_spotify_allows() -> None:
    wanted = [f"spotify:track:{number}" for number in range(MOST_ON_A_PLAYLIST + 5)]

    assert target(wanted, (), edits()) == wanted[:MOST_ON_A_PLAYLIST]


LISTS = st.text("abcdefghij", max_size=10).map(tracks)


@given(last=LISTS, now=LISTS, wanted=LISTS)
def test_what_the_person_changed_stays_and_a_second_sync_changes_nothing(
    last: list[str], now: list[str], wanted: list[str]
) -> None:
    found = find_edits(last, now, None)
    kept = merged(Edits(), found, now, is_whole=True)
    aim = target(wanted, now, kept)

    held = now
    for call in plan(now, aim):
        held = applied(held, call)

    assert held == aim
    assert len({*aim}) == len(aim)
    assert {*found.added} <= {*aim}
    assert not {*found.removed} & {*aim}
    assert {*wanted} <= {*aim, *found.removed}
    again = merged(kept, find_edits(held, held, None), held, is_whole=True)
    assert plan(held, target(wanted, held, again)) == []
