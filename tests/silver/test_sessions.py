"""A session ends with thirty minutes without music."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models import compute
from tests.properties import at_most
from tests.silver.histories import NOON, after_noon, listening, record

pytestmark = pytest.mark.heavy

Play = tuple[float, float | None]
"""End in minutes after noon, and minutes heard."""


def sessions(*plays: Play) -> list[int]:
    """Return the number of each play's session, in the order given."""
    rows = listening(
        *(
            record(
                record_id=f"{number:02}",
                track_name=f"track {number}",
                played_at=after_noon(60 * end),
                ms_played=None if heard is None else round(60_000 * heard),
            )
            for number, (end, heard) in enumerate(plays)
        )
    )
    named = [row["session_id"] for row in sorted(rows, key=lambda row: str(row["play_id"]))]
    return [sorted(set(named)).index(name) for name in named]


@pytest.mark.parametrize(
    ("plays", "expected"),
    [
        # Silence is measured from the end of one play to the start of the next.
        ([(0, 3), (33, 3)], [0, 0]),
        ([(0, 3), (34, 3)], [0, 1]),
        # A play of unknown length is taken to begin where it ends.
        ([(0, None), (30, None)], [0, 0]),
        ([(0, None), (31, None)], [0, 1]),
        # The silence begins at the end that was heard last.
        ([(0, 3), (60, 58), (62, 1)], [0, 0, 0]),
        # It may lie within one half hour of the clock, or span several.
        ([(5, 3), (29, 3), (36, 3), (67, 0)], [0, 0, 0, 1]),
        ([(0, 3), (300, 3), (304, 3), (600, 3)], [0, 1, 1, 2]),
        # Of plays that ended in the same instant the least id comes first.
        ([(0, 3), (40, 20), (40, 1)], [0, 0, 0]),
        ([(0, 3), (40, 1), (40, 20)], [0, 1, 1]),
    ],
)
def test_a_session_ends_with_thirty_silent_minutes(plays: list[Play], expected: list[int]) -> None:
    assert sessions(*plays) == expected


def test_the_id_is_made_of_the_person_and_the_end_of_the_first_play() -> None:
    rows = listening(
        record(played_at=NOON), record(track_name="Other", played_at=after_noon(200.5))
    )

    milliseconds = round(NOON.timestamp() * 1000)
    assert [row["session_id"] for row in rows] == [f"me-{milliseconds}"] * 2


def test_a_session_of_one_person_is_none_of_another() -> None:
    rows = listening(
        record(),
        record(user_id="you", played_at=after_noon(60)),
        record(user_id="you", played_at=after_noon(1830)),
    )

    assert [row["session_id"].split("-")[0] for row in rows] == ["me", "you", "you"]
    assert len({row["session_id"] for row in rows}) == 2


def test_what_another_source_knows_of_the_length_counts() -> None:
    rows = listening(
        record(track_name="First"),
        record(source="api", played_at=after_noon(2000), ms_played=None),
        record(source="account", played_at=after_noon(1980), ms_played=300_000),
    )

    assert [row["ms_played"] for row in rows] == [None, 300_000]
    assert len({row["session_id"] for row in rows}) == 1


@at_most(25)
@given(
    plays=st.lists(
        st.tuples(
            st.sampled_from(["me", "you"]),
            st.integers(0, 300),
            st.one_of(st.none(), st.integers(0, 90)),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_sessions_are_those_of_the_rule_play_by_play(
    plays: list[tuple[str, int, int | None]],
) -> None:
    rows = [
        {
            "user_id": person,
            "play_id": f"{number:02}",
            "person_track": number,
            "ended": 60_000 * end,
            "heard_ms": 60_000 * (heard or 0),
            "is_excluded": False,
        }
        for number, (person, end, heard) in enumerate(plays)
    ]

    found = {
        (row["user_id"], row["half_hour"]): row["session_at"]
        for row in compute("sessions", {"plays": rows})
    }

    last_end: dict[str, int] = {}
    session: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: (row["ended"], str(row["play_id"]))):
        person, ended = str(row["user_id"]), int(str(row["ended"]))
        started = ended - int(str(row["heard_ms"]))
        if person not in last_end or started - last_end[person] > 30 * 60_000:
            session[person] = ended
        last_end[person] = max(ended, last_end.get(person, 0))
        assert found[person, ended // 1_800_000] == session[person]
