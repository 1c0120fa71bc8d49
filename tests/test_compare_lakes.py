"""The comparison that the containers rely on sees every kind of difference."""

from pathlib import Path

import pytest

from schemas.gold_schemas import MOOD_CLUSTERS
from tests.compare_lakes import differences
from tests.report.small_lakes import put

NAME = MOOD_CLUSTERS.full_name


def lake(folder: Path, values: list[float | None]) -> Path:
    """Return a lake one of whose compared tables holds these rows."""
    rows = [{"user_id": "me", "person_group": 0, "distance": value} for value in values]
    put(folder, MOOD_CLUSTERS, rows)
    return folder


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    one, other = lake(tmp_path / "one", [1, None, 2]), lake(tmp_path / "other", [2, 1, None])
    assert differences(one, other)[NAME] is None


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ([1.0, 1.0, 2.0], "0 rows in the one only, 1 in the other only"),
        ([1.0], "1 rows in the one only, 0 in the other only"),
        ([1.0, 2.0000000000000004], "1 rows in the one only, 1 in the other only"),
    ],
    ids=["a row twice", "a row less", "the last bit of a number"],
)
def test_a_difference_is_reported(tmp_path: Path, theirs: list[float | None], said: str) -> None:
    one, other = lake(tmp_path / "one", [1, 2]), lake(tmp_path / "other", theirs)
    assert differences(one, other)[NAME] == said


def test_empty_and_missing_tables_are_not_the_same(tmp_path: Path) -> None:
    one, other = lake(tmp_path / "one", []), lake(tmp_path / "other", [])
    assert differences(one, other)[NAME] == "empty"
    assert differences(one, tmp_path)[NAME] == "missing"
