"""Where rules come from, and how a person names one."""

from pathlib import Path

import pytest

from playlists.rule_files import EXAMPLES, find_rule, read_rule, rule_files, rule_folders
from playlists.rules import RuleError

EXAMPLE_NAMES = [
    "calm-evening",
    "most-played",
    "never-played",
    "recently-added",
    "rediscover",
    "skipped-too-often",
]


def put(path: Path, text: str = '{"all": [{"gt": {"plays": 1}}]}') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folders: list[Path], name: str) -> str:
    with pytest.raises(RuleError) as error:
        find_rule(folders, name)
    return str(error.value)


def test_rules_that_come_along_are_found_without_a_folder(tmp_path: Path) -> None:
    found = rule_files(rule_folders(tmp_path))

    assert [each.slug for each in found] == EXAMPLE_NAMES
    assert all(each.comes_along and each.read().comment for each in found)


def test_a_persons_file_goes_before_one_of_the_same_name(tmp_path: Path) -> None:
    own = put(tmp_path / "playlists" / "most-played.yaml", "all: [{gt: {plays: 1}}]\nname: Mine")
    put(tmp_path / "playlists" / "ästhetik 1.NSP")
    put(tmp_path / "playlists" / "notes.txt", "no rule")
    put(tmp_path / "playlists" / ".hidden.nsp", "no rule")
    folders = rule_folders(tmp_path)

    assert [each.slug for each in rule_files(folders)] == sorted([*EXAMPLE_NAMES, "ästhetik 1"])
    assert find_rule(folders, "most-played").source == str(own)


@pytest.mark.parametrize("name", ["one", "ONE", "one.nsp", "The First ", "the first"])
def test_a_rule_is_named_by_its_file_or_its_own_name(tmp_path: Path, name: str) -> None:
    put(
        tmp_path / "playlists" / "one.nsp",
        '{"name": "The First", "all": [{"gt": {"plays": 1}}]}',
    )

    assert find_rule(rule_folders(tmp_path), name).slug == "one"


def test_a_rule_is_named_by_its_path(tmp_path: Path) -> None:
    path = put(tmp_path / "elsewhere" / "rule.json")

    assert find_rule([], str(path)).slug == "rule"


def test_a_wrong_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    folders = rule_folders(tmp_path)

    assert wrong(folders, "mostplayed") == (
        "mostplayed: there is no such rule: the nearest is most-played"
    )
    assert wrong(folders, "qqq").startswith("qqq: there is no such rule: there are calm-evening, ")


def test_two_rules_of_one_name_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "playlists"
    for name in ("a", "b"):
        put(folder / f"{name}.nsp", '{"name": "Same", "all": [{"gt": {"plays": 1}}]}')

    assert wrong([folder], "same") == f"same: {folder}/a.nsp and {folder}/b.nsp have that name"
    put(folder / "a.yml", "all: [{gt: {plays: 1}}]")
    assert wrong([folder], "b") == f"{folder}/a.yml: a.nsp has the same name: rename one"


def test_a_file_that_is_wrong_hinders_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "playlists"
    put(folder / "broken.nsp", "{")
    put(folder / "named.nsp", '{"name": "Whole", "all": [{"gt": {"plays": 1}}]}')

    assert find_rule([folder], "whole").slug == "named"


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("x.nsp", b'{"all": [\n  {]', "line 2, column 4: no JSON: Expecting property name"),
        # Places are those of the file, comments and all.
        ("x.json", b"// one\n/* two\n*/ {", "line 3, column 5: no JSON: Expecting property name"),
        ("x.nsp", b"", "line 1, column 1: no JSON: Expecting value"),
        ("x.nsp", b'{"all": 1, "all": 2}', "all stands twice in one object: write two objects"),
        ("x.nsp", b"[" * 100_000, "no JSON: brackets stand too deep"),
        ("x.nsp", b"[" * 110_000, "is longer than 100 KB, which no rule is"),
        ("x.nsp", "{'ä'}".encode("latin-1"), "is not in UTF-8: save it as such"),
        ("x.yaml", b"all: [\n", "line 2, column 1: no YAML: "),
        ("x.yaml", b"all: !!python/object:os.system {}", "line 1, column 6: no YAML: "),
        ("x.yaml", b"[" * 20_000, "no YAML: brackets stand too deep"),
        ("x.yaml", b"- " * 10_000, "no YAML: "),
        ("x.yaml", b"just words", "a rule is an object with the key all or any"),
        ("x.yaml", b"all: [{gt: {plays: 2024-13-45}}]", "no YAML: month must be in 1..12"),
    ],
)
def test_a_file_that_is_none_is_one_line(
    tmp_path: Path, name: str, content: bytes, line: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(RuleError) as error:
        read_rule(path)
    assert str(error.value).startswith(f"{path}: {line}")


def test_yaml_that_grows_when_it_is_read_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [{gt: {plays: 1}}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'{{all: *a{n - 1}}}'] * 9)}]" for n in range(1, 12)]
    path = put(tmp_path / "x.yaml", "\n".join([*lines, "all: *a11"]))

    with pytest.raises(RuleError, match="there is no key a0"):
        read_rule(path)


def test_the_rules_that_come_along_are_here() -> None:
    assert {each.stem for each in EXAMPLES.iterdir()} == set(EXAMPLE_NAMES)
