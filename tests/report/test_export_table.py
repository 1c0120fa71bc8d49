"""Files made of tables: the same rows, whole or none, and nobody to be recognised in them."""

import hashlib
import hmac
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.settings import SettingsError
from report import export_table as exports
from report.export_table import (
    KEY_FILE,
    FileFormat,
    export_table,
    find_table,
    pseudonym_key,
)
from schemas import ALL_TABLES
from schemas.bronze_schemas import LISTENING_HISTORY
from schemas.library_schemas import PLAYLISTS
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.table import KEPT, LEFT_OUT, PSEUDONYM, Table, column
from schemas.types import BIGINT, STRING, array, delta_name, holds_text
from tests.report.small_lakes import at, play, put, step, track

FORMATS: tuple[FileFormat, ...] = ("csv", "parquet")
ANNA = "anna.karenina@example.org"
PLACES = {"platform": "anna's phone", "conn_country": "RU"}


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Three plays of two people, with all that could betray them."""
    folder = tmp_path / "lake"
    plays = [
        play(at(1), 'Song, "one"', user_id=ANNA, session_id=f"{ANNA}-17", **PLACES),
        play(at(2), "Two\nlines", user_id=ANNA, session_id=f"{ANNA}-18", **PLACES),
        play(at(3), "Drei", user_id="ben", session_id="ben-19", sources=["api", "extended"]),
    ]
    put(folder, LISTENING_WITH_FEATURES, plays)
    put(folder, TRACKS, [track("Drei", user_id="ben"), track("Two", user_id=ANNA)])
    return folder


def rows(path: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(f"SELECT {columns} FROM {reader}('{path}') ORDER BY 1").fetchall()


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def pseudonym(key: bytes, text: str) -> str:
    """HMAC as the standard library has it."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_table_comes_back_as_it_was(lake: Path, tmp_path: Path, file_format: FileFormat) -> None:
    path = tmp_path / f"plays.{file_format}"

    exported = export_table(
        lake, "silver.listening_with_features", file_format, path, pseudonymise=False
    )

    assert (exported.table, exported.rows, exported.left_out) == (LISTENING_WITH_FEATURES, 3, ())
    columns = "epoch(played_at)::BIGINT, user_id, track_key, ms_played, valence, local_date"
    assert rows(path, columns) == [
        (int(at(1).timestamp()), ANNA, 'Song, "one"', 180_000, None, at(1).date()),
        (int(at(2).timestamp()), ANNA, "Two\nlines", 180_000, None, at(2).date()),
        (int(at(3).timestamp()), "ben", "Drei", 180_000, None, at(3).date()),
    ]
    assert files(tmp_path) == {"lake", path.name}
    assert not (lake / KEY_FILE).exists()


def test_csv_has_arrays_and_maps_as_json(lake: Path, tmp_path: Path) -> None:
    versions = {"silver.tracks": "3"}
    put(lake, PIPELINE_RUNS, [step("a step", at(1), versions_read=list(versions.items()))])
    plays, runs = tmp_path / "plays.csv", tmp_path / "runs.csv"

    export_table(lake, "listening_with_features", "csv", plays, pseudonymise=False)
    export_table(lake, "pipeline_runs", "csv", runs, pseudonymise=False)

    sources = [json.loads(text) for _, text in rows(plays, "played_at, sources::VARCHAR")]
    assert sources == [["extended"], ["extended"], ["api", "extended"]]
    ((found,),) = rows(runs, "versions_read::VARCHAR")
    assert json.loads(found) == versions


def test_one_person_has_one_pseudonym_in_every_table_of_a_lake(lake: Path, tmp_path: Path) -> None:
    plays, tracks = tmp_path / "plays.parquet", tmp_path / "tracks.csv"

    export_table(lake, "listening_with_features", "parquet", plays, pseudonymise=True)
    export_table(lake, "tracks", "csv", tracks, pseudonymise=True)

    key = pseudonym_key(lake)
    people = {pseudonym(key, ANNA), pseudonym(key, "ben")}
    assert {each for (each,) in rows(plays, "user_id")} == people
    assert {each for (each,) in rows(tracks, "user_id")} == people
    sessions = {each for (each,) in rows(plays, "session_id")}
    assert sessions == {pseudonym(key, each) for each in (f"{ANNA}-17", f"{ANNA}-18", "ben-19")}


