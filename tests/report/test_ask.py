"""Queries asked of a lake: answered in every format, without writing or reading anything else."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from config.settings import DEMO_FOLDER
from main import app
from report.answer_formats import ROWS_SHOWN, AnswerFormat
from report.ask import (
    format_for,
    lake_for_queries,
    show_answers,
    write_answer,
)
from report.ask_prompt import columns_by_table, completions, history, is_complete
from report.query_errors import QueryError
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from tests.report.small_lakes import at, every, play, put, track

pytestmark = pytest.mark.usefixtures("clean_environment")

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {
    "gold.mood_clusters": ["track_key", "label"],
    "silver.tracks": ["track_key", "track_name", "plays"],
}
KEYWORDS = ["FROM", "SELECT", "SUMMARIZE"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small lake that is written once; tests get copies of it."""
    folder = tmp_path_factory.mktemp("asked")
    put(folder, TRACKS, [track("Réveil", plays=2), track("Noon", plays=1, genre=None)])
    put(folder, LISTENING_WITH_FEATURES, [play(each) for each in every(5, 100, at(1))])
    put(folder, MOOD_CLUSTERS, [])
    (folder / ".spotify_tokens.json").write_text("secret")
    return folder


@pytest.fixture
def data_dir(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "lake"))


def ask(data_dir: Path, sql: str, answer_format: AnswerFormat = "csv", width: int = 100) -> str:
    scratch = data_dir.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    with lake_for_queries(data_dir, scratch) as lake, StringIO() as stream:
        show_answers(lake, sql, answer_format, scratch, width, stream)
        return stream.getvalue()


def refused(data_dir: Path, sql: str) -> str:
    before = snapshot(data_dir.parent)
    with pytest.raises(QueryError) as caught:
        ask(data_dir, sql)
    assert snapshot(data_dir.parent) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def snapshot(folder: Path) -> dict[Path, int]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each: each.stat().st_mtime_ns for each in files}


def invoke(*arguments: object, **options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["sql", *map(str, arguments)], **options)  # type: ignore[arg-type]
    return result.exit_code, result.stdout, result.stderr


# Answers


def test_a_table_answers_by_its_name_with_or_without_the_layer(data_dir: Path) -> None:
    for name in ("silver.tracks", "tracks"):
        assert ask(data_dir, f"SELECT sum(plays) AS n FROM {name}") == "n\n3\n"


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("FROM tracks SELECT track_name ORDER BY plays", "track_name\nNoon\nRéveil\n"),
        ("WITH one AS (SELECT 1 AS x) FROM one", "x\n1\n"),
        ("VALUES (1, 'a')", "col0,col1\n1,a\n"),
        ("-- a comment\nSELECT 1 AS x -- and another", "x\n1\n"),
        ("PIVOT tracks ON plays USING count(*) GROUP BY user_id", "user_id,1,2\nme,1,1\n"),
        ("SELECT 1 AS x, 2 AS x, 3 AS X", "x,x_1,X_2\n1,2,3\n"),
        ("SELECT 'query (' AS said", "said\nquery (\n"),
    ],
)
def test_every_kind_of_query_is_answered(data_dir: Path, sql: str, answer: str) -> None:
    assert ask(data_dir, sql) == answer


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("DESCRIBE silver.tracks", "track_name"),
        ("SUMMARIZE tracks", "track_name"),
        ("TABLE tracks", "Réveil"),
        ("UNPIVOT (SELECT 7 AS seven) ON seven INTO NAME n VALUE v", "seven"),
        ("EXPLAIN SELECT plays FROM tracks", "PARQUET"),
        ("EXPLAIN (FORMAT json) SELECT plays FROM tracks", "PARQUET"),
        ("explain analyze SELECT sum(plays) FROM tracks WHERE plays > 1", "rows"),
    ],
)
def test_queries_about_tables_and_plans_are_answered(data_dir: Path, sql: str, part: str) -> None:
    assert part in ask(data_dir, sql)
    assert part in ask(data_dir, sql, "table", width=200)


def test_a_plan_is_drawn(data_dir: Path) -> None:
    drawn = ask(data_dir, "EXPLAIN SELECT plays FROM tracks", "table")

    assert "READ_PARQUET" in drawn
    assert "\\n" not in drawn


def test_several_queries_are_answered_in_turn(data_dir: Path) -> None:
    sql = "SELECT 1 AS x; PIVOT tracks ON plays USING count(*) GROUP BY user_id; SELECT 2 AS x;"

    assert ask(data_dir, sql) == "x\n1\n\nuser_id,1,2\nme,1,1\n\nx\n2\n"


