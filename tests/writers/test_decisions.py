"""What a person decides is kept at once, names the person, and can be taken back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lake.commit_log import newest_commit, newest_version
from lake.decisions import album_key, exclusions_of, show_key, verdicts_of
from lake.provenance import provenance_of
from lake.reader import open_lake
from schemas.decision_schemas import EXCLUSIONS, VERDICTS
from tests.lakes import query
from writers.decisions import answer, exclude, include_again, withdraw_answer
from writers.lake_lock import LakeBusyError, lake_lock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)


def excluded(lake: Path, user_id: str) -> list[tuple[str, str]]:
    with open_lake(lake) as opened:
        return [(each.kind, each.item_key) for each in exclusions_of(opened, user_id)]


def test_an_exclusion_is_kept_once_and_can_be_taken_back(tmp_path: Path) -> None:
    assert exclude(tmp_path, "me", "artist", "white noise", "White Noise", NOON)
    assert exclude(tmp_path, "me", "track", "abba|sos", "SOS", LATER, source="playlist")
    assert exclude(tmp_path, "you", "artist", "white noise", "White Noise", NOON)
    version = newest_version(EXCLUSIONS.path(tmp_path))

    assert not exclude(tmp_path, "me", "artist", "white noise", "WHITE NOISE", LATER)
    assert not include_again(tmp_path, "me", "show", "white noise", LATER)

    assert newest_version(EXCLUSIONS.path(tmp_path)) == version
    assert excluded(tmp_path, "me") == [("track", "abba|sos"), ("artist", "white noise")]
    assert query(tmp_path, "SELECT * FROM ops.exclusions WHERE user_id = 'you'") == [
        ("you", "artist", "white noise", "White Noise", "page", NOON)
    ]
    assert include_again(tmp_path, "me", "artist", "white noise", LATER)
    assert include_again(tmp_path, "me", "track", "abba|sos", LATER)
    assert include_again(tmp_path, "you", "artist", "white noise", LATER)
    assert query(tmp_path, "SELECT * FROM ops.exclusions") == []


def test_the_commit_names_the_person_and_no_file_is_left_over(tmp_path: Path) -> None:
    exclude(tmp_path, "anna", "artist", "a", "A", NOON)
    exclude(tmp_path, "ben", "artist", "a", "A", NOON)

    provenance = provenance_of(newest_commit(EXCLUSIONS.path(tmp_path)))

    assert provenance is not None
    assert provenance.affected == {"ben": []}
    assert provenance.step == "ops.exclusions"
    assert [*(tmp_path / ".scratch").iterdir()] == []


def test_the_last_answer_stands_until_it_is_withdrawn(tmp_path: Path) -> None:
    names = {"track_name": "SOS", "artist_name": "ABBA"}
    assert answer(tmp_path, "me", "abba|sos", "yes", NOON, purpose="discover", **names)
    assert answer(tmp_path, "you", "abba|sos", "yes", NOON)
    assert not answer(tmp_path, "me", "abba|sos", "yes", LATER)
    assert answer(tmp_path, "me", "abba|sos", "no", LATER, purpose="calm", **names)

    with open_lake(tmp_path) as opened:
        found = verdicts_of(opened, "me")

    assert [tuple(each) for each in found] == [
        ("abba|sos", "calm", "no", "SOS", "ABBA", LATER),
    ]
    provenance = provenance_of(newest_commit(VERDICTS.path(tmp_path)))
    assert provenance is not None
    assert provenance.affected == {"me": []}
    assert withdraw_answer(tmp_path, "me", "abba|sos", LATER)
    assert not withdraw_answer(tmp_path, "me", "abba|sos", LATER)
    assert query(tmp_path, "SELECT user_id, verdict FROM ops.verdicts") == [("you", "yes")]
    with pytest.raises(ValueError, match="cannot keep the answer 'maybe'"):
        answer(tmp_path, "me", "abba|sos", "maybe", NOON)


def test_nothing_is_decided_while_a_run_holds_the_lake(tmp_path: Path) -> None:
    with lake_lock(tmp_path), pytest.raises(LakeBusyError, match="another run"):
        exclude(tmp_path, "me", "artist", "a", "A", NOON)


@pytest.mark.parametrize(
    ("kind", "key", "source"),
    [("genre", "rock", "page"), ("artist", "", "page"), ("artist", "a", "elsewhere")],
)
def test_what_cannot_be_excluded_is_refused(
    tmp_path: Path, kind: str, key: str, source: str
) -> None:
    with pytest.raises(ValueError, match="cannot exclude"):
        exclude(tmp_path, "me", kind, key, "A", NOON, source=source)


def test_a_lake_without_exclusions_has_none(tmp_path: Path) -> None:
    assert excluded(tmp_path, "me") == []


def test_keys_are_those_of_the_lake() -> None:
    assert album_key("björk", "Homogenic  –  LIVE") == "björk|homogenic - live"
    assert album_key(None, "Album") == "|album"
    assert show_key("The  Daily") == "the daily"
