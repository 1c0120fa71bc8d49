"""The folder of a lake is its owner's alone, whatever makes it first."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.messages import keep_traceback
from clients.auth.token_file import TOKEN_FILE, TokenFile, Tokens
from config.folders import make_private_folder
from config.settings import Settings
from web.password import SECRET_FILE, session_key
from writers.lake_lock import lake_lock


@pytest.fixture(autouse=True)
def of_a_person(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not in a container, with the mask of most systems."""
    monkeypatch.setattr("config.desktop.CONTAINER_MARKS", ())
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def lock(data_dir: Path) -> None:
    with lake_lock(data_dir):
        pass


def sign_in(data_dir: Path) -> None:
    TokenFile(data_dir).write(Tokens("a", "r", datetime.now(UTC), ""))
    assert mode(data_dir / TOKEN_FILE) == 0o600


def renew(data_dir: Path) -> None:
    with TokenFile(data_dir).alone():
        pass


def serve(data_dir: Path) -> None:
    session_key(Settings(_env_file=None, data_dir=data_dir))
    assert mode(data_dir / SECRET_FILE) == 0o600


def fail(data_dir: Path) -> None:
    keep_traceback(data_dir, "run", ValueError("x"))


@pytest.mark.parametrize("first", [lock, sign_in, renew, serve, fail], ids=lambda f: f.__name__)
def test_whatever_makes_it_the_folder_is_private(first, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first(tmp_path / "new" / "data")

    assert mode(tmp_path / "new") == 0o700
    assert mode(tmp_path / "new" / "data") == 0o700


def test_the_simulated_accounts_lake_leaves_the_folder_above_private(tmp_path: Path) -> None:
    lock(tmp_path / "data" / "demo")

    assert mode(tmp_path / "data") == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """A person may share it on purpose, as between a container and the host."""
    (tmp_path / "data").mkdir(mode=0o750)

    lock(tmp_path / "data")

    assert mode(tmp_path / "data") == 0o750


def test_in_a_container_the_host_reads_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.desktop.CONTAINER_MARKS", (tmp_path,))

    make_private_folder(tmp_path / "data")

    assert mode(tmp_path / "data") == 0o755
