"""The calls that turn one playlist into another: right from any state, and few."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.plan import MOST_ITEMS, Add, Call, Move, Remove, Replace, applied, is_writable, plan


def track(number: int) -> str:
    return f"spotify:track:{number}"


def tracks(*numbers: int) -> list[str]:
    return [track(number) for number in numbers]


def carried_out(now: list[str], calls: list[Call]) -> list[str]:
    for call in calls:
        if not isinstance(call, Move):
            assert len(call.uris) <= MOST_ITEMS
        now = applied(now, call)
    return now


@pytest.mark.parametrize(
    ("now", "wanted", "calls"),
    [
        ([], [], []),
        (tracks(1, 2), tracks(1, 2), []),
        (tracks(1, 2), [], [Remove((track(1), track(2)))]),
        (tracks(1, 2, 3), tracks(1, 3), [Remove((track(2),))]),
        (tracks(1, 3), tracks(1, 2, 3), [Add((track(2),), 1)]),
        (tracks(1, 2, 3, 4), tracks(2, 3, 4, 1), [Move(1, 3, 0)]),
        (tracks(1, 2, 3, 4), tracks(4, 1, 2, 3), [Move(3, 1, 0)]),
        (tracks(1, 2, 3, 4, 5), tracks(1, 4, 5, 2, 3), [Move(3, 2, 1)]),
        # Two tracks at two places: replacing all is one call, two single ones would be two.
        (tracks(1, 2, 3), tracks(9, 1, 2, 8, 3), [Replace(tuple(tracks(9, 1, 2, 8, 3)))]),
        # A track that is on the playlist twice.
        (tracks(1, 1), tracks(1), [Replace((track(1),))]),
    ],
)
def test_the_calls(now: list[str], wanted: list[str], calls: list[Call]) -> None:
    assert plan(now, wanted) == calls


def test_five_hundred_new_tracks_take_five_calls() -> None:
    wanted = tracks(*range(500))

    calls = plan([], wanted)

    assert len(calls) == 5
    assert carried_out([], calls) == wanted


def test_one_track_among_many_is_one_call() -> None:
    now = tracks(*range(1000))

    assert plan(now, [*now[:7], track(5000), *now[7:]]) == [Add((track(5000),), 7)]
    assert plan(now, [*now[:400], *now[401:]]) == [Remove((track(400),))]
    assert plan(now, [now[900], *now[:900], *now[901:]]) == [Move(900, 1, 0)]


def test_a_change_near_the_end_leaves_the_beginning_alone() -> None:
    """Four tracks at four places: one call that removes, one that adds again."""
    now = tracks(*range(1000))
    wanted = [
        *now[:990],
        *(each for number in range(990, 1000) for each in tracks(number, -number)),
    ]

    assert [type(each) for each in plan(now, wanted)] == [Remove, Add]


def test_a_persons_own_files_stay_and_stand_last() -> None:
    file, lost = "spotify:local:Me::Song:180", ""
    now = [file, track(1), lost, track(2), "spotify:local:Me::Other:9"]

    calls = plan(now, tracks(3, 1))

    assert carried_out(now, calls) == [*tracks(3, 1), file, lost, "spotify:local:Me::Other:9"]


URIS = st.integers(0, 40).map(track) | st.integers(0, 3).map(lambda n: f"spotify:local:{n}")


@given(
    now=st.lists(URIS, max_size=30),
    wanted=st.lists(st.integers(0, 40).map(track), max_size=30, unique=True),
)
def test_from_any_state_the_wanted_list_comes_about(now: list[str], wanted: list[str]) -> None:
    calls = plan(now, wanted)

    fixed = [uri for uri in now if not is_writable(uri)]
    assert carried_out(now, calls) == wanted + fixed
    if [*wanted, *fixed] == now:
        assert calls == []


@given(data=st.data(), size=st.integers(100, 450))
def test_long_lists_come_about_in_few_calls(data: st.DataObject, size: int) -> None:
    now = data.draw(st.permutations(range(size))).copy()
    wanted = data.draw(st.permutations(range(size // 2, size + size // 2)))
    cut = data.draw(st.integers(0, size))

    calls = plan(tracks(*now[:cut], *range(cut)), tracks(*wanted))

    assert carried_out(tracks(*now[:cut], *range(cut)), calls) == tracks(*wanted)
    assert len(calls) <= -(-len(wanted) // MOST_ITEMS)
