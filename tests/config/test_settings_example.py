"""The example of settings lists each at its default."""

import itertools
from pathlib import Path

import pytest
from dotenv import dotenv_values

from config.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def environment(clean_environment: None) -> None:
    """No setting but those of the example."""


def test_the_example_lists_every_setting_at_its_default(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    # Each setting has its comment right above.
    for before, line in itertools.pairwise(lines):
        assert not is_setting(line) or before.startswith("# ")

    in_force = tmp_path / "in_force.env"
    in_force.write_text(
        "\n".join(line.removeprefix("#") if is_setting(line) else line for line in lines),
        encoding="utf-8",
    )

    assert list(dotenv_values(in_force)) == [name.upper() for name in Settings.model_fields]
    assert Settings(_env_file=in_force) == Settings(_env_file=None)


def test_no_line_of_the_example_is_in_force() -> None:
    assert dotenv_values(EXAMPLE) == {}


def is_setting(line: str) -> bool:
    """Return whether a line is a setting that is commented out: comments have a space."""
    return line.startswith("#") and not line.startswith("# ")


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Settings(_env_file=None)
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert Settings(_env_file=None) == expected
