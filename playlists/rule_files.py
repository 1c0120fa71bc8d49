"""Where rules come from: files in ``DATA_DIR/playlists``, and those that come along.

A person's file goes before one that comes along under the same name.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

from playlists.nearest import nearest
from playlists.rules import Rule, RuleError, parse_rule

FOLDER = "playlists"
"""In ``DATA_DIR``."""

EXAMPLES = Path(__file__).parent / "examples"
SUFFIXES = (".nsp", ".json", ".yaml", ".yml")
MOST_BYTES = 100 * 1024  # as in Navidrome
_DEEPEST = 100
# Comments, and texts, which may hold what looks like one.
_COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True)
class RuleFile:
    """A file of a rule; ``slug`` is its name without suffix."""

    slug: str
    path: Path

    @property
    def comes_along(self) -> bool:
        return self.path.parent == EXAMPLES

    def read(self) -> Rule:
        """Return the rule; raises RuleError."""
        return read_rule(self.path)


def rule_folders(*data_dirs: Path) -> list[Path]:
    """Return the folders of rules of these lakes, each once, and of those that come along."""
    return [*dict.fromkeys(each / FOLDER for each in data_dirs), EXAMPLES]


def rule_files(folders: Iterable[Path]) -> list[RuleFile]:
    """Return the files of rules in the order of their names; of one name those found first.

    Raises RuleError where one folder has two files of a name.
    """
    found: dict[str, RuleFile] = {}
    for folder in folders:
        here: dict[str, RuleFile] = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
                if path.stem in here:
                    other = here[path.stem].path.name
                    raise RuleError(str(path), "", f"{other} has the same name: rename one")
                here[path.stem] = RuleFile(path.stem, path)
        found = {**here, **found}
    return [found[slug] for slug in sorted(found)]


def find_rule(folders: Sequence[Path], name: str) -> Rule:
    """Return the rule that a person named: a path, a file's name without suffix, or its own name.

    Raises RuleError.
    """
    path = Path(name)
    if path.suffix.lower() in SUFFIXES and path.is_file():
        return read_rule(path)
    files = rule_files(folders)
    plain = name.strip().lower()
    for each in files:
        if plain in (each.slug.lower(), each.path.name.lower()):
            return each.read()
    named = [rule for rule in read_rules(files)[0] if rule.name.lower() == plain]
    if len(named) > 1:
        raise RuleError(name, "", f"{' and '.join(each.source for each in named)} have that name")
    if named:
        return named[0]
    raise RuleError(
        name, "", f"there is no such rule: {nearest(name, [each.slug for each in files])}"
    )


def read_rules(files: Iterable[RuleFile]) -> tuple[list[Rule], list[RuleError]]:
    """Return the rules that can be used, and what is wrong with the others."""
    rules: list[Rule] = []
    errors: list[RuleError] = []
    for each in files:
        try:
            rules.append(each.read())
        except RuleError as error:
            errors.append(error)
    return rules, errors


def read_rule(path: Path) -> Rule:
    """Return the rule of a file; raises RuleError, which names the file."""
    source = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RuleError(source, "", f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise RuleError(source, "", "is not in UTF-8: save it as such") from None
    if len(content) > MOST_BYTES:
        raise RuleError(source, "", f"is longer than {MOST_BYTES // 1024} KB, which no rule is")
    is_yaml = path.suffix.lower() in (".yaml", ".yml")
    data = _yaml(text, source) if is_yaml else _json(text, source)
    return parse_rule(data, path.stem, source)


def _json(text: str, source: str) -> Any:
    """Return the value of JSON, which may have comments as in JavaScript."""
    # As long as they were, so that lines and columns of messages are those of the file.
    bare = _COMMENT.sub(lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]), text)
    try:
        return json.loads(bare, object_pairs_hook=_each_once)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RuleError(source, place, f"no JSON: {error.msg}") from None
    except RecursionError:
        raise RuleError(source, "", "no JSON: brackets stand too deep") from None
    except ValueError as error:
        raise RuleError(source, "", str(error)) from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            _stands_twice(name)
    return dict(pairs)


def _stands_twice(name: str) -> NoReturn:
    raise ValueError(f"{name} stands twice in one object: write two objects")


def _yaml(text: str, source: str) -> Any:
    import yaml  # most rules are JSON

    # Its reader takes the square of the time for brackets within brackets.
    steps = (1 if each in "[{" else -1 for each in text if each in "[]{}")
    if max(accumulate(steps), default=0) > _DEEPEST:
        raise RuleError(source, "", "no YAML: brackets stand too deep")
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise RuleError(source, place, f"no YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise RuleError(source, "", f"no YAML: {lines[0]}") from None
