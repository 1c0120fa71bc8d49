"""What an engine can do, the same for both: see ``engines.engine``."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines.duckdb_engine import DuckDBEngine
from engines.engine import SPILL_FOLDER, Engine, TableRows
from engines.python_words import person_group
from schemas.table import PERSON_GROUP, Table, column
from schemas.types import BIGINT, DATE, DOUBLE, INTEGER, STRING, TIMESTAMP, array, mapping

COLUMNS = (
    column("user_id", STRING, ""),
    column("played_at", TIMESTAMP, ""),
    column("played_month", STRING, ""),
    column("n", BIGINT, ""),
    column("tags", array(STRING), ""),
    column("scores", mapping(STRING, DOUBLE), ""),
    column("day", DATE, ""),
)
PLAYS = Table("test", "plays", "", COLUMNS, ("user_id", "n"), "played_month")
WHOLE = Table("test", "whole", "", COLUMNS, ("user_id", "n"))
GROUPED = Table(
    "test", "grouped", "", (*COLUMNS, column(PERSON_GROUP, INTEGER, "")), ("n",), PERSON_GROUP
)
RESULT = (column("user_id", STRING, ""), column("n", BIGINT, ""), column("ended", TIMESTAMP, ""))


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2024, 3, day, hour, 30, 15, 123456, tzinfo=UTC)


def play(user: str | None, of_march: int, n: int | None = 1, **values: Any) -> dict[str, Any]:
    month = f"2024-0{1 + of_march % 3}"
    return {"user_id": user, "played_at": at(of_march), "played_month": month, "n": n, **values}


def plays(*rows: dict[str, Any]) -> pa.Table:
    from engines.arrow import arrow_rows

    return arrow_rows(rows, COLUMNS)


def read(engine: Engine, table: Table, files: list[Path], *columns: str) -> TableRows:
    rows = TableRows(table, tuple(files), frozenset(columns or table.column_names))
    engine.bind(rows)
    return rows


def test_written_rows_are_read_as_they_were(each_engine: Engine, tmp_path: Path) -> None:
    rows = plays(
        play("b", 2, 1, tags=["ü", None], scores={"x": 0.5}, day=date(2024, 2, 29)),
        play("a", 1, None, tags=[], scores={}),
        play("a", 4, 2**40),
    )
    each_engine.register("rows", rows)

    files = each_engine.write("rows", PLAYS, tmp_path / "plays")
    read(each_engine, PLAYS, files)

    found = each_engine.fetch_arrow("SELECT * FROM test.plays ORDER BY user_id, played_at")
    assert found.to_pylist() == rows.sort_by([("user_id", "ascending")]).to_pylist()
    assert found.schema.types == rows.schema.types


def test_a_partition_is_a_file_in_a_folder_of_its_own(each_engine: Engine, tmp_path: Path) -> None:
    rows = [play("b", 3), play("a", 6), play("a", 3), play("b", 1), play("a", 1)]
    each_engine.register("rows", plays(*rows))

    files = each_engine.write("rows", PLAYS, tmp_path / "plays")

    assert [each.parent.name for each in files] == ["played_month=2024-01", "played_month=2024-02"]
    assert {each.name for each in tmp_path.rglob("*.*")} == {each.name for each in files}
    # A person's rows stand together, in the order of their instants.
    first = pq.ParquetFile(files[0]).read()
    assert "played_month" not in first.column_names
    order = list(zip(first["user_id"].to_pylist(), first["played_at"].to_pylist(), strict=True))
    assert order == sorted(order)
    assert pq.ParquetFile(files[0]).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_group_of_a_person_follows_from_the_person(each_engine: Engine, tmp_path: Path) -> None:
    people = ["a", "Ünal", "夜", "me", "someone-else"]
    each_engine.register("rows", plays(*(play(person, 1) for person in people)))

    files = each_engine.write("rows", GROUPED, tmp_path)
    read(each_engine, GROUPED, files)

    found = dict(each_engine.fetch(f"SELECT user_id, {PERSON_GROUP} FROM test.grouped"))
    assert found == {person: person_group(person) for person in people}


@pytest.mark.parametrize("table", [PLAYS, WHOLE, GROUPED])
def test_no_rows_make_no_file(each_engine: Engine, tmp_path: Path, table: Table) -> None:
    each_engine.register("rows", plays())

    assert each_engine.write("rows", table, tmp_path / "none") == []
    assert list(tmp_path.rglob("*.*")) == []


def test_a_table_without_partitions_is_one_file(each_engine: Engine, tmp_path: Path) -> None:
    each_engine.register("rows", plays(*(play("a", 1 + n % 28, n) for n in range(100))))

    (file,) = each_engine.write("rows", WHOLE, tmp_path)

    assert pq.read_metadata(file).num_rows == 100


def test_a_table_without_files_has_its_columns_and_no_rows(each_engine: Engine) -> None:
    read(each_engine, PLAYS, [])

    found = each_engine.fetch_arrow("SELECT * FROM test.plays")
    assert found.column_names == PLAYS.column_names
    assert len(found) == 0


def test_columns_that_older_files_lack_are_null(each_engine: Engine, tmp_path: Path) -> None:
    old = tmp_path / "played_month=2024-01" / "old.parquet"
    new = tmp_path / "played_month=2024-02" / "new.parquet"
    for file in (old, new):
        file.parent.mkdir()
    pq.write_table(plays(play("a", 3)).select(["user_id"]), old)
    pq.write_table(plays(play("b", 1)).select(["n", "user_id", "day"]), new)

    read(each_engine, PLAYS, [old, new], "user_id", "n", "day", "played_month")

    rows = each_engine.fetch("SELECT user_id, n, played_month, tags FROM test.plays ORDER BY 1")
    assert rows == [("a", None, "2024-01", None), ("b", 1, "2024-02", None)]


def test_instants_of_old_files_are_utc(
    each_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INT96, which older releases wrote, does not say so."""
    monkeypatch.setitem(os.environ, "TZ", "America/Denver")
    file = tmp_path / "old.parquet"
    pq.write_table(plays(play("a", 10, 1)), file, use_deprecated_int96_timestamps=True)

    read(each_engine, WHOLE, [file])

    ((found,),) = each_engine.fetch("SELECT played_at FROM test.whole")
    assert found == at(10)


