import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clients.auth.token_file import TOKEN_FILE, TokenFile, Tokens
from clients.errors import SignInError
from tests.clients.conftest import NOW

TOKENS = Tokens("access-1", "refresh-1", NOW, "user-top-read", consented_at=NOW)


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "a folder that is not there yet")
    assert not file.exists()
    assert file.read() is None

    file.write(TOKENS)

    assert file.exists()
    assert file.read() == TOKENS


def test_nobody_else_may_read_it_from_the_first_byte_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generous_umask: None
) -> None:
    seen: list[set[int]] = []
    fsync = os.fsync

    def look_and_sync(descriptor: int) -> None:
        seen.append(modes(tmp_path))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look_and_sync)
    TokenFile(tmp_path).write(TOKENS)

    assert seen == [{0o600}, {0o600}]
    assert modes(tmp_path) == {0o600}


def test_a_failed_write_leaves_the_tokens_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TokenFile(tmp_path)
    file.write(TOKENS)

    def disk_is_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_is_full)
    with pytest.raises(SignInError, match=r"cannot be written \(No space left on device\)"):
        file.write(replace(TOKENS, access_token="access-2"))

    assert file.read() == TOKENS
    assert [each.name for each in tmp_path.iterdir()] == [TOKEN_FILE]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"access_token": "secret-1"}', "\0\0"])
def test_a_damaged_file_is_one_line_that_names_the_cure(tmp_path: Path, content: str) -> None:
    (tmp_path / TOKEN_FILE).write_text(content)

    with pytest.raises(SignInError) as caught:
        TokenFile(tmp_path).read()

    message = str(caught.value)
    assert message.startswith(f"{tmp_path / TOKEN_FILE} is damaged: delete it")
    assert "python main.py login" in message
    assert "\n" not in message
    assert "secret" not in message


def test_a_file_of_a_later_release_is_read(tmp_path: Path) -> None:
    file = TokenFile(tmp_path)
    file.write(TOKENS)
    path = tmp_path / TOKEN_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": 1}))

    assert file.read() == TOKENS


def test_tokens_do_not_show_themselves() -> None:
    assert "access-1" not in repr(TOKENS)
    assert "refresh-1" not in str(TOKENS)
