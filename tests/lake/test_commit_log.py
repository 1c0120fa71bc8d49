"""What a table's log says, read from its JSON alone."""

import json
from pathlib import Path
from typing import Any

from lake.commit_log import commits_after, newest_change, newest_commit, newest_version


def commit(table: Path, version: int, *actions: dict[str, Any]) -> None:
    log = table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(json.dumps(each) for each in actions)
    (log / f"{version:020}.json").write_text(lines, encoding="utf-8")


def add(path: str, *, data_change: bool = True) -> dict[str, Any]:
    return {"add": {"path": path, "dataChange": data_change}}


def remove(path: str, *, data_change: bool = True) -> dict[str, Any]:
    return {"remove": {"path": path, "dataChange": data_change}}


def info(user_metadata: str | None = None, rows: int = 0) -> dict[str, Any]:
    metrics = {"numOutputRows": str(rows)}
    return {"commitInfo": {"userMetadata": user_metadata, "operationMetrics": metrics}}


def test_a_folder_without_commits_has_no_version(tmp_path: Path) -> None:
    assert newest_version(tmp_path) is None
    assert commits_after(tmp_path, 0) is None


def test_a_commit_names_its_files_rows_and_what_the_writer_left(tmp_path: Path) -> None:
    commit(
        tmp_path, 0, info("made so", rows=3), add("m=2024-01/a%20b.parquet"), remove("c.parquet")
    )

    made = newest_commit(tmp_path)

    assert (made.version, made.user_metadata, made.rows_written) == (0, "made so", 3)
    assert made.added_files == {tmp_path / "m=2024-01" / "a b.parquet"}
    assert made.removed_files == {tmp_path / "c.parquet"}


def test_the_files_of_a_commit_say_by_what_the_table_is_partitioned(tmp_path: Path) -> None:
    plain, by_month = ({**add("a")["add"], "partitionValues": each} for each in ({}, {"m": "1"}))
    for version, actions in enumerate(([{"add": plain}], [{"add": by_month}], [remove("a")])):
        commit(tmp_path, version, *actions)

    columns = [each.partition_columns for each in commits_after(tmp_path, -1) or []]

    assert columns == [frozenset(), {"m"}, None]


def test_compaction_and_new_properties_change_no_row(tmp_path: Path) -> None:
    commit(tmp_path, 0, info("made so"), add("a"))
    commit(tmp_path, 1, add("b", data_change=False), remove("a", data_change=False))
    commit(tmp_path, 2, {"metaData": {}})

    change = newest_change(tmp_path)

    assert newest_version(tmp_path) == 2
    assert change is not None
    assert change.version == 0
    assert [each.changes_rows for each in commits_after(tmp_path, 0) or []] == [False, False]


def test_a_table_made_without_rows_still_says_what_it_was_made_from(tmp_path: Path) -> None:
    commit(tmp_path, 0, info("nothing to fill"))

    change = newest_change(tmp_path)

    assert change is not None
    assert change.user_metadata == "nothing to fill"


def test_commits_after_a_version_are_unknown_once_the_log_lost_one(tmp_path: Path) -> None:
    for version in range(4):
        commit(tmp_path, version, add(f"file {version}"))

    assert [each.version for each in commits_after(tmp_path, 1) or []] == [2, 3]
    assert commits_after(tmp_path, 3) == []
    assert commits_after(tmp_path, 9) is None
    (tmp_path / "_delta_log" / f"{2:020}.json").unlink()
    assert commits_after(tmp_path, 1) is None
    assert [each.version for each in commits_after(tmp_path, 2) or []] == [3]