def test_rows_of_some_people(each_engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(plays(*(play(person, 1) for person in ("a", "b", "O'Neil", None))), file)
    everybody = read(each_engine, WHOLE, [file])

    each_engine.bind(
        TableRows(WHOLE, everybody.files, everybody.columns, frozenset(("a", "O'Neil")))
    )

    assert each_engine.fetch("SELECT user_id FROM test.whole ORDER BY 1") == [("O'Neil",), ("a",)]


def test_a_folder_may_have_any_name(each_engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / ".hidden" / "_50% [x] {y}*? ü'"
    each_engine.register("rows", plays(play("a", 3), play("b", 1)))

    files = each_engine.write("rows", PLAYS, folder)
    read(each_engine, PLAYS, files)

    assert each_engine.fetch("SELECT count(*) FROM test.plays") == [(2,)]
    assert {each.parents[1] for each in files} == {folder}


def test_a_model_may_take_the_name_of_what_it_reads(each_engine: Engine) -> None:
    each_engine.register("test.named", plays(play("a", 1)))

    each_engine.run("test.named", "SELECT user_id, n + 1 AS n FROM test.named")
    each_engine.run("test.named", "SELECT user_id, n + 1 AS n FROM test.named")

    assert each_engine.fetch("SELECT user_id, n FROM test.named") == [("a", 3)]


def test_what_is_forgotten_is_not_known(each_engine: Engine) -> None:
    each_engine.run("brief", "SELECT 1 AS n")
    assert each_engine.knows("brief")

    each_engine.forget(["brief", "never known"])

    assert not each_engine.knows("brief")


def _counted(own: pd.DataFrame, other: pd.DataFrame, third: pd.DataFrame) -> pd.DataFrame:
    (person,) = own["user_id"].unique()
    rows = {"user_id": [person], "n": [100 * len(own) + 10 * len(other) + len(third)]}
    return pd.DataFrame({**rows, "ended": [own["played_at"].max()], "more": [1]})


def test_a_function_is_called_for_each_person_of_the_first_input(each_engine: Engine) -> None:
    each_engine.register("own", plays(play("a", 1), play("a", 2), play("b", 3)))
    each_engine.register("other", plays(play("a", 1), play("c", 1)))
    each_engine.run("third", "SELECT user_id FROM other WHERE user_id = 'c'")

    each_engine.map_groups("counted", _counted, ["own", "other", "third"], RESULT)

    found = each_engine.fetch("SELECT user_id, n, ended FROM counted ORDER BY user_id")
    assert found == [("a", 210, at(2)), ("b", 100, at(3))]


def _types(own: pd.DataFrame) -> pd.DataFrame:
    kinds = [str(own[each].dtype) for each in ("n", "played_at", "day", "tags")]
    values = [type(own[each].iloc[0]).__name__ for each in ("day", "tags")]
    user = own["user_id"].iloc[0]
    return pd.DataFrame({"user_id": [user], "tags": [[*kinds, *values]], "n": [None]})


def test_a_function_gets_the_same_types_from_both(each_engine: Engine) -> None:
    whole = play("a", 1, 1, tags=["x"], day=date(2024, 1, 1))
    each_engine.register("own", plays(whole, {**whole, "n": None}))

    each_engine.map_groups("types", _types, ["own"], COLUMNS)

    ((found, n),) = each_engine.fetch("SELECT tags, n FROM types")
    assert n is None
    assert found == [
        "float64", "datetime64[us, UTC]", "object", "object", "date", "ndarray",
    ]  # fmt: skip


def _doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"user_id": rows["user_id"], "n": rows["n"] * 2})


