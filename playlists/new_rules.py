"""Writes new rules into files, none over another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.file_names import plain_file_name
from config.settings import SettingsError
from playlists.rule_files import MOST_BYTES, rule_files, rule_folders


def rule_text(rule: Mapping[str, Any]) -> str:
    """Return a rule as its file holds it."""
    return json.dumps(rule, ensure_ascii=False, indent=1) + "\n"


def keep_rule(data_dir: Path, name: str, rule: Mapping[str, Any]) -> str:
    """Write a rule into a new file and return the file's name without its suffix.

    Raises SettingsError where there is one of that name already, or it cannot be written.
    """
    slug = plain_file_name(name)
    if not slug:
        raise SettingsError("give the rule a name")
    text = rule_text(rule)
    if len(text.encode()) > MOST_BYTES:
        raise SettingsError(f"a rule of {len(text):,} letters is too long: choose fewer tracks")
    folders = rule_folders(data_dir)
    path = folders[0] / f"{slug}.nsp"
    taken = SettingsError(f"there is a rule {slug} already: give another name")
    if slug.casefold() in {each.slug.casefold() for each in rule_files(folders)}:
        raise taken
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror})") from None
    return slug