def test_nothing_is_answered_where_one_of_several_is_no_query(data_dir: Path) -> None:
    code, said, error = invoke("SELECT 1; DROP VIEW silver.tracks", "--data-dir", data_dir)

    assert (code, said) == (2, "")
    assert error.startswith("DROP is refused")


def test_a_query_leaves_no_names_behind(data_dir: Path) -> None:
    scratch = data_dir.parent
    names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
    with lake_for_queries(data_dir, scratch) as lake:
        show_answers(lake, "FROM tracks", "table", scratch, 80, StringIO())
        show_answers(lake, "FROM tracks", "csv", scratch, 80, StringIO())

        assert lake.execute(names).fetchall() == []


@pytest.mark.parametrize("sql", ["SHOW TABLES", "-- which?\nshow all /* of the */ tables -- ?\n;"])
def test_the_tables_are_listed_by_their_full_names(data_dir: Path, sql: str) -> None:
    rows = json.loads(ask(data_dir, sql, "json"))

    assert rows == [
        {"name": each.full_name, "description": each.description}
        for each in (MOOD_CLUSTERS, LISTENING_WITH_FEATURES, TRACKS)
    ]
    assert "silver.tracks" in ask(data_dir, sql, "table")


# Formats


def test_a_table_shows_nulls_types_and_instants_in_utc(data_dir: Path) -> None:
    said = ask(
        data_dir,
        "SELECT track_name, genre, last_played_at AS at FROM tracks WHERE plays = 1",
        "table",
    )

    assert said.splitlines()[1:3] == [
        "│ track_name │  genre  │            at            │",
        "│  varchar   │ varchar │ timestamp with time zone │",
    ]
    assert "│ Noon       │ NULL    │ 2026-03-01 12:00:00+00   │" in said


def test_a_long_answer_shows_the_first_rows_and_says_how_many_there_are(data_dir: Path) -> None:
    said = ask(data_dir, "FROM range(12345) AS numbers(n)", "table")

    assert f"│    {ROWS_SHOWN - 1} │" in said
    assert f"│    {ROWS_SHOWN} │" not in said
    assert f"The first {ROWS_SHOWN} of 12,345 rows; all of them with --format csv" in said


def test_an_answer_that_just_fits_is_whole(data_dir: Path) -> None:
    said = ask(data_dir, f"FROM range({ROWS_SHOWN}) AS numbers(n)", "table")

    assert f"│    {ROWS_SHOWN - 1} │" in said
    assert "The first" not in said


def test_a_wide_answer_fits_the_terminal(data_dir: Path) -> None:
    said = ask(data_dir, "FROM tracks", "table", width=80)

    assert max(map(len, said.splitlines())) <= 80


def test_csv_is_whole_and_holds_arrays_as_json(data_dir: Path) -> None:
    said = ask(data_dir, "SELECT sources, genre FROM listening_with_features")

    assert said.splitlines() == ["sources,genre", *['"[""extended""]",'] * 100]


def test_json_is_whole_and_keeps_types(data_dir: Path) -> None:
    sql = "SELECT sources, played_at, ms_played, genre FROM listening_with_features ORDER BY 2"

    rows = json.loads(ask(data_dir, sql, "json"))

    assert len(rows) == 100
    assert rows[0] == {
        "sources": ["extended"],
        "played_at": "2026-03-01 12:00:00+00",
        "ms_played": 180_000,
        "genre": None,
    }


def test_no_rows_are_an_answer(data_dir: Path) -> None:
    assert ask(data_dir, "SELECT label FROM mood_clusters") == "label\n"
    assert json.loads(ask(data_dir, "FROM mood_clusters", "json")) == []
    assert "0 rows" in ask(data_dir, "FROM mood_clusters", "table")


@pytest.mark.parametrize("answer_format", ["csv", "json", "parquet"])
def test_a_file_holds_all_rows(data_dir: Path, tmp_path: Path, answer_format: AnswerFormat) -> None:
    path = tmp_path / f"plays.{answer_format}"
    sql = "SELECT play_id, sources, played_at, 1 AS n, 2 AS n FROM listening_with_features"

    assert write_answer(data_dir, sql, answer_format, path) == 100
    assert duckdb.sql(f"SELECT count(*), sum(n_1) FROM '{path}'").fetchall() == [(100, 200)]
    assert {each.name for each in tmp_path.iterdir()} == {path.name, data_dir.name}