def test_another_lake_has_other_pseudonyms(lake: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    put(other, TRACKS, [track(user_id=ANNA)])

    assert pseudonym(pseudonym_key(lake), ANNA) != pseudonym(pseudonym_key(other), ANNA)


@pytest.mark.parametrize("file_format", FORMATS)
def test_no_byte_shows_who_or_where(lake: Path, tmp_path: Path, file_format: FileFormat) -> None:
    path = tmp_path / f"plays.{file_format}"

    exported = export_table(lake, "listening_with_features", file_format, path, pseudonymise=True)

    assert exported.left_out == ("platform", "conn_country")
    written = path.read_bytes().lower()
    names = [b"karenina", b"ben-19", b"phone", b"conn_country", ANNA.encode()]
    # Neither the id itself, nor what anybody could make of it without the key.
    hashes = [
        getattr(hashlib, name)(ANNA.encode()).hexdigest()[:16].encode()
        for name in ("md5", "sha1", "sha256", "blake2b")
    ]
    for each in names + hashes:
        assert each not in written
    assert b"drei" in written or file_format == "parquet"


def test_the_bytes_of_every_table_are_free_of_the_person(tmp_path: Path) -> None:
    """Every text column of every table filled with the person's id, but for the kept ones."""
    lake, path = tmp_path / "lake", tmp_path / "out.csv"
    for table in ALL_TABLES:
        row = {each.name: _filled(table, each.name) for each in table.columns}
        put(lake, table, [row])

        export_table(lake, table.full_name, "csv", path, pseudonymise=True)

        assert b"karenina" not in path.read_bytes(), table.full_name
        assert path.read_text().count("\n") == 2, table.full_name


def _filled(table: Table, name: str) -> Any:
    (found,) = [each for each in table.columns if each.name == name]
    text = "kept" if found.disclosure == KEPT else f"of {ANNA}"
    values: dict[str, Any] = {
        "string": text,
        "array<string>": [text],
        "map<string,string>": [(text, text)],
        "array<double>": [0.5],
        "timestamp": at(1),
        "date": at(1).date(),
        "boolean": True,
        "integer": 1,
        "long": 1,
        "double": 0.5,
    }
    return values[delta_name(found.data_type)]


def test_the_order_of_rows_shows_nothing(tmp_path: Path) -> None:
    people = [f"person {n:02}" for n in range(20)]
    put(tmp_path, TRACKS, [track(user_id=each) for each in people])
    path = tmp_path / "tracks.parquet"

    export_table(tmp_path, "tracks", "parquet", path, pseudonymise=True)

    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT user_id FROM read_parquet('{path}')").fetchall()
    shown = [each for (each,) in found]
    assert shown == sorted(pseudonym(pseudonym_key(tmp_path), each) for each in people)


def test_the_key_is_the_owners_alone_and_stays(lake: Path) -> None:
    key = pseudonym_key(lake)

    assert len(key) == 32
    assert pseudonym_key(lake) == key
    assert (lake / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_damaged_key_is_named_and_makes_no_file(lake: Path, tmp_path: Path) -> None:
    (lake / KEY_FILE).write_text("short")

    with pytest.raises(SettingsError, match="pseudonym_key is damaged"):
        export_table(lake, "tracks", "csv", tmp_path / "tracks.csv", pseudonymise=True)

    assert files(tmp_path) == {"lake"}


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda each: each.full_name)
def test_every_column_has_a_decision(table: Table) -> None:
    """Of a text it is declared; numbers, instants and flags are kept unless declared otherwise."""
    for each in table.columns:
        if holds_text(each.data_type):
            assert each.in_export is not None, f"{table.full_name}.{each.name}"
        if each.disclosure == PSEUDONYM:
            assert each.data_type == STRING


def test_a_column_of_one_name_has_one_decision() -> None:
    # A reason of a rejected record may quote the record; what is corrected may be a record.
    about_records = {("ops.rejected_records", "reason"), ("ops.corrections", "item_key")}
    decisions: defaultdict[str, set[str]] = defaultdict(set)
    for table in ALL_TABLES:
        for each in table.columns:
            if (table.full_name, each.name) not in about_records:
                decisions[each.name].add(each.disclosure)

    assert {name: each for name, each in decisions.items() if len(each) > 1} == {}


def test_a_text_column_without_a_decision_is_left_out() -> None:
    assert column("anything", STRING, "new").disclosure == LEFT_OUT
    assert column("anything", array(STRING), "new").disclosure == LEFT_OUT
    assert column("anything", BIGINT, "new").disclosure == KEPT


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_table_can_be_exported_without_rows(tmp_path: Path, file_format: FileFormat) -> None:
    for table in ALL_TABLES:
        put(tmp_path, table, [])
        path = tmp_path / "out"

        exported = export_table(tmp_path, table.full_name, file_format, path, pseudonymise=True)

        assert exported.rows == 0


def test_tables_go_by_either_name() -> None:
    names = [each.name for each in ALL_TABLES]
    assert len(set(names)) == len(names)
    assert find_table("listening_history_bronze") is LISTENING_HISTORY
    assert find_table("bronze.playlists_bronze") is PLAYLISTS


@pytest.mark.parametrize("name", ["gold.tracks", "moods", ""])
def test_an_unknown_table_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(SettingsError, match=r"no table .*silver\.tracks.*gold\.mood_clusters"):
        find_table(name)


def test_a_table_without_rows_yet_is_named(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gold\.mood_clusters is not in .* start a run"):
        export_table(lake, "mood_clusters", "csv", tmp_path / "out.csv", pseudonymise=False)


def test_an_interrupted_export_leaves_the_file_before_it(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text("of last week")
    # One of the two rows cannot be written.
    broken = "CASE WHEN user_id = 'ben' THEN error('power cut') ELSE 'x' END"
    monkeypatch.setattr(exports, "_value", lambda *_: broken)

    with pytest.raises(duckdb.Error, match="power cut"):
        export_table(lake, "tracks", "csv", path, pseudonymise=False)

    assert path.read_text() == "of last week"
    assert files(tmp_path) == {"lake", "tracks.csv"}


def test_a_place_that_cannot_be_written_is_named(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere/out\.csv cannot be written"):
        export_table(lake, "tracks", "csv", tmp_path / "nowhere" / "out.csv", pseudonymise=False)
    with pytest.raises(SettingsError, match="is a folder"):
        export_table(lake, "tracks", "csv", tmp_path, pseudonymise=False)