def test_a_function_is_called_with_some_rows_at_a_time(each_engine: Engine) -> None:
    each_engine.register("own", plays(play("a", 1, 2), play("b", 1, None), play("c", 1, 4)))

    each_engine.map_batches("doubled", _doubled, "own", RESULT)

    found = each_engine.fetch("SELECT user_id, n, ended FROM doubled ORDER BY user_id")
    assert found == [("a", 4, None), ("b", None, None), ("c", 8, None)]


def _everything(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"user_id": ["all"], "n": [len(own) * 10 + len(other)]})


def test_a_function_is_called_once_with_all_rows(each_engine: Engine) -> None:
    each_engine.register("own", plays(play("a", 1), play("b", 2)))
    each_engine.register("other", plays())

    each_engine.map_once("everything", _everything, ["own", "other"], RESULT)

    assert each_engine.fetch("SELECT user_id, n, ended FROM everything") == [("all", 20, None)]


def _nothing(own: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"user_id": []})


def test_a_function_may_return_nothing(each_engine: Engine) -> None:
    each_engine.register("own", plays(play("a", 1)))

    each_engine.map_groups("nothing", _nothing, ["own"], RESULT)

    found = each_engine.fetch_arrow("SELECT * FROM nothing")
    assert (found.column_names, len(found)) == ([each.name for each in RESULT], 0)


def test_an_engine_says_what_it_is(each_engine: Engine) -> None:
    assert each_engine.name in ("duckdb", "spark")
    assert each_engine.version
    assert all(isinstance(each, str) for each in each_engine.settings.values())


@pytest.mark.spark
def test_results_of_spark_are_kept_below_the_lake_until_it_is_closed(tmp_path: Path) -> None:
    from engines.spark_engine import SparkEngine

    engine = SparkEngine(tmp_path, master="local[2]")
    assert list(tmp_path.iterdir()) == []
    engine._compute("kept", engine.session.createDataFrame(plays(play("a", 1))))
    assert list(tmp_path.rglob("*.parquet"))
    engine.forget(["kept"])

    assert not list(tmp_path.rglob("*.parquet"))


def test_duckdb_says_which_version_it_is() -> None:
    from engines.duckdb_engine import DuckDBEngine

    assert DuckDBEngine.version == duckdb.__version__


def test_what_does_not_fit_into_memory_spills_and_is_cleaned_up(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path, memory_limit="40MB", threads=1)

    engine.run("numbers", "SELECT range AS number, md5(range::VARCHAR) AS text FROM range(1500000)")
    spilled = list((tmp_path / SPILL_FOLDER).iterdir())
    found = engine.fetch("SELECT count(*), min(text) FROM numbers")
    engine.close()

    assert spilled
    assert found == [(1_500_000, "0000104cd168386a335ba6bf6e32219d")]
    assert list(tmp_path.iterdir()) == []
