"""Corrections are kept at once, chains of merges are followed, and each is undone alone."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.commit_log import newest_commit, newest_version
from lake.decisions import corrections_of
from lake.provenance import provenance_of
from lake.reader import open_lake
from schemas.decision_schemas import CORRECTIONS
from tests.lakes import query
from tests.properties import at_most
from writers.corrections import MergeRefusedError, hide_play, merge, undo_correction
from writers.lake_lock import LakeBusyError, lake_lock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)


def kept(lake: Path, user_id: str = "me") -> dict[str, Any]:
    """Return what things are corrected to, by their keys."""
    with open_lake(lake) as opened:
        return {each.item_key: each.into_key for each in corrections_of(opened, user_id)}


def merged(lake: Path, item_key: str, into_key: str, kind: str = "track", who: str = "me") -> bool:
    return merge(lake, who, kind, item_key, into_key, NOON)


def test_a_play_is_hidden_once_and_shown_again(tmp_path: Path) -> None:
    assert hide_play(tmp_path, "me", "r1", "SOS by ABBA", NOON, LATER)
    version = newest_version(CORRECTIONS.path(tmp_path))

    assert not hide_play(tmp_path, "me", "r1", "SOS", NOON, LATER)
    assert not undo_correction(tmp_path, "you", "play", "r1", LATER)

    assert newest_version(CORRECTIONS.path(tmp_path)) == version
    assert query(tmp_path, "SELECT * FROM ops.corrections") == [
        ("me", "play", "r1", None, None, "SOS by ABBA", None, NOON, LATER)
    ]
    provenance = provenance_of(newest_commit(CORRECTIONS.path(tmp_path)))
    assert provenance is not None
    assert (provenance.affected, provenance.step) == ({"me": []}, "ops.corrections")
    assert undo_correction(tmp_path, "me", "play", "r1", LATER)
    assert kept(tmp_path) == {}


def test_chains_are_followed_and_each_link_is_undone_alone(tmp_path: Path) -> None:
    assert merged(tmp_path, "a", "b")
    assert merged(tmp_path, "b", "c")
    assert merged(tmp_path, "d", "a")
    assert not merged(tmp_path, "d", "a")
    assert merged(tmp_path, "a", "b", kind="artist")
    assert merged(tmp_path, "b", "x", who="you")

    assert query(
        tmp_path,
        "SELECT item_key, chosen_key, into_key FROM ops.corrections "
        "WHERE user_id = 'me' AND kind = 'track' ORDER BY 1",
    ) == [("a", "b", "c"), ("b", "c", "c"), ("d", "a", "c")]
    assert kept(tmp_path, "you") == {"b": "x"}

    undo_correction(tmp_path, "me", "artist", "a", LATER)
    assert undo_correction(tmp_path, "me", "track", "b", LATER)
    assert kept(tmp_path) == {"a": "b", "d": "b"}
    assert undo_correction(tmp_path, "me", "track", "a", LATER)
    assert kept(tmp_path) == {"d": "a"}


def test_another_choice_takes_the_place_of_the_former(tmp_path: Path) -> None:
    merged(tmp_path, "a", "b")
    merged(tmp_path, "b", "c")

    assert merged(tmp_path, "b", "d")

    assert kept(tmp_path) == {"a": "d", "b": "d"}


@pytest.mark.parametrize(
    ("item", "into", "error"),
    [
        ("a", "a", "^a cannot be merged into itself$"),
        ("b", "a", "^a is already merged into b: undo that first$"),
        ("c", "a", "^a is already merged into c: undo that first$"),
    ],
)
def test_a_circle_is_refused_in_one_line(tmp_path: Path, item: str, into: str, error: str) -> None:
    merged(tmp_path, "a", "b")
    if item != "b":
        merged(tmp_path, "b", "c")
    before = kept(tmp_path)

    with pytest.raises(MergeRefusedError, match=error):
        merged(tmp_path, item, into)

    assert kept(tmp_path) == before


@pytest.mark.parametrize(
    ("kind", "item", "into"), [("play", "a", "b"), ("album", "a", "b"), ("track", "", "b")]
)
def test_what_cannot_be_merged_is_refused(tmp_path: Path, kind: str, item: str, into: str) -> None:
    with pytest.raises(ValueError, match="cannot merge"):
        merge(tmp_path, "me", kind, item, into, NOON)
    with pytest.raises(ValueError, match="cannot hide"):
        hide_play(tmp_path, "me", "", None, None, NOON)


def test_nothing_is_corrected_while_a_run_holds_the_lake(tmp_path: Path) -> None:
    with lake_lock(tmp_path), pytest.raises(LakeBusyError, match="another run"):
        merged(tmp_path, "a", "b")


KEYS = st.sampled_from("abcde")
CHANGES = st.lists(st.tuples(st.sampled_from(["merge", "undo"]), KEYS, KEYS), max_size=12)


@given(changes=CHANGES)
@at_most(25)
def test_any_order_of_merges_and_undos_leaves_what_the_choices_say(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, str, str]]
) -> None:
    lake = tmp_path_factory.mktemp("lake")
    choices: dict[str, str] = {}

    def end_of(key: str) -> str:
        return end_of(choices[key]) if key in choices else key

    for what, item, into in changes:
        former = choices.pop(item, None)
        if what == "undo":
            assert undo_correction(lake, "me", "track", item, NOON) == (former is not None)
        elif end_of(into) == item:
            with pytest.raises(MergeRefusedError):
                merged(lake, item, into)
            choices |= {item: former} if former is not None else {}
        else:
            assert merged(lake, item, into) == (former != into)
            choices[item] = into
        assert kept(lake) == {key: end_of(key) for key in choices}