def test_the_name_of_the_file_says_the_format() -> None:
    assert format_for(None, Path("x.parquet")) == "parquet"
    assert format_for(None, Path("x.JSON")) == "json"
    assert format_for(None, Path("x.txt")) == "csv"
    assert format_for("json", Path("x.csv")) == "json"
    assert format_for(None, None) == "table"


def test_a_format_that_does_not_fit_is_refused() -> None:
    with pytest.raises(QueryError, match="parquet needs a file"):
        format_for("parquet", None)
    with pytest.raises(QueryError, match="csv, json or parquet"):
        format_for("table", Path("x.csv"))


def test_a_query_that_fails_leaves_the_file_before_it(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("of last week")
    before = snapshot(tmp_path)

    with pytest.raises(QueryError, match="power cut"):
        write_answer(data_dir, "SELECT error('power cut') FROM tracks", "csv", path)

    assert snapshot(tmp_path) == before


def test_a_file_holds_one_answer_and_never_replaces_a_folder(
    data_dir: Path, tmp_path: Path
) -> None:
    for sql, out, reason in (
        ("SELECT 1; SELECT 2", tmp_path / "x.csv", "one query only"),
        ("SELECT 1", data_dir, "is a folder"),
        ("SELECT 1", tmp_path / "no" / "x.csv", "cannot be written"),
    ):
        code, said, error = invoke(sql, "--out", out, "--data-dir", data_dir)

        assert (code, said) == (2, "")
        assert reason in error
    assert {each.name for each in tmp_path.iterdir()} == {data_dir.name}


# Nothing else is read, nothing is written


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("COPY silver.tracks TO 'x.csv'", "COPY"),
        ("copy (PIVOT tracks ON plays USING count(*)) TO 'x.csv'", "this statement"),
        ("ATTACH 'x.duckdb'", "ATTACH"),
        ("CREATE TABLE x AS SELECT 1", "CREATE"),
        ("CREATE TABLE x AS PIVOT tracks ON plays USING count(*)", "this statement"),
        ("INSERT INTO silver.tracks VALUES (1)", "INSERT"),
        ("UPDATE silver.tracks SET plays = 1", "UPDATE"),
        ("DELETE FROM silver.tracks", "DELETE"),
        ("DROP VIEW silver.tracks", "DROP"),
        ("ALTER VIEW silver.tracks RENAME TO x", "ALTER"),
        ("INSTALL httpfs", "INSTALL"),
        ("LOAD httpfs", "LOAD"),
        ("SET threads = 1", "SET"),
        ("RESET threads", "RESET"),
        ("PRAGMA threads = 1", "PRAGMA"),
        ("USE silver", "USE"),
        ("BEGIN", "BEGIN"),
        ("CALL pragma_version()", "CALL"),
        ("CHECKPOINT", "CHECKPOINT"),
        ("EXPORT DATABASE 'x'", "EXPORT"),
        ("PREPARE x AS SELECT 1", "PREPARE"),
        ("VACUUM", "VACUUM"),
        ("EXPLAIN COPY tracks TO 'x.csv'", "EXPLAIN"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'", "EXPLAIN"),
        ("EXPLAIN /**/ ANALYZE DROP VIEW silver.tracks", "EXPLAIN"),
        ("EXPLAIN (ANALYZE) CREATE TABLE x AS SELECT 1", "EXPLAIN"),
        ("FROM enable_logging(storage = 'file')", "enable_logging"),
        ('SELECT * FROM main."Enable_Logging" /* é */ ()', "enable_logging"),
        ("FROM query('FROM enable_' || 'logging()')", "query"),
        ("SELECT 'é', write_log('x')", "write_log"),
        ("SELECT track_name.write_log() FROM tracks", "write_log"),
    ],
)
def test_what_is_no_query_is_refused(data_dir: Path, sql: str, word: str) -> None:
    assert refused(data_dir, sql).startswith(f"{word} is refused")


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('/etc/passwd')",
        "FROM read_csv('/etc/passwd')",
        "FROM glob('/etc/*')",
        "FROM read_text('{lake}/.spotify_tokens.json')",
        "FROM read_text('{lake}/silver/../.spotify_tokens.json')",
        "FROM read_blob('{lake}/*')",
        "FROM read_parquet('https://example.org/x.parquet')",
    ],
)
def test_no_file_but_the_tables_can_be_read(data_dir: Path, sql: str) -> None:
    assert "only the lake's tables can" in refused(data_dir, sql.format(lake=data_dir))


@pytest.mark.parametrize("name", ["'/etc/passwd'", "data_dir", "statement", "sqlite_scan('x', '')"])
def test_no_file_variable_or_extension_goes_for_a_table(data_dir: Path, name: str) -> None:
    refused(data_dir, f"FROM {name}")


