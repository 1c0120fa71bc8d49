"""The comparison that the containers rely on sees every kind of difference."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from schemas import ALL_TABLES
from tests.compare_lakes import COMPARED, differences

NAME = "gold.mood_clusters"


def lake(folder: Path, values: list[float | None]) -> Path:
    """A lake whose compared tables all hold these rows."""
    for table in ALL_TABLES:
        if table.full_name in COMPARED:
            path = table.path(folder)
            path.mkdir(parents=True)
            write_deltalake(path, pa.table({"value": pa.array(values, pa.float64())}))
    return folder


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    one, other = lake(tmp_path / "one", [1, None, 2]), lake(tmp_path / "other", [2, 1, None])
    assert differences(one, other) == dict.fromkeys(COMPARED)


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ([1.0, 1.0, 2.0], "0 rows in the one only, 1 in the other only"),
        ([1.0], "1 rows in the one only, 0 in the other only"),
        ([1.0, 2.0000000000000004], "1 rows in the one only, 1 in the other only"),
    ],
    ids=["a row twice", "a row less", "the last bit of a number"],
)
def test_a_difference_is_told(tmp_path: Path, theirs: list[float | None], said: str) -> None:
    one, other = lake(tmp_path / "one", [1, 2]), lake(tmp_path / "other", theirs)
    assert differences(one, other)[NAME] == said


def test_empty_and_missing_tables_are_not_the_same(tmp_path: Path) -> None:
    one, other = lake(tmp_path / "one", []), lake(tmp_path / "other", [])
    assert differences(one, other)[NAME] == "empty"
    assert differences(one, tmp_path)[NAME] == "missing"
