"""Rows that came and went, by data files that DuckDB wrote."""

from pathlib import Path

import duckdb
import pytest

from incremental.row_changes import UnknownChangeError, changed_rows, file_changes
from lake.commit_log import Commit


def file_of(folder: Path, name: str, *values: int) -> str:
    rows = ", ".join(f"({each})" for each in values)
    duckdb.sql(f"FROM (VALUES {rows}) AS rows(value)").write_parquet(str(folder / name))
    return name


def commit(folder: Path, added: list[str], removed: list[str]) -> Commit:
    actions = [{"add": {"path": each}} for each in added]
    return Commit(folder, 0, (*actions, *({"remove": {"path": each}} for each in removed)))


def test_rows_that_only_moved_to_another_file_neither_came_nor_went(tmp_path: Path) -> None:
    file_of(tmp_path, "old", 1, 2, 2, 3)
    file_of(tmp_path, "new", 2, 3, 4)
    changes = file_changes([commit(tmp_path, ["new"], ["old"])])

    added, removed = changed_rows(changes, ["value"], max_rows=10)

    assert (added, sorted(removed)) == ([(4,)], [(1,), (2,)])


def test_a_file_that_came_and_went_again_is_not_opened(tmp_path: Path) -> None:
    file_of(tmp_path, "last", 7)
    commits = [commit(tmp_path, ["gone"], []), commit(tmp_path, ["last"], ["gone"])]

    assert changed_rows(file_changes(commits), ["value"], max_rows=10) == ([(7,)], [])


def test_only_rows_that_are_asked_for_count(tmp_path: Path) -> None:
    file_of(tmp_path, "new", 1, 2, 3)
    changes = file_changes([commit(tmp_path, ["new"], [])])

    assert changed_rows(changes, ["value"], where="value > 2", max_rows=1) == ([(3,)], [])


def test_what_cannot_be_determined_is_an_error(tmp_path: Path) -> None:
    file_of(tmp_path, "new", 1, 2, 3)

    with pytest.raises(UnknownChangeError, match="log"):
        file_changes(None)
    with pytest.raises(UnknownChangeError, match="deleted"):
        file_changes([commit(tmp_path, ["new"], ["vacuumed"])])
    with pytest.raises(UnknownChangeError, match="more than 2 rows"):
        changed_rows(file_changes([commit(tmp_path, ["new"], [])]), ["value"], max_rows=2)


def test_files_of_an_earlier_release_lack_columns(tmp_path: Path) -> None:
    file_of(tmp_path, "old", 1)
    duckdb.sql("SELECT 1 AS value, true AS later").write_parquet(str(tmp_path / "new"))
    changes = file_changes([commit(tmp_path, ["new"], ["old"])])

    for columns, where in ((["value", "later"], "true"), (["value"], "later")):
        with pytest.raises(UnknownChangeError, match="earlier release"):
            changed_rows(changes, columns, where=where, max_rows=10)
    both = file_changes([commit(tmp_path, ["new", "old"], [])])
    added, _ = changed_rows(both, ["value", "later"], max_rows=10)
    assert sorted(added, key=repr) == [(1, None), (1, True)]
