"""The documents say what is so: what they name exists, and what exists they name."""

import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import typer
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import AliasChoices
from typer.testing import CliRunner

import main
import run_ingestion
from cli.exit_codes import ExitCode
from config.settings import Settings
from schemas import ALL_TABLES, BY_NAME
from schemas.gold_schemas import MOOD_CLUSTERS
from schemas.indicator_schemas import WELLBEING_INDICATORS
from schemas.ops_schemas import PIPELINE_RUNS
from schemas.silver_schemas import LISTENING_WITH_FEATURES, TRACKS
from schemas.unified_schemas import UNIFIED_TRACKS
from tests.playlists.libraries import track as known_track
from tests.report.small_lakes import at, play, put, step, track

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs/DEPLOYMENT_GUIDE.md"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
COMMANDS = {each.name: each.callback for each in main.app.registered_commands}
GROUPS = {
    str(group.name): [each.name for each in group.typer_instance.registered_commands]
    for group in main.app.registered_groups
    if group.typer_instance is not None
}
PYTHON = (".venv/bin/python", "python", "python3")

RUN_ON_A_LAKE = {"--version", "test", "stats", "doctor", "sql", "export", "maintain", "playlists"}
"""Commands of main.py that a test here runs as the documents write them."""

ASK_SPOTIFY = {"sync", "map"}
"""Commands about playlists that are not run: tests/playlists/test_sync_commands.py."""

NOT_RUN = {
    "main.py login": "a person signs in in a browser: tests/clients/auth/test_sign_in.py",
    "main.py run-once": "a run: tests/test_run_ingestion.py",
    "main.py run-continuous": "never ends: tests/test_scheduler.py",
    "main.py report": "writes files where it is asked to: tests/report/page/test_write.py",
    "main.py web": "never ends: tests/web/test_server.py",
    "main.py backfill": "asks Spotify: tests/test_main.py",
    "main.py backup": "writes outside of the lake: tests/cli/test_backup_commands.py",
    "main.py restore": "as backup",
    "main.py rollback": "needs a table with that version: tests/cli/test_backup_commands.py",
    "main.py verify": "needs a whole lake: tests/cli/test_backup_commands.py",
    "main.py purge": "deletes: tests/test_purge.py",
    "run_ingestion.py": "a run: tests/test_first_run.py, tests/test_run_ingestion.py",
    "make": "sets up .venv and runs everything: its targets are looked up here",
    "curl": "needs a page that is served; its addresses are looked up by tests/web/test_api.py",
    "docker-compose": "needs a Docker engine: .ci/containers; names are looked up here",
    "docker": "needs a Docker engine: .ci/containers",
    "git": "changes the checkout",
    "tar": "the system's own",
    "sudo": "needs another owner: tests/test_containers.py",
    "mkdir": "the system's own",
    "echo": "the system's own; what it pipes into is looked up here",
    "pyspark": "needs Apache Spark: .ci/containers",
    "pre-commit": "changes the checkout; the hooks are run by tests/test_contributing.py",
    "prek": "as pre-commit",
    "scripts/build_data_dictionary.py": "tests/schemas/test_tables.py",
    "scripts/populate_missing_features.py": "tests/scripts/test_feature_scripts.py",
    "scripts/generate_synthetic_audio_features.py": "tests/scripts/test_feature_scripts.py",
    "scripts/build_silver_listening_with_features.py": "tests/scripts/test_feature_scripts.py",
    "bench/synthetic_quality.py": "takes a catalogue and a minute",
    "docs/listening_study.py": "tests/test_real_data.py",
    "-m": "minutes to hours: the module and its flags are looked up here",
}
"""The first words of commands that no test here runs, and why."""


def tokens_of(document: Path) -> list[Token]:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.parse(document.read_text("utf-8"))


def inline_of(tokens: Iterable[Token], kind: str) -> Iterator[Token]:
    """Return the tokens of a kind that stand in running text and tables."""
    for token in tokens:
        yield from (child for child in token.children or () if child.type == kind)