def test_the_connection_is_locked_by_itself(data_dir: Path, tmp_path: Path) -> None:
    """Where a statement ever got past the check, the lake and the disk would still be safe."""
    with lake_for_queries(data_dir, tmp_path) as lake:
        for sql in (
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "ATTACH '/tmp/x.duckdb'",
            "COPY (SELECT 1) TO '/tmp/x.csv'",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                lake.execute(sql)


def test_a_folder_whose_name_looks_like_a_pattern_is_read(data_dir: Path) -> None:
    data_dir = data_dir.rename(data_dir.with_name("it's [my] *lake"))

    assert ask(data_dir, "SELECT count(*) AS n FROM tracks") == "n\n2\n"


def test_a_lake_with_a_relative_path_is_read(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data_dir.parent)

    assert ask(Path(data_dir.name), "SELECT count(*) AS n FROM tracks") == "n\n2\n"


# Errors


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("FROM silver.trakcs", "there is no table trakcs: did you mean silver.tracks?"),
        ("FROM silvr.tracks", "did you mean silver.tracks?"),
        ("FROM weather", "there is no table weather: SHOW TABLES lists them"),
        ("FROM gold.mood_forecast", "gold.mood_forecast is not in the lake yet: start a run"),
        ("SELECT artists FROM tracks", 'Candidate bindings: "artist'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 'a", "unterminated quoted string"),
        ("SELECT date 'x'", "invalid date field format"),
        ("SELECT $name", "cannot have parameters"),
        ("SELECT ?", "cannot have parameters"),
        ("", "there is no query"),
        (" ; -- nothing", "there is no query"),
    ],
)
def test_an_error_is_one_line_that_helps(data_dir: Path, sql: str, said: str) -> None:
    assert said in refused(data_dir, sql)


# The command


def test_the_command_answers(data_dir: Path) -> None:
    code, said, error = invoke("SELECT 1 AS x", "--format", "csv", "--data-dir", data_dir)

    assert (code, said, error) == (0, "x\n1\n", "")


def test_the_command_writes_a_file(data_dir: Path, tmp_path: Path) -> None:
    code, said, _ = invoke("FROM tracks", "--out", tmp_path / "t.parquet", "--data-dir", data_dir)

    assert code == 0
    assert "2 rows in" in said
    assert len(duckdb.sql(f"FROM '{tmp_path / 't.parquet'}'").fetchall()) == 2


def test_without_a_terminal_queries_come_by_standard_input(data_dir: Path) -> None:
    code, said, _ = invoke(
        "--format", "csv", "--data-dir", data_dir, input="SELECT 1 AS x;\nSELECT 2 AS x;\n"
    )

    assert (code, said) == (0, "x\n1\n\nx\n2\n")


def test_the_simulated_account_answers_where_there_is_no_other_and_is_named_apart(
    data_dir: Path, tmp_path: Path
) -> None:
    data_dir.rename(tmp_path / DEMO_FOLDER)

    code, said, error = invoke("SELECT 1 AS x", "--format", "json", "--data-dir", tmp_path)

    assert code == 0
    assert json.loads(said) == [{"x": 1}]
    assert "only the simulated account" in error


def test_a_lake_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    code, said, error = invoke("SELECT 1", "--data-dir", tmp_path)

    assert (code, said) == (2, "")
    assert error.startswith("no lake in")
    assert error.count("\n") == 1


def test_an_error_ends_with_two(data_dir: Path) -> None:
    code, said, error = invoke("FROM weather", "--data-dir", data_dir)

    assert (code, said) == (2, "")
    assert error == "there is no table weather: SHOW TABLES lists them\n"


def test_a_query_imports_neither_the_prompt_nor_what_a_run_needs(data_dir: Path) -> None:
    script = (
        "import sys; from main import app\n"
        f"try: app(['sql', 'FROM tracks', '--data-dir', {str(data_dir)!r}])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'prompt_toolkit', 'pygments', 'pyspark', 'pyarrow', 'pandas', 'requests'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("flags", [(), ("--format", "csv")])
def test_ctrl_c_stops_a_query_quietly(data_dir: Path, flags: tuple[str, ...]) -> None:
    # Without a row between: DuckDB alone would notice at the end only.
    endless = (
        "SELECT 1 AS x; SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE random() > 2"
    )
    command = [sys.executable, "-u", "main.py", "sql", endless, "--data-dir", str(data_dir), *flags]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asked:
        assert asked.stdout is not None
        asked.stdout.readline()  # the first answer
        time.sleep(0.5)
        asked.send_signal(signal.SIGINT)
        _, error = asked.communicate(timeout=30)

    assert (asked.returncode, error) == (130, "")


# The prompt


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("SELECT 1", False),
        ("SELECT 1;", True),
        ("SELECT 1; -- done", True),
        ("SELECT 'é;", False),
        ("SELECT 'é';  ", True),
        ("SELECT 1 -- not yet;", False),
        ("", True),
        ("exit", True),
        (r"\q", True),
    ],
)
def test_enter_ends_a_query_at_its_semicolon(text: str, complete: bool) -> None:
    assert is_complete(text) is complete


