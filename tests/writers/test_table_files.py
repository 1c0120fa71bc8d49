"""Files that an engine wrote become part of a table all at once, whoever reads it."""

from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lake.commit_log import newest_version
from lake.provenance import Provenance, table_state
from schemas import ALL_TABLES
from schemas.table import Table, column
from schemas.types import STRING
from tests import delta_rs
from tests.writers.example_table import EXAMPLE, Row, held, staged
from writers.delta_writer import publish
from writers.table_files import BrokenRuleError, commit_files, create_table

MADE = Provenance("run", EXAMPLE.full_name, {"bronze.a": 3}, {"timezone": "UTC"}, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a table of two months that is there."""
    path = EXAMPLE.path(tmp_path)
    files = staged(tmp_path, [("a", 1, "2024-01"), ("b", 2, "2024-02")])
    publish(EXAMPLE, path, *files, MADE, mode="overwrite")
    return path


def test_a_new_table_is_as_declared(path: Path) -> None:
    delta = DeltaTable(str(path))

    assert [(each.name, each.metadata["comment"]) for each in delta.schema().fields] == [
        ("name", "a name"),
        ("value", "a number"),
        ("month", "a month"),
    ]
    assert delta.metadata().partition_columns == ["month"]
    assert delta.metadata().name == EXAMPLE.full_name
    assert set(delta.metadata().configuration) == {
        "delta.constraints.name_present",
        "delta.constraints.positive",
    }
    assert held(path) == [("a", 1, "2024-01"), ("b", 2, "2024-02")]


def test_a_table_that_was_being_made_when_the_writer_was_killed_is_none(tmp_path: Path) -> None:
    path = EXAMPLE.path(tmp_path)
    left = path.with_name(".unfinished-example") / "_delta_log"
    left.mkdir(parents=True)
    (left / f"{0:020}.json").write_text("{", encoding="utf-8")

    publish(EXAMPLE, path, *staged(tmp_path, [("a", 1, "2024-01")]), MADE, mode="append")

    assert held(path) == [("a", 1, "2024-01")]
    assert not left.exists()


def test_files_count_once_they_are_committed(tmp_path: Path, path: Path) -> None:
    files = staged(tmp_path, [("c", 3, "2024-02")])

    assert len(held(path)) == 2
    written = publish(EXAMPLE, path, *files, MADE, mode="append")

    assert held(path) == [("a", 1, "2024-01"), ("b", 2, "2024-02"), ("c", 3, "2024-02")]
    newest = delta_rs.newest_commit_info(path)
    assert newest["userMetadata"] == MADE.to_json()
    assert newest["operationMetrics"] == {"numOutputRows": "1"}
    assert (written.version, written.rows) == (newest["version"], 1)


def test_an_overwrite_of_partitions_leaves_the_others(tmp_path: Path, path: Path) -> None:
    files = staged(tmp_path, [("c", 3, "2024-02")])

    publish(EXAMPLE, path, *files, MADE, mode="overwrite", partitions=["2024-02", "2024-03"])

    assert held(path) == [("a", 1, "2024-01"), ("c", 3, "2024-02")]


def test_an_overwrite_without_rows_empties_the_table(tmp_path: Path, path: Path) -> None:
    publish(EXAMPLE, path, *staged(tmp_path, []), MADE, mode="overwrite")

    assert held(path) == []


def test_nothing_to_append_is_no_commit(tmp_path: Path, path: Path) -> None:
    before = DeltaTable(str(path)).version()

    written = publish(EXAMPLE, path, *staged(tmp_path, []), MADE, mode="append")

    assert (DeltaTable(str(path)).version(), written.version, written.rows) == (before, before, 0)


@pytest.mark.parametrize("bad", [("c", 0, "2024-01"), ("c", None, "2024-01"), (None, 1, "2024-01")])
def test_a_row_against_the_rules_is_never_committed(tmp_path: Path, path: Path, bad: Row) -> None:
    files = staged(tmp_path, [("d", 4, "2024-01"), bad])

    with pytest.raises(BrokenRuleError, match=r"CHECK rule (positive|name_present) .* 1 rows"):
        publish(EXAMPLE, path, *files, MADE, mode="append")

    assert len(held(path)) == 2


def test_a_new_table_is_not_made_of_rows_against_the_rules(tmp_path: Path) -> None:
    path = EXAMPLE.path(tmp_path)

    with pytest.raises(BrokenRuleError):
        publish(EXAMPLE, path, *staged(tmp_path, [("a", 0, "x")]), MADE, mode="append")

    assert table_state(EXAMPLE, tmp_path) is None


def test_a_table_gains_the_columns_declared_since(tmp_path: Path, path: Path) -> None:
    more = column("more", STRING, "declared later")
    grown = replace(EXAMPLE, columns=(*EXAMPLE.columns[:2], more, EXAMPLE.columns[2]))
    files = staged(tmp_path, [("c", 3, "new", "2024-01")], grown)

    publish(grown, path, *files, MADE, mode="append")

    fields = {each.name: each for each in DeltaTable(str(path)).schema().fields}
    place = list(fields).index("more")
    assert {row[0]: row[place] for row in held(path)} == {"a": None, "b": None, "c": "new"}
    assert fields["more"].metadata == {"comment": "declared later"}


def test_an_overwrite_keeps_the_columns_as_declared(tmp_path: Path, path: Path) -> None:
    before = DeltaTable(str(path)).schema().to_json()

    publish(EXAMPLE, path, *staged(tmp_path, [("c", 3, "2024-01")]), MADE, mode="overwrite")

    assert DeltaTable(str(path)).schema().to_json() == before
    newest = DeltaTable(str(path)).version()
    log = path / "_delta_log" / f"{newest:020}.json"
    assert "metaData" not in log.read_text(encoding="utf-8")


def test_only_rows_with_a_new_key_are_left_of_rows_that_the_table_knows(
    tmp_path: Path, path: Path
) -> None:
    rows = [("b", 9, "2024-02"), ("c", 3, "2024-02"), ("c", 4, "2024-02")]
    files = staged(tmp_path, rows, known=path)

    publish(EXAMPLE, path, *files, MADE, mode="append")

    assert held(path) == [("a", 1, "2024-01"), ("b", 2, "2024-02"), ("c", 3, "2024-02")]


def test_a_commit_remembers_what_its_rows_were_made_from(tmp_path: Path, path: Path) -> None:
    state = table_state(EXAMPLE, tmp_path)

    assert state is not None
    assert state.provenance == MADE
    other_zone = replace(MADE, run_id="later", settings={"timezone": "Asia/Tokyo"})
    assert not state.provenance.same_result_as(other_zone)
    assert state.provenance.same_result_as(replace(MADE, run_id="later", engine={"name": "spark"}))


def test_upkeep_is_no_change_of_data(tmp_path: Path, path: Path) -> None:
    publish(EXAMPLE, path, *staged(tmp_path, [("c", 3, "2024-02")]), MADE, mode="append")
    before = table_state(EXAMPLE, tmp_path)
    DeltaTable(str(path)).optimize.compact()

    after = table_state(EXAMPLE, tmp_path)

    assert before is not None
    assert after is not None
    assert after.version > before.version
    assert (after.data_version, after.provenance) == (before.data_version, MADE)


@pytest.mark.parametrize(
    ("rules", "row"),
    [
        ({"positive": "value > -5"}, ("c", -1, "2024-03")),
        ({"positive": "value > 0", "known": "month IN ('2024-01', '2024-02', 'x')"}, None),
        ({}, ("c", 0, "2024-03")),
    ],
    ids=["changed", "added", "dropped"],
)
def test_a_table_gains_the_rules_declared_since(
    tmp_path: Path, path: Path, rules: dict[str, str], row: Row | None
) -> None:
    declared = replace(EXAMPLE, checks=rules)
    row = row or ("c", 3, "x")

    publish(declared, path, *staged(tmp_path, [row]), MADE, mode="append")

    configuration = DeltaTable(str(path)).metadata().configuration
    assert {name.removeprefix("delta.constraints.") for name in configuration} == {
        "name_present",
        *rules,
    }
    assert row in held(path)
    # Every writer takes what is allowed now, and nothing else.
    before = newest_version(path)
    publish(declared, path, *staged(tmp_path, [("d", 4, "2024-01")]), MADE, mode="append")
    assert newest_version(path) == (before or 0) + 1


def test_rows_that_stay_must_meet_a_rule_that_is_new(tmp_path: Path, path: Path) -> None:
    stricter = replace(EXAMPLE, checks={"positive": "value > 1"})
    files = staged(tmp_path, [("c", 3, "2024-02")])

    with pytest.raises(BrokenRuleError, match=r"positive \(value > 1\): 1 rows"):
        publish(stricter, path, *files, MADE, mode="append")
    with pytest.raises(BrokenRuleError, match=r"positive \(value > 1\): 1 rows"):
        publish(stricter, path, *files, MADE, mode="overwrite", partitions=["2024-02"])
    assert len(held(path)) == 2

    publish(stricter, path, *files, MADE, mode="overwrite", partitions=["2024-01", "2024-02"])
    assert held(path) == [("c", 3, "2024-02")]


def test_a_rule_may_be_of_a_column_declared_with_it(tmp_path: Path, path: Path) -> None:
    more = column("more", STRING, "declared later")
    columns = (*EXAMPLE.columns[:2], more, EXAMPLE.columns[2])
    for rule, count in (("more IS NULL OR more = 'New'", 3), ("more = 'New'", 0)):
        grown = replace(EXAMPLE, columns=columns, checks={"known": rule})
        files = staged(tmp_path, [("c", 3, "New", "2024-01")], grown)
        if count:
            publish(grown, path, *files, MADE, mode="append")
            assert len(held(path)) == count
        else:
            with pytest.raises(BrokenRuleError, match="2 rows"):
                publish(grown, path, *files, MADE, mode="append")


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda each: each.full_name)
def test_a_rule_that_is_unchanged_costs_no_commit(tmp_path: Path, table: Table) -> None:
    create_table(table, tmp_path / "table", tmp_path / "staged", {}, "{}")
    before = newest_version(tmp_path / "table")

    commit_files(table, tmp_path / "table", tmp_path / "staged", {}, "{}", "append")

    assert newest_version(tmp_path / "table") == (before or 0) + 1