def rows_under(document: Path, heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, as they are written."""
    rows: list[list[str]] = []
    is_under, before = False, ""
    for token in tokens_of(document):
        if before == "heading_open":
            is_under = token.content == heading
        elif token.type == "tr_open" and is_under:
            rows.append([])
        elif token.type == "inline" and is_under and before in ("th_open", "td_open"):
            rows[-1].append(token.content)
        elif token.type == "table_close" and is_under:
            return rows[1:]
        before = token.type
    raise AssertionError(f"{document.name} has no table under {heading!r}")


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def words_of(command: str) -> list[str]:
    """Return a command's words, less comments, settings before it, and the interpreter."""
    words = shlex.split(command.removeprefix("$ "), comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words[1:] if words and words[0] in PYTHON else words


def blocks(document: Path) -> list[str]:
    """Return the commands of a document's blocks of code."""
    found: list[str] = []
    for token in tokens_of(document):
        if token.type == "fence" and token.info in ("sh", "console"):
            lines = token.content
            if token.info == "console":  # the commands, not what they print
                lines = "\n".join(re.findall(r"^\$ (.*(?:\n    .*)*)", lines, re.MULTILINE))
                found.append(lines)
                continue
            found += [line for line in lines.splitlines() if words_of(line)]
    return found


def commands_of(document: Path) -> list[str]:
    """Return every command of a document: in blocks, and in the text where one is recognised."""
    text = [token.content for token in inline_of(tokens_of(document), "code_inline")]
    starts = (*PYTHON, "main.py", "run_ingestion.py", "make", "docker-compose")
    documented = [each for each in text if each.split(" ")[0] in starts]
    return blocks(document) + [each for each in documented if words_of(each)]


ALL_COMMANDS = sorted({(each.name, one) for each in DOCUMENTS for one in commands_of(each)})


def flags_of(command: typer.Typer, *arguments: str) -> str:
    shown = CliRunner().invoke(command, [*arguments, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    return shown.output


def are_known_flags(words: list[str], known: str) -> None:
    for word in words:
        if word.startswith("--") and word != "--help":
            assert re.search(rf"{word.split('=')[0]}\b", known), word


@pytest.mark.parametrize(("document", "command"), ALL_COMMANDS)
def test_what_a_command_names_exists(document: str, command: str) -> None:
    words = words_of(command)
    for later in (words[place + 1 :] for place, word in enumerate(words) if word == "|"):
        words = later
    first = words[0]
    if first == "main.py" and len(words) > 1 and not words[1].startswith("-"):
        assert words[1] in {*COMMANDS, *GROUPS}
        if words[1] in GROUPS:
            assert words[2] in GROUPS[words[1]]
            are_known_flags(words[3:], flags_of(main.app, *words[1:3]))
        elif words[1] != "run-once":
            are_known_flags(words[2:], flags_of(main.app, words[1]))
    elif first == "main.py":
        are_known_flags(words[1:], flags_of(main.app))
    elif first == "run_ingestion.py":
        are_known_flags(words[1:], flags_of(run_ingestion.app))
    elif first == "make" and len(words) > 1 and shutil.which("make"):
        done = subprocess.run(
            ["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    elif first == "docker-compose":
        named = {each for each in words if re.match(r"(spotify|spark)-", each)}
        assert named <= SERVICES.keys()
        profiles = {word for service in SERVICES.values() for word in service.get("profiles", ())}
        for place, word in enumerate(words):
            if word == "--profile":
                assert words[place + 1] in profiles
    elif first == "-m":
        module = importlib.util.find_spec(words[1])
        assert module is not None and module.origin is not None, words[1]
        source = Path(module.origin).read_text("utf-8")
        for word in words[2:]:
            if word.startswith("--"):
                assert word in source or f"{word[2:]}: Annotated" in source, word


@pytest.mark.parametrize("command", sorted({command for _, command in ALL_COMMANDS}))
def test_every_command_is_run_by_a_test_or_there_is_a_reason(command: str) -> None:
    words = words_of(command)

    is_run = words[0] == "main.py" and {*words[1:2]} <= RUN_ON_A_LAKE
    assert is_run or {words[0], " ".join(words[:2])} & NOT_RUN.keys(), command


@pytest.fixture
def small_lake(tmp_path: Path, clean_environment: None) -> Path:
    put(tmp_path, LISTENING_WITH_FEATURES, [play(at(1)), play(at(2))])
    put(tmp_path, TRACKS, [track(plays=2)])
    put(tmp_path, PIPELINE_RUNS, [step("silver.tracks", at(3))])
    put(tmp_path, UNIFIED_TRACKS, [known_track("Song", counted_plays=2)])
    for table in (MOOD_CLUSTERS, WELLBEING_INDICATORS):
        put(tmp_path, table, [])
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        command
        for command in sorted({one for _, one in ALL_COMMANDS})
        if words_of(command)[0] == "main.py"
        and {*words_of(command)[1:2]} & RUN_ON_A_LAKE
        and not {*words_of(command)[2:3]} & ASK_SPOTIFY
    ],
)
def test_commands_run_as_they_are_written(command: str, small_lake: Path) -> None:
    words = words_of(command.split(" < ")[0])

    done = CliRunner().invoke(
        main.app,
        words[1:],
        input="FROM silver.tracks",  # what `sql` without a query reads
        env={"DATA_DIR": str(small_lake), "ENRICH": "none"},
    )

    assert done.exit_code == 0, done.output


def test_every_setting_has_its_row_and_every_row_is_a_setting() -> None:
    rows = rows_under(GUIDE, "Settings")
    documented = [name for row in rows for name in names_in(row[0])]
    documented += [name for row in rows for name in re.findall(r"`(SPOTIFY_[A-Z_]+)`", row[2])]
    settings: set[str] = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [name]
        settings |= {str(each).upper() for each in choices}

    settings -= {"SPARK_DRIVER_MEMORY"}  # an older name of MEMORY_LIMIT, named in the text
    assert sorted(documented) == sorted(settings)


def test_every_command_has_its_row_and_every_row_is_a_command() -> None:
    documented = [names_in(row[0])[0].split()[1] for row in rows_under(GUIDE, "Commands")]

    assert sorted(documented) == sorted([*map(str, COMMANDS), *GROUPS])


def test_every_exit_code_has_its_row_and_every_row_is_an_exit_code() -> None:
    documented = [int(row[0]) for row in rows_under(GUIDE, "Exit codes of a run")]

    assert documented == list(ExitCode)


def test_every_target_of_make_has_its_row() -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    targets = {line.split()[1] for line in listed.splitlines()}
    documented = {each for row in rows_under(GUIDE, "On a laptop") for each in names_in(row[0])}

    assert {f"make {each}" for each in targets - {"help", "setup"}} <= documented


def test_every_table_has_its_heading() -> None:
    headings = [
        token.content.strip("`")
        for before, token in pairwise(tokens_of(ROOT / "docs/DATA_DICTIONARY.md"))
        if before.type == "heading_open"
    ]

    assert set(headings) >= {table.full_name for table in ALL_TABLES}


def test_tables_that_documents_name_exist() -> None:
    for document in DOCUMENTS:
        for token in inline_of(tokens_of(document), "code_inline"):
            for name in re.findall(r"^(?:bronze|silver|gold|ops)\.[a-z_]+$", token.content):
                assert name in BY_NAME, f"{document.name}: {name}"


def test_every_table_of_gold_and_ones_people_ask_are_in_the_readme() -> None:
    documented = {
        name for row in rows_under(ROOT / "README.md", "Ask the lake") for name in names_in(row[0])
    }

    assert {table.full_name for table in ALL_TABLES if table.layer == "gold"} <= documented


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_links_lead_somewhere(document: Path) -> None:
    for token in inline_of(tokens_of(document), "link_open"):
        target = str(token.attrs["href"])
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = document.parent / name if name else document
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


def test_files_that_contributors_are_sent_to_exist() -> None:
    text = [each.content for each in inline_of(tokens_of(DOCUMENTS[1]), "code_inline")]
    named = [
        each
        for each in text
        if each != "__init__.py" and re.fullmatch(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(py|md)", each)
    ]

    assert len(named) > 20
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_every_package_is_on_the_contributors_map() -> None:
    documented = {
        name.strip("/")
        for row in rows_under(DOCUMENTS[1], "Where things are")
        for name in names_in(row[0])
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages <= documented


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", token.content.lower()).replace(" ", "-")
        for before, token in pairwise(tokens_of(document))
        if before.type == "heading_open"
    }
