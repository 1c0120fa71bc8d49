"""Models that several tables read are computed once, and again where anything they read differs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines import models
from engines.duckdb_engine import DuckDBEngine
from engines.engine import TableRows
from engines.models import SqlModel
from incremental import shared_models
from incremental.differences import Part, find_difference, staged_as
from incremental.shared_models import SharedModels, tables_with
from schemas.summary_schemas import ARTIST_SUMMARY
from schemas.table import Table, column
from schemas.types import BIGINT, STRING

SOURCE = Table("test", "source", "", (column("n", BIGINT, ""),), ("n",))
MODELS = {
    "helper": SqlModel("helper", "SELECT n + $more AS n FROM test.source", ("test.source",)),
    "one": SqlModel("one", "SELECT n FROM helper", ("helper",)),
    "other": SqlModel("other", "SELECT -n AS n FROM helper", ("helper",)),
}
READ_BY = {"helper": frozenset({"one", "other"}), "one": frozenset(), "other": frozenset()}


class Countings(DuckDBEngine):
    """Notes which models it computes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, threads=1)
        self.computed: list[str] = []

    def run(self, name: str, sql: str) -> None:
        self.computed.append(name)
        super().run(name, sql)


@pytest.fixture
def counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Countings]:
    monkeypatch.setattr(models, "model", MODELS.__getitem__)
    monkeypatch.setattr(shared_models, "tables_with", READ_BY.__getitem__)
    engine = Countings(tmp_path)
    yield engine
    engine.close()


def bind(engine: Countings, shared: SharedModels, folder: Path, *numbers: int) -> None:
    """Let the source have these rows, in a file of its own."""
    file = folder / f"{'_'.join(map(str, numbers))}.parquet"
    values = ", ".join(f"({each})" for each in numbers)
    engine._connection.execute(f"COPY (FROM (VALUES {values}) AS t(n)) TO '{file}'")
    rows = TableRows(SOURCE, (file,), frozenset({"n"}))
    engine.bind(rows)
    shared.note_bound(rows)


def computed(engine: Countings, shared: SharedModels, table: str, more: int = 1) -> list[object]:
    shared.note_begun(table)
    shared.compute(engine, table, {"more": more})
    rows = [n for (n,) in engine.fetch(f"SELECT n FROM {table} ORDER BY n")]
    shared.forget(engine, {"helper"})
    engine.forget([table])
    return rows


def test_a_model_of_two_tables_is_computed_once_and_then_dropped(
    counting: Countings, tmp_path: Path
) -> None:
    shared = SharedModels()
    bind(counting, shared, tmp_path, 1, 2)

    assert computed(counting, shared, "one") == [2, 3]
    assert counting.knows("helper")
    assert computed(counting, shared, "other") == [-3, -2]
    assert counting.computed == ["helper", "one", "other"]
    assert not counting.knows("helper")


def test_other_rows_or_parameters_are_computed_again(counting: Countings, tmp_path: Path) -> None:
    shared = SharedModels()
    bind(counting, shared, tmp_path, 1, 2)
    assert computed(counting, shared, "one") == [2, 3]

    bind(counting, shared, tmp_path, 7)
    assert computed(counting, shared, "one") == [8]
    assert computed(counting, shared, "one", more=2) == [9]


def test_what_is_too_large_to_keep_is_dropped(
    counting: Countings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engines.duckdb_engine._MAX_ROWS_KEPT", 1)
    shared = SharedModels()
    bind(counting, shared, tmp_path, 1, 2)

    assert computed(counting, shared, "one") == [2, 3]
    assert not counting.knows("helper")
    assert computed(counting, shared, "other") == [-3, -2]


def test_the_tables_with_a_model_follow_from_the_models() -> None:
    assert tables_with("track_counts") == {"artist_summary", "genre_analysis"}
    assert tables_with("tracks") == {"tracks"}


def test_a_part_of_a_table_by_month_is_compared_in_one_file(
    engine: DuckDBEngine, tmp_path: Path
) -> None:
    columns = tuple(column(each, STRING, "") for each in ("user_id", "played_month", "title"))
    table = Table("test", "plays", "", columns, ("user_id",), "played_month")
    part = Part("user_id", frozenset({"a"}))
    plays = "('a', '2024-01', 'x'), ('a', '2024-02', 'y')"
    engine.run("part", f"FROM (VALUES {plays}) AS t(user_id, played_month, title)")
    files = engine.write("part", staged_as(table, part), tmp_path / "aside")
    engine.forget(["part"])

    assert [each.parent for each in files] == [tmp_path / "aside"]
    found = find_difference(table, tmp_path, files, part)
    assert found.changed == found.added == {("a", "2024-01"), ("a", "2024-02")}
    assert staged_as(table, replace(part, values=None)) is table
    assert staged_as(ARTIST_SUMMARY, part) is ARTIST_SUMMARY  # by groups of people