@pytest.mark.parametrize(
    ("written", "behind", "words"),
    [
        ("s", "", ["silver.", "SELECT", "SUMMARIZE"]),
        ("FROM go", "", ["gold."]),
        ("FROM gold.", "", ["gold.mood_clusters"]),
        ("FROM silver.t", "", ["silver.tracks"]),
        ("FROM mood", "", ["mood_clusters"]),
        ("SELECT pl", " FROM silver.tracks", ["plays"]),
        ("FROM tracks WHERE track_", "", ["track_key", "track_name"]),
        ("FROM Tracks WHERE PL", "", ["plays"]),
        ("SELECT pl", "", []),
        ("FROM tracks AS t WHERE t.pl", "", ["t.plays"]),
        ("FROM tracks WHERE silver.tracks.pl", "", ["silver.tracks.plays"]),
        ("FROM tracks JOIN mood_clusters USING (l", "", ["label"]),
        ("FROM tracks SELECT ", "", ["track_key", "track_name", "plays"]),
        ("", "", []),
    ],
)
def test_words_are_completed_by_what_stands_around_them(
    written: str, behind: str, words: list[str]
) -> None:
    assert completions(written, written + behind, COLUMNS, KEYWORDS) == words


def test_completion_knows_the_columns_of_the_lake(data_dir: Path, tmp_path: Path) -> None:
    with lake_for_queries(data_dir, tmp_path) as lake:
        columns = columns_by_table(lake)

    assert columns == {
        table.full_name: table.column_names
        for table in (MOOD_CLUSTERS, LISTENING_WITH_FEATURES, TRACKS)
    }


def test_only_the_owner_can_read_the_history(tmp_path: Path) -> None:
    path = tmp_path / ".sql_history"
    path.touch(0o644)

    history(path).store_string("SELECT 1;")

    assert path.stat().st_mode & 0o777 == 0o600
    assert "+SELECT 1;" in path.read_text()


def test_a_history_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    history(tmp_path / "nowhere" / ".sql_history").append_string("SELECT 1;")

    assert list(tmp_path.iterdir()) == []


def test_the_prompt_answers_until_it_is_left(data_dir: Path) -> None:
    pytest.importorskip("pty")
    said = in_terminal(
        data_dir,
        [
            ("SELECT 'one' ||\r", "...>"),
            ("'two' AS said;\r", "onetwo"),
            ("FROM weather;\r", "there is no table weather"),
        ],
    )

    assert "SHOW TABLES; lists the tables" in said
    kept = data_dir / ".sql_history"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "+FROM weather;" in kept.read_text()


def in_terminal(data_dir: Path, dialogue: list[tuple[str, str]]) -> str:
    r"""Type texts at the prompt in a terminal, each once the answer before it was seen; then \q."""
    import pty

    controller, terminal = pty.openpty()
    command = [sys.executable, "main.py", "sql", "--data-dir", str(data_dir)]
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    ) as prompt:
        os.close(terminal)
        try:
            said = read_until(controller, "sql>")
            for typed, answer in dialogue:
                os.write(controller, typed.encode())
                said += read_until(controller, answer, *(["sql>"] if ";" in typed else []))
            os.write(controller, b"\\q\r")
            assert prompt.wait(timeout=30) == 0
        finally:
            prompt.kill()
            os.close(controller)
    return said


def read_until(controller: int, *awaited: str) -> str:
    said, place = "", 0
    for each in awaited:
        while each not in said[place:]:
            ready, _, _ = select.select([controller], [], [], 30)
            assert ready, f"no {each!r} in {said!r}"
            read = os.read(controller, 65536)
            if b"\x1b[6n" in read:  # it asks where the cursor is
                os.write(controller, b"\x1b[1;1R")
            said += read.decode(errors="replace")
        # What is awaited next may have come with it.
        place = said.index(each, place) + len(each)
    return said
