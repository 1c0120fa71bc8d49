"""The example of settings lists each at its default."""

import itertools
import re
from pathlib import Path

import pytest

from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_lists_every_setting_at_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = dict(re.findall(r"^#([A-Z_]+)=(.*)$", "\n".join(lines), flags=re.MULTILINE))
    assert list(listed) == [name.upper() for name in Settings.model_fields]
    # No line is in force, and each setting has its comment right above.
    assert all(line == "" or line.startswith("#") for line in lines)
    for before, line in itertools.pairwise(lines):
        assert not re.match(r"#[A-Z_]+=", line) or before.startswith("# ")

    written = {name: value for name, value in listed.items() if value}
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    default = Settings(_env_file=None)
    for name, value in written.items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == default


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Settings(_env_file=None)
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert Settings(_env_file=None) == expected
